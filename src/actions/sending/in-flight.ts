import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import type { WorkerLease } from './worker-lease.ts'

interface Deps {
  readonly db: Db
  readonly stores: Pick<typeof stores, 'backlog'>
  readonly leasing: WorkerLease
  readonly inFlight: ReadonlySet<Promise<void>>
}

/** What this process has claimed: kept as its own while it is being sent. */
export const openInFlight = ({ db, stores, leasing, inFlight }: Deps) => ({
  renewLease: leasing.renew,
  renewEveryMs: leasing.renewEveryMs,
  /** Has what was not claimed queued again. */
  giveBack: (ids: readonly string[]) => stores.backlog.markUnqueued(db, ids),
  /** Waits for what is on its way. */
  delivered: async () => {
    await Promise.allSettled(inFlight)
  },
})
