import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'requests'>
  /** Has the requests carried out soon; does not wait for it. */
  readonly trigger: () => void
}

/**
 * Takes down what a form asks for and returns; enrolling follows. The work until then is the same
 * for every address, known, unknown or suppressed, and so are the answer and the time it takes
 * (standards.md I2). What was taken down survives a crash.
 */
export async function requestEnrollment(
  request: stores.requests.Request,
  { db, now, stores, trigger }: Deps,
): Promise<void> {
  await stores.requests.add(db, request, now())
  trigger()
}
