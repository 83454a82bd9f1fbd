import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'unknowns'>
  readonly resends: number
}

/**
 * Deliveries of unknown outcome that wait for an operator, and what can be decided about them;
 * `ids` null means all.
 */
export const openUnknowns = ({ db, now, stores, resends }: Deps) => ({
  list: (limit: number) => stores.unknowns.list(db, resends, limit),
  resend: (ids: readonly string[] | null) => stores.unknowns.resend(db, ids, now()),
  settle: (ids: readonly string[] | null) => stores.unknowns.countAsSent(db, ids),
})
