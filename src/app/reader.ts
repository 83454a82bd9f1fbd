import { confirm } from '../actions/enrolling/confirm.ts'
import { openControls } from '../actions/readers/controls.ts'
import { openReading } from '../actions/readers/reading.ts'
import { openRights } from '../actions/readers/rights.ts'
import { standingBy, standingOf } from '../actions/readers/standing.ts'
import { type Scope, unsubscribe } from '../actions/readers/unsubscribe.ts'
import type { consents } from '../store/index.ts'
import type { Deps } from './deps.ts'
import type { Ground } from './ground.ts'

export type ReaderFace = ReturnType<typeof openReader>

/** What the holder of a link may do. */
export const openReader = (deps: Deps, { monitoring }: Ground) => ({
  confirm: async (subscriberId: string, consent: consents.Consent, only?: readonly string[]) => {
    const confirmed = await confirm(subscriberId, consent, deps, only)
    if (confirmed.length > 0) monitoring.metrics.confirmed()
    return confirmed
  },
  unsubscribe: (enrollmentId: string, scope: Scope, consent: consents.Consent) =>
    unsubscribe(enrollmentId, scope, consent, deps),
  standingOf: (subscriberId: string) => standingOf(subscriberId, deps),
  standingBy: (enrollmentId: string) => standingBy(enrollmentId, deps),
  ...openControls(deps),
  ...openReading(deps),
  ...openRights(deps),
})
