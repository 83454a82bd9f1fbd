/**
 * When mail is due. Everything here works on local dates and converts to instants last: "the next
 * day" is the next date on the subscriber's calendar, never 24 hours later (standards.md G4, G5).
 *
 * At the edges of a day: a time that the clocks skip moves forward by the length of the gap (02:30
 * becomes 03:30), but not into the next date: if the last hour of a date is skipped (America/Nuuk,
 * each March), its last minute is used. Of a time that the clocks repeat, the first is used. A date
 * that a zone left out altogether (Pacific/Apia 2011-12-30) has no morning.
 */
import { openMemo } from './memo.ts'
import type { Rhythm, Weekday } from './rhythm.ts'
import { dateIn, isAfter, isBefore, latest } from './time.ts'

/**
 * One morning of a subscriber: the local date, the instant mail is due, and the instant the window
 * closes.
 */
export interface SendWindow {
  readonly on: Temporal.PlainDate
  readonly at: Temporal.Instant
  /** Mail leaves before this instant or not at all on this date (I7). */
  readonly until: Temporal.Instant
}

const LATEST_TIME = Temporal.PlainTime.from('21:00')
/** Dates searched for one that is allowed; a run of quiet dates counts as one. */
const HORIZON = 28

/**
 * Returns the morning on date `on`; null if its weekday is not chosen, it is quiet, or the zone has
 * no such date.
 */
export function morningOn(rhythm: Rhythm, on: Temporal.PlainDate): SendWindow | null {
  if (!rhythm.weekdays.includes(on.dayOfWeek as Weekday) || isQuiet(rhythm, on)) return null
  return timesOn(rhythm, on)
}

/**
 * Many people share a time and a zone, and finding the instants takes longer than everything else
 * in planning a mail.
 */
const known = openMemo<SendWindow | null>()

const timesOn = (rhythm: Rhythm, on: Temporal.PlainDate): SendWindow | null =>
  known(`${rhythm.time} ${rhythm.zone} ${on}`, () => {
    const due = dueOn(rhythm, on)
    return due.toPlainDate().equals(on)
      ? { on, at: due.toInstant(), until: windowEnd(rhythm, on, due) }
      : null
  })

/**
 * Returns the chosen time, or the last minute of the date if the clocks skip it and the rest of
 * that date.
 */
function dueOn({ time, zone }: Rhythm, on: Temporal.PlainDate): Temporal.ZonedDateTime {
  const due = on.toZonedDateTime({ timeZone: zone, plainTime: time })
  return due.toPlainDate().equals(on)
    ? due
    : on.add({ days: 1 }).toZonedDateTime(zone).subtract({ minutes: 1 })
}

/**
 * Returns the lateness limit: 21:00 on the same local day, or an hour after the chosen time if that
 * is later, but never past local midnight.
 */
function windowEnd(
  rhythm: Rhythm,
  on: Temporal.PlainDate,
  due: Temporal.ZonedDateTime,
): Temporal.Instant {
  const nine = on.toZonedDateTime({ timeZone: rhythm.zone, plainTime: LATEST_TIME })
  const hourLater = due.add({ hours: 1 })
  const midnight = on.add({ days: 1 }).toZonedDateTime(rhythm.zone)
  const later = Temporal.ZonedDateTime.compare(nine, hourLater) > 0 ? nine : hourLater
  return (Temporal.ZonedDateTime.compare(later, midnight) < 0 ? later : midnight).toInstant()
}

export const isQuiet = ({ quiet }: Rhythm, on: Temporal.PlainDate): boolean =>
  !!quiet &&
  Temporal.PlainDate.compare(quiet.from, on) <= 0 &&
  Temporal.PlainDate.compare(on, quiet.to) <= 0

/**
 * Returns the first date that may have a mail after one on date `on`, if the author leaves `gap`
 * days between them.
 */
export const dateAfter = ({ everyOther }: Rhythm, on: Temporal.PlainDate, gap = 1) =>
  on.add({ days: Math.max(gap, everyOther ? 2 : 1) })

/**
 * Returns the first morning on or after date `from` that is still open at `now`: due already or yet
 * to come.
 */
export function morningFrom(
  rhythm: Rhythm,
  from: Temporal.PlainDate,
  now: Temporal.Instant,
): SendWindow {
  let on = latest(from, dateIn(rhythm.zone, now))
  for (let dates = 0; dates <= HORIZON; dates++) {
    const morning = morningOn(rhythm, on)
    if (morning && isBefore(now, morning.until)) return morning
    on = (rhythm.quiet && isQuiet(rhythm, on) ? rhythm.quiet.to : on).add({ days: 1 })
  }
  throw new RangeError(`no morning within ${HORIZON} dates of ${from} in ${rhythm.zone}`)
}

/** Returns the first morning on or after date `from` whose time is still ahead of `now`. */
export function morningAhead(
  rhythm: Rhythm,
  from: Temporal.PlainDate,
  now: Temporal.Instant,
): SendWindow {
  const morning = morningFrom(rhythm, from, now)
  return isAfter(morning.at, now) ? morning : morningFrom(rhythm, morning.on.add({ days: 1 }), now)
}

/** Returns the first possible morning: today's if the chosen time has not passed. */
export const firstMorning = (rhythm: Rhythm, now: Temporal.Instant): SendWindow =>
  morningAhead(rhythm, dateIn(rhythm.zone, now), now)
