/** Queries and changes of the ledger for a single reader. */
import { sql } from 'kysely'
import type { LastMail } from '../domain/controls.ts'
import { CLAIMABLE, READABLE, SENT_OR_MERGED, TRANSACTIONAL, WAITING } from '../domain/delivery.ts'
import type { SendWindow } from '../domain/schedule.ts'
import { isBefore } from '../domain/time.ts'
import { move } from './deliveries.ts'
import { idsOf as enrollmentsOf } from './enrollments.ts'
import { messageIdOf } from './message-id.ts'
import { SKIPPED_BY_READER } from './new-deliveries.ts'
import type { Db } from './postgres/sql.ts'
import { replyOf, serverOf } from './sendings.ts'

/**
 * Returns a subscriber's last mail in a series that has used up a date, also of an earlier
 * enrollment. A lesson that has not left or was skipped uses up none; an inspiration or a letter
 * belongs to its date, whatever became of it.
 */
export async function last(
  db: Db,
  { subscriber_id: subscriberId, series }: { subscriber_id: string; series: string },
  now: Temporal.Instant,
): Promise<LastMail | null> {
  const row = await db
    .selectFrom('deliveries')
    .select(['local_date', 'due_at', 'until', 'sent_at', 'status'])
    .where('enrollment_id', 'in', enrollmentsOf(db, { subscriberId, series }))
    .where(({ eb, or, and }) =>
      or([
        eb('kind', 'in', ['inspiration', 'letter']),
        and([eb('kind', '=', 'lesson'), eb('status', 'not in', [...WAITING, 'skipped'])]),
      ]),
    )
    .orderBy('due_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!row) return null
  const resent = row.status === 'unknown' && isBefore(now, row.until)
  const leaving = row.status === 'sending' || resent
  return {
    on: row.local_date,
    at: row.due_at,
    leftAt: leaving ? null : (row.sent_at ?? row.due_at),
  }
}

/** Returns the lesson of an enrollment that is planned and has not left, or undefined. */
export const unsent = (db: Db, enrollmentId: string) =>
  db
    .selectFrom('deliveries')
    .select(['id', 'item', 'day', 'until', 'try_at'])
    .where('enrollment_id', '=', enrollmentId)
    .where('kind', '=', 'lesson')
    .where('status', 'in', [...WAITING])
    .orderBy('day')
    .limit(1)
    .executeTakeFirst()

/** Returns the ids of an enrollment's lessons in the ledger: sent, skipped or on their way. */
export async function had(db: Db, enrollmentId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('deliveries')
    .select('item')
    .where('enrollment_id', '=', enrollmentId)
    .where('kind', '=', 'lesson')
    .execute()
  return rows.map(({ item }) => item)
}

/** Returns the date of the last lesson of an enrollment that has left; null if none has. */
export async function lastLessonOn(
  db: Db,
  enrollmentId: string,
): Promise<Temporal.PlainDate | null> {
  const row = await db
    .selectFrom('deliveries')
    .select(({ fn }) => fn.max('local_date').as('on'))
    .where('enrollment_id', '=', enrollmentId)
    .where('kind', '=', 'lesson')
    .where('status', 'not in', [...WAITING, 'skipped'])
    .executeTakeFirst()
  return row?.on ?? null
}

/** Returns the newest lesson, inspiration or letter that has been sent, or undefined. */
export const lastSent = (db: Db, enrollmentId: string) =>
  db
    .selectFrom('deliveries')
    .select(['kind', 'item', 'day', 'local_date'])
    .where('enrollment_id', '=', enrollmentId)
    .where('kind', 'in', ['lesson', 'inspiration', 'letter'])
    .where('status', 'in', [...SENT_OR_MERGED])
    .orderBy('sent_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()

/**
 * Returns whether a subscriber has asked for a lesson of a series "now" on this date, also in an
 * earlier enrollment.
 */
export async function hasAsked(
  db: Db,
  { subscriber_id: subscriberId, series }: { subscriber_id: string; series: string },
  on: Temporal.PlainDate,
): Promise<boolean> {
  const row = await db
    .selectFrom('deliveries')
    .select('id')
    .where('enrollment_id', 'in', enrollmentsOf(db, { subscriberId, series }))
    .where('asked', '=', true)
    .where('local_date', '=', sql<Temporal.PlainDate>`${String(on)}::date`)
    .executeTakeFirst()
  return row !== undefined
}

/** Lessons, inspirations and letters of an enrollment, from a date on, in the order they came. */
export const since = (db: Db, enrollmentId: string, from: Temporal.PlainDate) =>
  db
    .selectFrom('deliveries')
    .select(['kind', 'day', 'local_date', 'due_at', 'until', 'try_at', 'status', 'asked'])
    .where('enrollment_id', '=', enrollmentId)
    .where('kind', 'in', [...READABLE])
    .where('local_date', '>=', sql<Temporal.PlainDate>`${String(from)}::date`)
    .orderBy('due_at')
    .orderBy('id')
    .execute()

/**
 * Holds the mails of an enrollment that have yet to be sent: they are not tried within their
 * windows unless they are released first. `held` is the state; `try_at` keeps them from being
 * tried, as for everything that is no longer tried. The indexes of what is tried depend on that
 * condition to stay small (hasTryLeft), and a second condition would mean a second set of them. A
 * check constraint keeps the two columns together.
 */
export const hold = (db: Db, enrollmentId: string) =>
  db
    .updateTable('ledger')
    .set({ held: true, try_at: sql<string>`greatest(try_at, until)` })
    .where('enrollment_id', '=', enrollmentId)
    .where('status', 'in', [...CLAIMABLE])
    .where('kind', 'not in', [...TRANSACTIONAL])
    .execute()

/** Closes the window of a lesson that has not left: the planner gives it the next morning. */
export const closeWindow = (db: Db, enrollmentId: string, now: Temporal.Instant) =>
  db
    .updateTable('ledger')
    .set({ until: sql<string>`least(until, ${String(now)}::timestamptz)` })
    .where('enrollment_id', '=', enrollmentId)
    .where('kind', '=', 'lesson')
    .where('status', 'in', [...WAITING])
    .execute()

/** Releases what was held and whose window is still open. Returns the ids, to be queued. */
export async function release(
  db: Db,
  enrollmentId: string,
  now: Temporal.Instant,
): Promise<string[]> {
  const rows = await db
    .updateTable('ledger')
    .set({ held: false, try_at: String(now), queued_at: sql<string>`now()` })
    .where('enrollment_id', '=', enrollmentId)
    .where('status', 'in', [...CLAIMABLE])
    .where('held', '=', true)
    .where('until', '>', sql<Temporal.Instant>`${String(now)}::timestamptz`)
    .returning('id')
    .execute()
  return rows.map(({ id }) => id)
}

/** Has a lesson that has not left sent now. Returns whether it could be moved. */
export const redateToNow = (db: Db, id: string, { on, at, until }: SendWindow): Promise<boolean> =>
  move(db, id, 'redate', {
    asked: true,
    local_date: String(on),
    due_at: String(at),
    try_at: String(at),
    until: String(until),
    held: false,
    queued_at: sql<string>`now()`,
  })

/** Skips a lesson that has not left. Returns whether it could be moved. */
export const skip = (db: Db, id: string): Promise<boolean> =>
  move(db, id, 'skip', SKIPPED_BY_READER)

/** How the last mails to a subscriber fared, newest first. */
export const mailsTo = (db: Db, subscriberId: string, limit: number) =>
  db
    .selectFrom('deliveries as d')
    .select(['id', 'series', 'kind', 'day', 'local_date', 'status', 'reason'])
    .select([
      'sent_at',
      messageIdOf.as('message_id'),
      serverOf.as('server'),
      replyOf.as('reply'),
      'tries',
    ])
    .where('enrollment_id', 'in', enrollmentsOf(db, { subscriberId }))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
