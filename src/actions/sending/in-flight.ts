import { SECOND } from '../../domain/time.ts'
import type { Handovers } from '../../platform/handovers.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

interface Deps {
  readonly db: Db
  readonly stores: Pick<typeof stores, 'leases' | 'backlog'>
  readonly lease: stores.leases.Lease
  readonly handovers: Pick<Handovers, 'held' | 'renewed'>
  readonly inFlight: ReadonlySet<Promise<void>>
}

/** What this process has claimed: kept as its own while it is being sent. */
export const openInFlight = ({ db, stores, lease, handovers, inFlight }: Deps) => ({
  renewLeases: async () => {
    const since = performance.now()
    handovers.renewed(await stores.leases.renew(db, handovers.held(), lease), since)
  },
  renewEveryMs: (lease.seconds * SECOND) / 4,
  /** Has what was not claimed queued again. */
  giveBack: (ids: readonly string[]) => stores.backlog.markUnqueued(db, ids),
  /** Waits for what is on its way. */
  delivered: async () => {
    await Promise.allSettled(inFlight)
  },
})
