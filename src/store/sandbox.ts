/** The sandbox's tables: caught mail, and a clock that can be moved. */
import { type JoinBuilder, sql } from 'kysely'
import { messageIdOf } from './message-id.ts'
import type { Db } from './postgres/sql.ts'
import type { Tables } from './postgres/tables.ts'

/** Number of caught mails kept; older ones are deleted. */
const MAX_KEPT_MAILS = 2_000

export interface CaughtMail {
  readonly messageId: string
  readonly recipient: string
  readonly subject: string
  readonly raw: Buffer
}

export async function save(db: Db, mail: CaughtMail, now: Temporal.Instant): Promise<void> {
  const { id } = await db
    .insertInto('outbox')
    .values({
      message_id: mail.messageId,
      recipient: mail.recipient,
      subject: mail.subject,
      raw: mail.raw,
      caught_at: String(now),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .deleteFrom('outbox')
    .where('id', '<=', String(BigInt(id) - BigInt(MAX_KEPT_MAILS)))
    .execute()
}

/** Joins the delivery d of a caught mail o. */
const joinDelivery = (join: JoinBuilder<Known, keyof Known>) =>
  join.on(messageIdOf, '=', sql.ref<string>('o.message_id'))
type Known = Tables & { o: Tables['outbox']; d: Tables['deliveries'] }

/** Joins the inspiration m in the mail of the lesson d: sent with it, or being sent. */
const joinCompanion = (join: JoinBuilder<Joined, keyof Joined>) =>
  join
    .onRef('m.merged_into', '=', 'd.id')
    .onRef('m.local_date', '=', 'd.local_date')
    .on('m.status', 'in', ['sending', 'merged'])
type Joined = Tables & { d: Tables['deliveries']; m: Tables['deliveries'] }

/**
 * Returns the caught mails, newest first, with their series and kind in the ledger and the kind of
 * their companion.
 */
export const list = (db: Db, limit: number) =>
  db
    .selectFrom('outbox as o')
    .leftJoin('deliveries as d', joinDelivery)
    .leftJoin('enrollments as e', 'e.id', 'd.enrollment_id')
    .leftJoin('deliveries as m', joinCompanion)
    .select([
      'o.id',
      'o.recipient',
      'o.subject',
      'o.caught_at',
      'd.series',
      'd.kind',
      'd.day',
      'e.zone',
    ])
    .select('m.kind as companion')
    .orderBy('o.id', 'desc')
    .limit(limit)
    .execute()

/** Returns the mails caught after number `after`, oldest first. */
export const since = (db: Db, after: string) =>
  db
    .selectFrom('outbox as o')
    .innerJoin('deliveries as d', joinDelivery)
    .leftJoin('deliveries as m', joinCompanion)
    .select(['o.id', 'o.subject', 'o.caught_at', 'o.message_id', 'd.series', 'd.kind', 'd.day'])
    .select('m.series as companion')
    .where('o.id', '>', after)
    .orderBy('o.id')
    .execute()

export const byId = (db: Db, id: string) =>
  db.selectFrom('outbox').selectAll().where('id', '=', id).executeTakeFirst()

/**
 * Changes whenever the list does. It includes the count, since a mail may be committed after one
 * with a higher number.
 */
export async function version(db: Db): Promise<string> {
  const { id, mails } = await db
    .selectFrom('outbox')
    .select(({ fn }) => [fn.max('id').as('id'), fn.countAll().as('mails')])
    .executeTakeFirstOrThrow()
  return `${id ?? 0}-${mails}`
}

/** Milliseconds by which the sandbox's clock is ahead of the real one. */
export async function clockAhead(db: Db): Promise<number> {
  const row = await db.selectFrom('sandbox_clock').select('ahead_ms').executeTakeFirstOrThrow()
  return Number(row.ahead_ms)
}

/** Moves the sandbox's clock forward; it never goes back, since mail that was sent stays sent. */
export const moveClock = (db: Db, aheadMs: number) =>
  db
    .updateTable('sandbox_clock')
    .set({ ahead_ms: sql<number>`greatest(ahead_ms, ${aheadMs})` })
    .execute()
