import { SECOND } from '../../domain/time.ts'
import type { Handovers } from '../../platform/handovers.ts'
import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

interface Deps {
  readonly db: Db
  readonly log: Logger
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'leases'>
  readonly workerLease: stores.leases.Lease
  readonly handovers: Pick<Handovers, 'leased' | 'leasedAgoMs' | 'isHolding' | 'holds'>
}

/** How many times a lease is renewed within its duration. */
const RENEWALS = 4

export interface WorkerLease {
  readonly renewEveryMs: number
  renew(): Promise<void>
  /**
   * Runs a claim of these deliveries. A claim that fails may still have been carried out, for
   * example when the connection breaks before the answer, and our lease would keep what it took for
   * as long as this process lives. Such deliveries are made ready again before the next claim or
   * with the next renewal.
   */
  claim<T>(ids: readonly string[], run: () => Promise<T>): Promise<T>
  /** Gives up the lease, unless something is still held. */
  leave(): Promise<void>
}

/** The lease of this process on everything it has claimed: see store/leases.ts. */
export function openWorkerLease(deps: Deps): WorkerLease {
  const { db, stores, workerLease, handovers } = deps
  const renewEveryMs = (workerLease.seconds * SECOND) / RENEWALS
  const renew = async () => {
    const since = performance.now()
    handovers.leased(since, await stores.leases.renew(db, workerLease))
  }
  let renewing: Promise<void> | undefined
  const ensure = async () => {
    if (handovers.leasedAgoMs() < renewEveryMs) return
    renewing ??= renew().finally(() => {
      renewing = undefined
    })
    await renewing
  }
  const unansweredClaims = openUnansweredClaims(deps)
  return {
    renewEveryMs,
    renew: async () => {
      await renew()
      await unansweredClaims.settled()
    },
    claim: async (ids, run) => {
      await unansweredClaims.settled()
      return unansweredClaims.around(ids, async () => {
        await ensure()
        return run()
      })
    },
    leave: async () => {
      if (!handovers.isHolding()) await stores.leases.remove(db, workerLease.worker)
    },
  }
}

/** Tracks what failed claims may have taken. */
function openUnansweredClaims({ db, log, now, stores, workerLease, handovers }: Deps) {
  const doubted = new Set<string>()
  const underWay = new Set<Promise<unknown>>()
  let settling: Promise<void> | undefined
  const settle = async () => {
    // No claim starts before this is over, so whatever is ours without a hold was taken by one that
    // failed.
    await Promise.allSettled(underWay)
    const ids = [...doubted].filter((id) => !handovers.holds(id))
    const deliveries = await stores.leases.releaseUnanswered(db, workerLease.worker, {
      ids,
      now: now(),
    })
    doubted.clear()
    if (deliveries > 0)
      log.warn({ deliveries }, 'a claim got no answer; its deliveries are ready again')
  }
  return {
    around: async <T>(ids: readonly string[], run: () => Promise<T>): Promise<T> => {
      const running = run()
      underWay.add(running)
      try {
        return await running
      } catch (error) {
        for (const id of ids) doubted.add(id)
        throw error
      } finally {
        underWay.delete(running)
      }
    },
    /** Resolves when nothing is in doubt; rejects if the database does not answer. */
    settled: async () => {
      if (doubted.size === 0) return
      settling ??= settle().finally(() => {
        settling = undefined
      })
      await settling
    },
  }
}
