import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'requests'>
  /** Starts carrying out the requests; does not wait for it. */
  readonly trigger: () => void
}

/**
 * Stores what a form asks for and returns; enrolling follows later. The work until then is the same
 * for every address, known, unknown or suppressed, and so are the answer and the time it takes
 * (standards.md I2). What was stored survives a crash.
 */
export async function requestEnrollment(
  request: stores.requests.Request,
  { db, now, stores, trigger }: Deps,
): Promise<void> {
  await stores.requests.add(db, request, now())
  trigger()
}
