/** What a reader has skipped and may still take back. */
import { sql } from 'kysely'
import { transitionOf } from '../domain/delivery.ts'
import type { Db } from './postgres/sql.ts'

/** The kinds that follow one another in a series. */
const SEQUENCED_KINDS = ['lesson', 'inspiration', 'completion'] as const

/**
 * Returns the newest mail of an enrollment if its reader skipped it; undefined once another has
 * been planned after it. Of several skipped in a row it is the last: when that is taken back, the
 * one before it is next.
 */
export async function newest(db: Db, enrollmentId: string) {
  const row = await db
    .selectFrom('deliveries')
    .select([
      'id',
      'kind',
      'item',
      'day',
      'local_date as on',
      'status',
      'reason_code',
      'first_tried_at as triedAt',
    ])
    .where('enrollment_id', '=', enrollmentId)
    .where('kind', 'in', [...SEQUENCED_KINDS])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.status === 'skipped' && row.reason_code === 'skipped_by_reader' ? row : undefined
}

/** Returns whether a lesson, or the inspiration of a date, was skipped by its reader. */
export async function has(db: Db, enrollmentId: string, item: string): Promise<boolean> {
  const row = await db
    .selectFrom('deliveries')
    .select('id')
    .where('enrollment_id', '=', enrollmentId)
    .where('kind', 'in', [...SEQUENCED_KINDS])
    .where('item', '=', item)
    .where('status', '=', 'skipped')
    .where('reason_code', '=', 'skipped_by_reader')
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Undoes a skip. A mail that was never tried is removed from the ledger, as if it had not been
 * planned yet: its one row is written when it is (I1). One that was tried keeps its row and its
 * Message-ID (I5), and waits for the next morning.
 */
export async function undo(
  db: Db,
  { id, triedAt }: { id: string; triedAt: Temporal.Instant | null },
  now: Temporal.Instant,
): Promise<void> {
  const { from, to } = transitionOf('restore')
  if (!triedAt) {
    await db
      .deleteFrom('ledger')
      .where('id', '=', id)
      .where('status', 'in', [...from])
      .execute()
    return
  }
  await db
    .updateTable('ledger')
    .set({
      status: to,
      reason: null,
      reason_code: null,
      held: false,
      queued_at: null,
      until: sql<string>`least(until, ${String(now)}::timestamptz)`,
    })
    .where('id', '=', id)
    .where('status', 'in', [...from])
    .execute()
}
