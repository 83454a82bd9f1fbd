import type { Series } from '../../domain/course.ts'
import { beginningOf, startsOf } from '../../domain/starts.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { processRequests, type Deps as TakeDeps } from '../shared/process-requests.ts'
import { type Deps as EnrollDeps, enrollWithin } from './enroll.ts'
import { sendLink } from './send-link.ts'

export interface Deps extends EnrollDeps, TakeDeps {
  readonly stores: EnrollDeps['stores'] & Pick<typeof stores, 'requests' | 'linkRequests'>
  readonly series: ReadonlyMap<string, Series>
}

/** Carries out the requests that the forms for series and for links have stored. */
export async function processFormRequests(deps: Deps): Promise<void> {
  const { stores, now } = deps
  await processRequests(stores.requests, (tx, taken) => enrollBy(tx, taken, deps), deps)
  await processRequests(
    stores.linkRequests,
    (tx, { addressKey }) => sendLink(tx, addressKey, now(), deps),
    deps,
  )
}

async function enrollBy(tx: Db, taken: stores.requests.TakenRequest, deps: Deps) {
  const at = deps.now()
  // The last start of a series may have passed since it was requested.
  const series = taken.series
    .flatMap((slug) => deps.series.get(slug) ?? [])
    .filter(
      (candidate) =>
        startsOf(candidate).length === 0 || beginningOf(candidate, taken.rhythm, at) !== null,
    )
  if (series.length > 0) await enrollWithin(tx, { ...taken, series }, at, deps)
}
