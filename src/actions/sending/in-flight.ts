import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import type { WorkerLease } from './worker-lease.ts'

interface Deps {
  readonly db: Db
  readonly stores: Pick<typeof stores, 'backlog'>
  readonly leasing: WorkerLease
  readonly inFlight: ReadonlySet<Promise<void>>
}

/** Keeps what this process has claimed leased while it is being sent. */
export const openInFlight = ({ db, stores, leasing, inFlight }: Deps) => ({
  renewLease: leasing.renew,
  renewEveryMs: leasing.renewEveryMs,
  /** Marks deliveries that were not claimed, so that they are enqueued again. */
  giveBack: (ids: readonly string[]) => stores.backlog.markUnqueued(db, ids),
  /** Waits for the mails in flight. */
  delivered: async () => {
    await Promise.allSettled(inFlight)
  },
})
