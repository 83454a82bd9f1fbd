import { Problem } from '../../domain/problem.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'signingKeys'>
}

/**
 * Makes sure that links signed by one process on this database are good in another: at least one of
 * this process's keys is known there; new ones are added.
 *
 * @throws Problem `unavailable` when the database knows none of them.
 */
export async function ensureKnownKey(
  names: readonly string[],
  { db, now, stores }: Deps,
): Promise<void> {
  if (await stores.signingKeys.ensureKnown(db, names, now())) return
  throw new Problem('unavailable', 'operator.key.other')
}
