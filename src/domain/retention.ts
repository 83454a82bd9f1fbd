/**
 * How long the rows of mails that have ended are kept. The ledger keeps them in parts, a month
 * each, and forgets a month at a time. Months are those of UTC.
 */

import { DAY } from './time.ts'

/** Days that the rows of mails are kept. */
export interface Retention {
  /** Of an inspiration, and of what answers a request (PASSING): after its date. */
  readonly passingDays: number
  /** Of all else: after the end of its enrollment. */
  readonly endedDays: number
}

export const RETENTION_DAYS: Retention = { passingDays: 90, endedDays: 365 }

/** Months that have a part ahead of time, beside the present one. */
const AHEAD = 2

const dateAt = (now: Temporal.Instant) => now.toZonedDateTimeISO('UTC').toPlainDate()

/** The present month, and those after it for which there should be room by now. */
export function monthsAhead(now: Temporal.Instant): Temporal.PlainYearMonth[] {
  const present = dateAt(now).toPlainYearMonth()
  return Array.from({ length: AHEAD + 1 }, (_, months) => present.add({ months }))
}

export const firstOf = (month: Temporal.PlainYearMonth) => month.toPlainDate({ day: 1 })

/** The instant at which a month begins. */
export const beginOf = (month: Temporal.PlainYearMonth) =>
  firstOf(month).toZonedDateTime('UTC').toInstant()

/** The first date on which nothing of a month of passing mails is wanted any more. */
export const passingUntil = (month: Temporal.PlainYearMonth, { passingDays }: Retention) =>
  firstOf(month.add({ months: 1 })).add({ days: passingDays })

/** The first date on which nothing of a month of enrollments may be wanted any more. */
export const keptUntil = (month: Temporal.PlainYearMonth, { endedDays }: Retention) =>
  firstOf(month.add({ months: 1 })).add({ days: endedDays })

/** Whether a date has come. */
export const hasBegun = (date: Temporal.PlainDate, now: Temporal.Instant) =>
  Temporal.PlainDate.compare(date, dateAt(now)) <= 0

/**
 * All passing mails of this date and of later ones are kept; the months before are over. `from`:
 * where the ledger begins, if that is known. It may have kept less before than it does now.
 */
export function passingSince(
  now: Temporal.Instant,
  { passingDays }: Retention,
  from: Temporal.PlainDate | null = null,
): Temporal.PlainDate {
  const since = firstOf(dateAt(now).subtract({ days: passingDays }).toPlainYearMonth())
  return from && Temporal.PlainDate.compare(from, since) > 0 ? from : since
}

/** The rows of an enrollment that ended before this are over. */
export const endedSince = (now: Temporal.Instant, { endedDays }: Retention) =>
  now.subtract({ hours: 24 * endedDays })

/**
 * Whether the row of a mail that is not there may have been dropped: its id begins with its time.
 * `since`: all passing mails from then on are kept.
 */
export function mayBeDropped(
  id: string,
  now: Temporal.Instant,
  { retention, since }: { readonly retention: Retention; readonly since: Temporal.PlainDate },
): boolean {
  const at = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)
  const days = Math.min(retention.passingDays, retention.endedDays)
  return (
    at < now.epochMilliseconds - days * DAY ||
    at < since.toZonedDateTime('UTC').toInstant().epochMilliseconds
  )
}
