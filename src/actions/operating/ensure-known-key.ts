import { Problem } from '../../domain/problem.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'signingKeys'>
}

/**
 * Ensures that links signed by one process on this database are valid in another: the database must
 * know at least one of this process's keys, or none at all. New ones are added.
 *
 * @throws Problem `unavailable` when the database knows only other keys.
 */
export async function ensureKnownKey(
  names: readonly string[],
  { db, now, stores }: Deps,
): Promise<void> {
  if (await stores.signingKeys.ensureKnown(db, names, now())) return
  throw new Problem('unavailable', 'operator.key.other')
}
