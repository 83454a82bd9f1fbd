import { SECOND } from '../../domain/time.ts'
import type { Handovers } from '../../platform/handovers.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

interface Deps {
  readonly db: Db
  readonly stores: Pick<typeof stores, 'leases'>
  readonly workerLease: stores.leases.Lease
  readonly handovers: Pick<Handovers, 'leased' | 'leasedAgoMs' | 'isHolding'>
}

/** How often a lease is renewed within its time. */
const RENEWALS = 4

export interface WorkerLease {
  readonly renewEveryMs: number
  renew(): Promise<void>
  /** Renews it unless that was done lately: to be called before a claim. */
  ensure(): Promise<void>
  /** Gives it back, unless something is still held. */
  leave(): Promise<void>
}

/** The lease of this process on all that it has claimed: see store/leases.ts. */
export function openWorkerLease({ db, stores, workerLease, handovers }: Deps): WorkerLease {
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
  return {
    renewEveryMs,
    renew,
    ensure,
    leave: async () => {
      if (!handovers.isHolding()) await stores.leases.leave(db, workerLease.worker)
    },
  }
}
