/**
 * Leases of deliveries that are being sent. They run on the database's own clock, which no sandbox moves, and are
 * short: a worker renews its own for as long as it lives.
 */
import { sql } from 'kysely'
import { moveOf } from '../domain/delivery.ts'
import type { Db } from './sql.ts'

export interface Lease {
  readonly worker: string
  readonly seconds: number
}

/** The end of a lease that begins now. */
export const leaseEnd = ({ seconds }: Pick<Lease, 'seconds'>) =>
  sql<string>`now() + ${seconds} * interval '1 second'`

/**
 * Prolongs what this worker holds; what was taken from it meanwhile stays taken. A row that another statement has
 * locked is passed over: its result is being written, and to wait for it in another order than the writer's
 * would be a deadlock.
 */
export async function renew(db: Db, ids: readonly string[], lease: Lease): Promise<void> {
  if (ids.length === 0) return
  await db
    .updateTable('deliveries')
    .set({ lease_until: leaseEnd(lease) })
    .where('id', 'in', (query) =>
      query
        .selectFrom('deliveries')
        .select('id')
        .where('id', 'in', [...ids])
        .where('status', '=', 'sending')
        .where('worker', '=', lease.worker)
        .forUpdate()
        .skipLocked(),
    )
    .execute()
}

/**
 * Deliveries whose worker is gone become unknown when it had begun to hand them over; all others are ready again. What is
 * unknown is not sent again before another lease's time: a worker that was only cut off from the database comes back and
 * says what became of it. Returns how many there were of each.
 */
export async function loseLeases(
  db: Db,
  now: Temporal.Instant,
  { seconds }: Pick<Lease, 'seconds'>,
): Promise<{ unknown: number; ready: number }> {
  const [lose, release] = [moveOf('lose'), moveOf('release')]
  const { rows } = await sql<{ handed_over: boolean }>`
    update deliveries set
      status = case when handed_over then ${lose.to} else ${release.to} end,
      lease_until = null,
      queued_at = null,
      try_at = ${String(now)}::timestamptz + case when handed_over then ${seconds} else 0 end * interval '1 second',
      reason = coalesce('the worker ' || worker, 'its worker') || ' stopped '
        || case when handed_over then 'while it was being sent' else 'before it was sent' end
    where status = any (${[...lose.from]}::text[]) and lease_until < now()
    returning handed_over`.execute(db)
  const unknown = rows.filter((row) => row.handed_over).length
  return { unknown, ready: rows.length - unknown }
}
