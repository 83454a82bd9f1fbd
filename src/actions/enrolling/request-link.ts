import type { Address } from '../../domain/address.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'linkRequests'>
  /** Starts carrying out the requests; does not wait for it. */
  readonly trigger: () => void
}

/** Stores that an address requests its link, like requestEnrollment and for the same reasons. */
export async function requestLink(
  { key: addressKey }: Address,
  { slowly = false }: { slowly?: boolean },
  { db, now, stores, trigger }: Deps,
): Promise<void> {
  await stores.linkRequests.add(db, { addressKey, slowly }, now())
  trigger()
}
