import type { Address } from '../../domain/address.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'signIns'>
  /** Starts carrying out the requests; does not wait for it. */
  readonly trigger: () => void
}

export interface SignInOptions {
  /** A path of this site. */
  readonly leadsTo: string
  /** Whether it waits behind other such requests, of which one a second is carried out. */
  readonly slowly?: boolean
}

/**
 * Stores that somebody with this address wants to sign in, and returns. The work is the same for
 * every address (standards.md I2), as with requestLink.
 */
export async function requestSignIn(
  { key: addressKey }: Address,
  { leadsTo, slowly = false }: SignInOptions,
  { db, now, stores, trigger }: Deps,
): Promise<void> {
  await stores.signIns.request(db, { addressKey, leadsTo, slowly }, now())
  trigger()
}
