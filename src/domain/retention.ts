/**
 * How long the rows of ended mails are kept. The ledger keeps them in monthly partitions and drops
 * a month at a time. Months are in UTC.
 */

import { DAY } from './time.ts'

/** Days for which the rows of mails are kept. */
export interface Retention {
  /** For an inspiration, and for what answers a request (PASSING): from its date. */
  readonly passingDays: number
  /** For all others: from the end of their enrollment. */
  readonly endedDays: number
}

export const RETENTION_DAYS: Retention = { passingDays: 90, endedDays: 365 }

/** Months after the present one that have a partition in advance. */
const MONTHS_AHEAD = 2

const dateAt = (now: Temporal.Instant) => now.toZonedDateTimeISO('UTC').toPlainDate()

/** Returns the present month and the following ones that should have a partition by now. */
export function monthsAhead(now: Temporal.Instant): Temporal.PlainYearMonth[] {
  const present = dateAt(now).toPlainYearMonth()
  return Array.from({ length: MONTHS_AHEAD + 1 }, (_, months) => present.add({ months }))
}

export const firstDayOf = (month: Temporal.PlainYearMonth) => month.toPlainDate({ day: 1 })

/** The instant at which a month begins. */
export const startOfMonth = (month: Temporal.PlainYearMonth) =>
  firstDayOf(month).toZonedDateTime('UTC').toInstant()

/** Returns the first date on which nothing in a month of passing mails is needed. */
export const passingUntil = (month: Temporal.PlainYearMonth, { passingDays }: Retention) =>
  firstDayOf(month.add({ months: 1 })).add({ days: passingDays })

/** Returns the first date on which possibly nothing in a month of enrollments is needed. */
export const keptUntil = (month: Temporal.PlainYearMonth, { endedDays }: Retention) =>
  firstDayOf(month.add({ months: 1 })).add({ days: endedDays })

/** Whether a date has come. */
export const hasBegun = (date: Temporal.PlainDate, now: Temporal.Instant) =>
  Temporal.PlainDate.compare(date, dateAt(now)) <= 0

/**
 * Returns the date from which all passing mails are kept; the months before are over. `from` is
 * where the ledger begins, if known: it may have kept less before than it does now.
 */
export function passingSince(
  now: Temporal.Instant,
  { passingDays }: Retention,
  from: Temporal.PlainDate | null = null,
): Temporal.PlainDate {
  const since = firstDayOf(dateAt(now).subtract({ days: passingDays }).toPlainYearMonth())
  return from && Temporal.PlainDate.compare(from, since) > 0 ? from : since
}

/** Rows of an enrollment that ended before this instant are no longer kept. */
export const endedSince = (now: Temporal.Instant, { endedDays }: Retention) =>
  now.subtract({ hours: 24 * endedDays })

/**
 * Whether the row of a missing mail may have been dropped, judged by the time that its id begins
 * with. All passing mails from `since` on are kept.
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
