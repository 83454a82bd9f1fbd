/**
 * When mail is due. Everything here works on local dates and converts to instants last: "the next day" is
 * the next date on the subscriber's calendar, never 24 hours on (standards.md G4, G5).
 *
 * At the edges of a day: a time the clocks skip is moved forward by the length of the gap (02:30 becomes
 * 03:30); of a time the clocks repeat, the first is taken; a date that a zone left out altogether
 * (Pacific/Apia 2011-12-30) has no morning.
 */
import type { Rhythm, Weekday } from './rhythm.ts'
import { dateIn, isAfter, isBefore } from './time.ts'

/** One morning of a subscriber: the local date, the instant mail is due, and the instant the window closes. */
export interface Morning {
  readonly on: Temporal.PlainDate
  readonly at: Temporal.Instant
  /** Mail goes out before this instant or not on this date at all (I7). */
  readonly until: Temporal.Instant
}

const LATEST = Temporal.PlainTime.from('21:00')
/** Nobody waits longer than this for an allowed weekday, however the zone may skip dates. */
const HORIZON_DAYS = 21

/** The morning on date `on`, or null when its weekday is not chosen or the zone has no such date. */
export function morningOn(rhythm: Rhythm, on: Temporal.PlainDate): Morning | null {
  if (!rhythm.weekdays.includes(on.dayOfWeek as Weekday)) return null
  const due = on.toZonedDateTime({ timeZone: rhythm.zone, plainTime: rhythm.time })
  if (!due.toPlainDate().equals(on)) return null
  return { on, at: due.toInstant(), until: windowEnd(rhythm, on, due) }
}

/**
 * The lateness limit: 21:00 on the same local day; for someone who reads in the evening an hour after the
 * chosen time; never past local midnight.
 */
function windowEnd(rhythm: Rhythm, on: Temporal.PlainDate, due: Temporal.ZonedDateTime): Temporal.Instant {
  const nine = on.toZonedDateTime({ timeZone: rhythm.zone, plainTime: LATEST })
  const hourLater = due.add({ hours: 1 })
  const midnight = on.add({ days: 1 }).toZonedDateTime(rhythm.zone)
  const later = Temporal.ZonedDateTime.compare(nine, hourLater) > 0 ? nine : hourLater
  return (Temporal.ZonedDateTime.compare(later, midnight) < 0 ? later : midnight).toInstant()
}

/** The first morning on or after date `from` that is still open at `now`: due already or yet to come. */
export function morningFrom(rhythm: Rhythm, from: Temporal.PlainDate, now: Temporal.Instant): Morning {
  const today = dateIn(rhythm.zone, now)
  const start = Temporal.PlainDate.compare(from, today) > 0 ? from : today
  for (let days = 0; days <= HORIZON_DAYS; days++) {
    const morning = morningOn(rhythm, start.add({ days }))
    if (morning && isBefore(now, morning.until)) return morning
  }
  throw new RangeError(`no morning within ${HORIZON_DAYS} days of ${start} in ${rhythm.zone}`)
}

/** The first morning whose time is still ahead of `now`: today's when the chosen time has not passed. */
export function firstMorning(rhythm: Rhythm, now: Temporal.Instant): Morning {
  const today = dateIn(rhythm.zone, now)
  const morning = morningFrom(rhythm, today, now)
  return isAfter(morning.at, now) ? morning : morningFrom(rhythm, morning.on.add({ days: 1 }), now)
}
