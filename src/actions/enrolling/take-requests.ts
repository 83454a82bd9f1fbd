import type { Series } from '../../domain/course.ts'
import { beginningOf, startsOf } from '../../domain/starts.ts'
import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { type Deps as EnrollDeps, enrollWithin } from './enroll.ts'
import { sendLink } from './send-link.ts'

export interface Deps extends EnrollDeps {
  readonly log: Logger
  readonly stores: EnrollDeps['stores'] & Pick<typeof stores, 'requests' | 'linkRequests'>
  readonly series: ReadonlyMap<string, Series>
  /** Whether an error is due to what was asked for, so that trying again is of no use. */
  readonly isBadValue: (error: unknown) => boolean
}

/**
 * Carries out the requests that forms have left, oldest first, each in a transaction of its own.
 * Any number of processes may do so at once. One that cannot be carried out stays for the next
 * time; one that never can is dropped.
 */
export async function takeRequests(deps: Deps): Promise<void> {
  const { stores, now } = deps
  await takeAll(stores.requests, (tx, taken) => enrollBy(tx, taken, deps), deps)
  await takeAll(
    stores.linkRequests,
    (tx, { addressKey }) => sendLink(tx, addressKey, now(), deps),
    deps,
  )
}

async function enrollBy(tx: Db, taken: stores.requests.TakenRequest, deps: Deps) {
  // Its last start may have passed since it was asked for.
  const series = taken.series
    .flatMap((slug) => deps.series.get(slug) ?? [])
    .filter(
      (one) => startsOf(one).length === 0 || beginningOf(one, taken.rhythm, deps.now()) !== null,
    )
  if (series.length > 0) await enrollWithin(tx, { ...taken, series }, deps.now(), deps)
}

/** Where requests of one sort wait. */
interface Pile<Request> {
  take(tx: Db, taking: stores.requests.Taking): Promise<Request | null>
  remove(db: Db, id: string): Promise<unknown>
}

type CarryOut<Request> = (tx: Db, taken: Request) => Promise<void>

async function takeAll<R extends { id: string }>(pile: Pile<R>, carryOut: CarryOut<R>, deps: Deps) {
  const failed: string[] = []
  while (await takeOne(pile, failed, carryOut, deps)) {}
}

/** Returns false when none is left but those that `failed`. */
async function takeOne<R extends { id: string }>(
  pile: Pile<R>,
  failed: string[],
  carryOut: CarryOut<R>,
  { db, log, now, isBadValue }: Deps,
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
    log.error({ err: error, request: id }, 'what a form asked for could not be carried out')
    // A RangeError: no clock, or no calendar, has what was asked for.
    if (isBadValue(error) || error instanceof RangeError) await pile.remove(db, id)
    return true
  }
}
