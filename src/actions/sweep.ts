import { DAY } from '../domain/time.ts'
import type { Logger } from '../log.ts'
import type * as stores from '../store/index.ts'
import type { Db } from '../store/sql.ts'

export interface Deps {
  readonly db: Db
  readonly log: Logger
  readonly stores: Pick<typeof stores, 'backlog' | 'leases' | 'subscribers' | 'addressChanges' | 'formMails'>
  readonly lease: stores.leases.Lease
  /** How often a delivery of unknown outcome is sent again. */
  readonly resends: number
  /** Puts ids into the queue; rejects when the queue cannot be reached. */
  readonly enqueue: (ids: readonly string[]) => Promise<void>
  /** Jobs in the queue. */
  readonly queueDepth: () => Promise<number>
}

const BATCH = 5_000
/** How long a queued delivery may stay unclaimed: not long when the queue is empty and no job can stand for it. */
const PATIENCE = { emptyQueue: '15 seconds', busyQueue: '10 minutes' } as const
/** Requests that nobody confirmed are forgotten after this (standards.md H2). */
const UNCONFIRMED = 14 * DAY
/** How long the link of a mail to confirm works. */
const LINK = 7 * DAY
/** No change of address can be confirmed or undone after this, however late its mails came. */
const CHANGE = 28 * DAY

/**
 * Makes up for what was lost: leases that ended, ready deliveries no job stands for (a flushed queue, a
 * retry whose time has come), and what can no longer leave. The ledger is the truth; this reads it.
 *
 * @returns how many deliveries were queued.
 */
export async function sweep(
  now: Temporal.Instant,
  { db, log, stores, lease, resends, enqueue, queueDepth }: Deps,
): Promise<number> {
  const lost = await stores.leases.loseLeases(db, now, lease)
  if (lost.unknown > 0) log.warn({ lost: lost.unknown }, 'deliveries whose worker stopped are now unknown')
  if (lost.ready > 0)
    log.info({ ready: lost.ready }, 'deliveries whose worker stopped before SMTP had them are ready again')
  await stores.backlog.settle(db, now)
  const patience = (await queueDepth()) === 0 ? PATIENCE.emptyQueue : PATIENCE.busyQueue
  let queued = 0
  for (;;) {
    const ids = await stores.backlog.takeUnqueued(db, now, { patience, resends, limit: BATCH })
    if (ids.length === 0) return queued
    try {
      await enqueue(ids)
    } catch (error) {
      await stores.backlog.markUnqueued(db, ids)
      throw error
    }
    queued += ids.length
    if (ids.length < BATCH) return queued
  }
}

/** Forgets requests that were never confirmed, people of whom nothing else is known, and former addresses. */
export async function purge(
  now: Temporal.Instant,
  { db, log, stores }: Pick<Deps, 'db' | 'log' | 'stores'>,
): Promise<void> {
  const purged = await stores.subscribers.purgeUnconfirmed(
    db,
    now.subtract({ milliseconds: UNCONFIRMED }),
    now.subtract({ milliseconds: LINK }),
  )
  await stores.addressChanges.purge(db, now.subtract({ milliseconds: CHANGE }))
  await stores.formMails.purge(db, now)
  if (purged > 0) log.info({ purged }, 'forgot requests that were never confirmed')
}
