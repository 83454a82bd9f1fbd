import type { Address } from '../../domain/address.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'linkRequests'>
  /** Has the requests carried out soon; does not wait for it. */
  readonly trigger: () => void
}

/**
 * Takes down that an address asks for its link, and returns: as requestEnrollment does, and for the
 * same reasons.
 */
export async function requestLink(
  { key: addressKey }: Address,
  { slowly = false }: { slowly?: boolean },
  { db, now, stores, trigger }: Deps,
): Promise<void> {
  await stores.linkRequests.add(db, { addressKey, slowly }, now())
  trigger()
}
