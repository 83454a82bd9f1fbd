import type { Series } from '../domain/course.ts'
import type { Logger } from '../log.ts'
import type * as stores from '../store/index.ts'
import { ask, type Deps as EnrollDeps } from './enroll.ts'

export interface Deps extends EnrollDeps {
  readonly log: Logger
  readonly stores: EnrollDeps['stores'] & Pick<typeof stores, 'requests'>
  readonly series: ReadonlyMap<string, Series>
  /** Whether an error is due to what was asked for, so that trying again is of no use. */
  readonly isBadValue: (error: unknown) => boolean
}

/**
 * Carries out the requests that forms have left, oldest first, each in a transaction of its own. Any number of
 * processes may do so at once. One that cannot be carried out stays for the next time; one that never can is
 * dropped.
 */
export async function takeRequests(deps: Deps): Promise<void> {
  const failed: string[] = []
  for (;;) {
    const outcome = await takeOne(failed, deps)
    if (outcome === 'none left') return
    await deps.nudge(outcome)
  }
}

async function takeOne(failed: string[], deps: Deps): Promise<readonly string[] | 'none left'> {
  const { db, log, stores } = deps
  let id: string | undefined
  try {
    return await db.transaction().execute(async (tx) => {
      const taken = await stores.requests.take(tx, failed)
      if (!taken) return 'none left'
      id = taken.id
      const series = taken.series.flatMap((slug) => deps.series.get(slug) ?? [])
      if (series.length === 0) return []
      return ask(tx, { ...taken, series }, deps.now(), deps)
    })
  } catch (error) {
    if (id === undefined) throw error
    failed.push(id)
    log.error({ err: error, request: id }, 'a request to enroll could not be carried out')
    if (deps.isBadValue(error)) await stores.requests.remove(db, id)
    return []
  }
}
