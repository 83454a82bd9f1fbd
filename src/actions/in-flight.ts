import { SECOND } from '../domain/time.ts'
import type * as stores from '../store/index.ts'
import type { Db } from '../store/sql.ts'

interface Deps {
  readonly db: Db
  readonly stores: Pick<typeof stores, 'leases' | 'backlog'>
  readonly lease: stores.leases.Lease
  readonly held: ReadonlySet<string>
  readonly inFlight: ReadonlySet<Promise<void>>
}

/** What this process has claimed: kept as its own while it is being sent. */
export const openInFlight = ({ db, stores, lease, held, inFlight }: Deps) => ({
  renewLeases: () => stores.leases.renew(db, [...held], lease),
  renewEveryMs: (lease.seconds * SECOND) / 4,
  /** Has what was not claimed queued again. */
  giveBack: (ids: readonly string[]) => stores.backlog.markUnqueued(db, ids).then(() => {}),
  /** Waits for what is on its way. */
  delivered: async () => {
    await Promise.allSettled(inFlight)
  },
})
