/**
 * What a zone's clocks show, worked out by addition from the list of its offsets: a second way to
 * the answers that src/domain/schedule.ts gets from Temporal. A wall time is a number, the
 * milliseconds since 1970 that it would be in UTC.
 */
export interface Stretch {
  readonly from: number
  readonly to: number
  readonly offset: number
}

/** The offsets of `zone` from 2025 to 2029, earliest first. */
export function stretchesOf(zone: string): Stretch[] {
  const stretches: Stretch[] = []
  let start = Temporal.ZonedDateTime.from(`2025-01-01T00:00[${zone}]`)
  for (;;) {
    const next = start.getTimeZoneTransition('next')
    const to = next && next.year < 2029 ? next.epochMilliseconds : Number.POSITIVE_INFINITY
    stretches.push({ from: start.epochMilliseconds, to, offset: start.offsetNanoseconds / 1e6 })
    if (!next || next.year >= 2029) return stretches
    start = next
  }
}

/**
 * The first instant at which the clocks show `wall`; of one they skip, the instant as long after
 * the gap began.
 */
export function instantShowing(stretches: readonly Stretch[], wall: number): number {
  const shown = stretches.find(
    ({ from, to, offset }) => wall - offset >= from && wall - offset < to,
  )
  const before = shown ?? stretches.findLast(({ to, offset }) => wall - offset >= to)
  if (!before) throw new RangeError('before the table begins')
  return wall - before.offset
}

/** What the clocks show at `instant`. */
export function wallAt(stretches: readonly Stretch[], instant: number): number {
  const current = stretches.find(({ from, to }) => instant >= from && instant < to)
  if (!current) throw new RangeError('before the table begins')
  return instant + current.offset
}
