import { DAY } from '../domain/time.ts'
import type { Logger } from '../log.ts'
import type * as stores from '../store/index.ts'
import type { Db } from '../store/sql.ts'

export interface Deps {
  readonly db: Db
  readonly log: Logger
  readonly stores: Pick<typeof stores, 'deliveries' | 'subscribers'>
  /** Puts ids into the queue; rejects when the queue cannot be reached. */
  readonly enqueue: (ids: readonly string[]) => Promise<void>
}

const BATCH = 5_000
/** People who did not confirm are forgotten after this (standards.md H2). */
const UNCONFIRMED = 14 * DAY

/**
 * Makes up for what was lost: leases that ended, ready deliveries no job stands for (a flushed queue, a
 * retry whose time has come), and what can no longer leave. The ledger is the truth; this reads it.
 *
 * @returns how many deliveries were queued.
 */
export async function sweep(now: Temporal.Instant, { db, log, stores, enqueue }: Deps): Promise<number> {
  const lost = await stores.deliveries.loseLeases(db)
  if (lost > 0) log.warn({ lost }, 'deliveries whose worker stopped are now unknown')
  await stores.deliveries.settle(db, now)
  let queued = 0
  for (;;) {
    const ids = await stores.deliveries.takeUnqueued(db, now, BATCH)
    if (ids.length === 0) return queued
    try {
      await enqueue(ids)
    } catch (error) {
      await stores.deliveries.markUnqueued(db, ids)
      throw error
    }
    queued += ids.length
    if (ids.length < BATCH) return queued
  }
}

/** Forgets people who never confirmed. */
export async function purge(
  now: Temporal.Instant,
  { db, log, stores }: Omit<Deps, 'enqueue'>,
): Promise<void> {
  const purged = await stores.subscribers.purgeUnconfirmed(db, now.subtract({ milliseconds: UNCONFIRMED }))
  if (purged > 0) log.info({ purged }, 'forgot people who never confirmed')
}
