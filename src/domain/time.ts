import { openMemo } from './memo.ts'

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/**
 * Returns the present instant. Made once, in the composition root; the domain takes `now` as an
 * argument.
 */
export type Clock = () => Temporal.Instant

export const isBefore = (a: Temporal.Instant, b: Temporal.Instant) =>
  Temporal.Instant.compare(a, b) < 0
export const isAfter = (a: Temporal.Instant, b: Temporal.Instant) =>
  Temporal.Instant.compare(a, b) > 0

/** Returns the local date in `zone` at `instant`, which must be after 1972. */
export const dateIn = (zone: string, instant: Temporal.Instant): Temporal.PlainDate =>
  dates(`${zone} ${Math.floor(instant.epochMilliseconds / MINUTE)}`, () =>
    instant.toZonedDateTimeISO(zone).toPlainDate(),
  )
/**
 * A morning asks for the same date thousands of times. Since 1972 all UTC offsets are whole
 * minutes, so dates change on the minute.
 */
const dates = openMemo<Temporal.PlainDate>()

/**
 * Returns the IANA zone `name` in its canonical spelling, or null.
 *
 * Aliases stay as chosen (Europe/Kyiv stays Europe/Kyiv), except the many names of UTC, which
 * browsers give that hide their location. Fixed offsets and Etc/GMT+3, whose sign is inverted, are
 * not zones a person lives in (standards.md G2, G3).
 */
export function canonicalZone(name: string): string | null {
  if (name.length > 64 || !/^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(name)) return null
  if (/^Etc\/GMT[+-]0*[1-9]/i.test(name)) return null
  try {
    const zone = new Temporal.ZonedDateTime(0n, name)
    return zone.equals(IN_UTC) ? 'UTC' : zone.timeZoneId
  } catch {
    return null
  }
}
const IN_UTC = new Temporal.ZonedDateTime(0n, 'UTC')

/** The later of two dates. */
export const latest = (a: Temporal.PlainDate, b: Temporal.PlainDate) =>
  Temporal.PlainDate.compare(a, b) > 0 ? a : b
