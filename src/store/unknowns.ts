/** Deliveries of unknown outcome that are not resent by themselves: an operator decides. */
import { sql } from 'kysely'
import { type DeliveryStatus, transitionOf } from '../domain/delivery.ts'
import { isResentAutomatically } from './eligibility.ts'
import { messageIdOf } from './message-id.ts'
import type { Db } from './postgres/sql.ts'

/** Returns those that stay unknown, oldest first. */
export const list = (db: Db, resends: number, limit: number) =>
  db
    .selectFrom('deliveries as d')
    .select([
      'id',
      'series',
      'kind',
      'day',
      'local_date',
      'first_tried_at',
      'reason',
      'server',
      'tries',
    ])
    .select(messageIdOf.as('message_id'))
    .where('status', '=', 'unknown')
    .where('lost_at', 'is not', null)
    .where(sql<boolean>`not ${isResentAutomatically(resends)}`)
    .orderBy('first_tried_at')
    .orderBy('id')
    .limit(limit)
    .execute()

/** Counting stops here: a thousand are as much a matter for an operator as a dozen. */
const MAX_COUNTED = 1_000

/** Counts all deliveries of unknown outcome, including those still to be resent, up to 1,000. */
export async function count(db: Db): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from (
      select from ledger where status = 'unknown' and lost_at is not null order by resends,
        due_at limit ${MAX_COUNTED}
    ) as front`.execute(db)
  return rows[0]?.count ?? 0
}

/** Has them resent, as the same messages, while their windows are open. Returns how many. */
export const resend = (db: Db, ids: readonly string[] | null, now: Temporal.Instant) =>
  decide(db, 'resend', ids, {
    try_at: String(now),
    held: false,
    queued_at: null,
    reason: 'sent again by an operator',
  })

/** Counts them as sent, because the operator has seen that they arrived. Returns how many. */
export const countAsSent = (db: Db, ids: readonly string[] | null) =>
  decide(db, 'accept', ids, {
    sent_at: sql<Temporal.Instant>`first_tried_at`,
    reason: 'counted as sent by an operator',
  })

/** Status of one counted as sent: an inspiration in a lesson's mail is merged. */
const SENT_STATUS = sql<DeliveryStatus>`case when merged_into is null then ${transitionOf('accept').to}
  else ${transitionOf('merge').to} end`

async function decide(
  db: Db,
  name: 'resend' | 'accept',
  ids: readonly string[] | null,
  set: Record<string, unknown>,
): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('ledger as d')
    .set({
      ...set,
      reason_code: null,
      status: name === 'accept' ? SENT_STATUS : transitionOf(name).to,
    })
    .where('status', '=', 'unknown')
    .$if(ids !== null, (query) => query.where('id', 'in', [...(ids ?? [])]))
    .executeTakeFirst()
  return Number(numUpdatedRows)
}
