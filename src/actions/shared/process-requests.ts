/** Carries out what forms requested, after their answers have been sent. */
import { isBadValue } from '../../domain/database-error.ts'
import type { Logger } from '../../platform/log.ts'
import type { requests } from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly log: Logger
  readonly now: () => Temporal.Instant
}

/** Where requests of one kind wait. */
interface RequestStore<Request> {
  take(tx: Db, taking: requests.TakeOptions): Promise<Request | null>
  remove(db: Db, id: string): Promise<unknown>
}

type RequestHandler<Request> = (tx: Db, taken: Request) => Promise<void>

/**
 * Carries out waiting requests, oldest first, each in a transaction of its own. Any number of
 * processes may do so concurrently. A request that fails stays for the next time; one that can
 * never succeed is dropped.
 */
export async function processRequests<R extends { id: string }>(
  store: RequestStore<R>,
  carryOut: RequestHandler<R>,
  deps: Deps,
) {
  const failed: string[] = []
  while (await processNextRequest(store, failed, carryOut, deps)) {}
}

/** Returns false if none is left except those in `failed`. */
async function processNextRequest<R extends { id: string }>(
  pile: RequestStore<R>,
  failed: string[],
  carryOut: RequestHandler<R>,
  { db, log, now }: Deps,
): Promise<boolean> {
  let id: string | undefined
  try {
    return await db.transaction().execute(async (tx) => {
      const taken = await pile.take(tx, { now: now(), except: failed })
      if (!taken) return false
      id = taken.id
      await carryOut(tx, taken)
      return true
    })
  } catch (error) {
    if (id === undefined) throw error
    failed.push(id)
    log.error({ err: error, request: id }, 'a form request could not be carried out')
    // A RangeError: the requested time or date does not exist.
    if (isBadValue(error) || error instanceof RangeError) await pile.remove(db, id)
    return true
  }
}
