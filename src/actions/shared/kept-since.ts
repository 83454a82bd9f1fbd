import { passingSince, type Retention } from '../../domain/retention.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly stores: Pick<typeof stores, 'ledgerParts'>
  readonly retention: Retention
}

/** Returns the date since which the ledger has all passing mails. */
export const passingKeptSince = async (
  now: Temporal.Instant,
  { db, stores, retention }: Deps,
): Promise<Temporal.PlainDate> =>
  passingSince(now, retention, await stores.ledgerParts.passingFrom(db))
