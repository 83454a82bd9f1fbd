/**
 * Leases of deliveries that are being sent. They run on the database's own clock, which no sandbox
 * moves, and are short: a worker renews its own for as long as it lives.
 */
import { sql } from 'kysely'
import { moveOf } from '../domain/delivery.ts'
import type { Db } from './postgres/sql.ts'

export interface Lease {
  readonly worker: string
  readonly seconds: number
}

/** The end of a lease that begins now. */
export const leaseEnd = ({ seconds }: Pick<Lease, 'seconds'>) =>
  sql<string>`now() + ${seconds} * interval '1 second'`

/**
 * Prolongs what this worker holds, and returns which; what was taken from it meanwhile stays taken.
 * A row that another statement has locked is passed over: its result is being written, and to wait
 * for it in another order than the writer's would be a deadlock.
 */
export async function renew(db: Db, ids: readonly string[], lease: Lease): Promise<string[]> {
  if (ids.length === 0) return []
  const rows = await db
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
    .returning('id')
    .execute()
  return rows.map(({ id }) => id)
}

/** Which deliveries a worker that is gone had handed over; null when that is not known here. */
export type HandedOverBy = (worker: string) => Promise<ReadonlySet<string> | null>

/**
 * Deliveries whose worker is gone become unknown when it had begun to hand them over, or may have;
 * all others are ready again. What is unknown is not sent again before another lease's time: a
 * worker that was only cut off from the database comes back and says what became of it. Returns how
 * many there were of each.
 */
export async function loseLeases(
  db: Db,
  now: Temporal.Instant,
  {
    lease: { seconds },
    handedOverBy,
  }: { lease: Pick<Lease, 'seconds'>; handedOverBy: HandedOverBy },
): Promise<{ unknown: number; ready: number }> {
  const [lose, release] = [moveOf('lose'), moveOf('release')]
  const isLost = sql`status = any (${[...lose.from]}::text[]) and lease_until < now()`
  const { rows: gone } = await sql<{ worker: string | null }>`
    select distinct worker from deliveries where ${isLost}`.execute(db)
  if (gone.length === 0) return { unknown: 0, ready: 0 }
  const handedOverByWorker = new Map<string, ReadonlySet<string>>()
  for (const { worker } of gone) {
    const handedOver = worker === null ? null : await handedOverBy(worker)
    if (worker !== null && handedOver) handedOverByWorker.set(worker, handedOver)
  }
  const handedOver = [...handedOverByWorker.values()].flatMap((ids) => [...ids])
  const wasSent = sql`(worker is null or worker <> all (${[...handedOverByWorker.keys()]}::text[]) or id = any (${handedOver}::uuid[]))`
  const { rows } = await sql<{ unknown: boolean }>`
    update deliveries set
      status = case when ${wasSent} then ${lose.to} else ${release.to} end,
      lease_until = null,
      queued_at = null,
      try_at = ${String(now)}::timestamptz + case when ${wasSent} then ${seconds} else 0 end * interval '1 second',
      reason = coalesce('the worker ' || worker, 'its worker') || ' stopped '
        || case when ${wasSent} then 'while it was being sent' else 'before it was sent' end,
      reason_code = null
    where ${isLost} and (worker is null or worker = any (${gone.flatMap(({ worker }) => worker ?? [])}::text[]))
    returning status = ${lose.to} as unknown`.execute(db)
  const unknown = rows.filter((row) => row.unknown).length
  return { unknown, ready: rows.length - unknown }
}
