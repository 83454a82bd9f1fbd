import { confirm } from '../actions/enrolling/confirm.ts'
import { openControls } from '../actions/readers/controls.ts'
import { overviewBy, overviewOf } from '../actions/readers/overview.ts'
import { openReading } from '../actions/readers/reading.ts'
import { openRights } from '../actions/readers/rights.ts'
import { type Scope, unsubscribe } from '../actions/readers/unsubscribe.ts'
import type { consents } from '../store/index.ts'
import type { Deps } from './deps.ts'
import type { Infrastructure } from './infrastructure.ts'

/** What the holder of a link may do. */
export const openReader = (deps: Deps, { monitoring }: Infrastructure) => ({
  confirm: async (subscriberId: string, consent: consents.Consent, only?: readonly string[]) => {
    const confirmed = await confirm(subscriberId, { consent, only }, deps)
    if (confirmed.length > 0) monitoring.metrics.confirmed()
    return confirmed
  },
  unsubscribe: (enrollmentId: string, scope: Scope, consent: consents.Consent) =>
    unsubscribe(enrollmentId, scope, consent, deps),
  overviewOf: (subscriberId: string) => overviewOf(subscriberId, deps),
  overviewBy: (enrollmentId: string) => overviewBy(enrollmentId, deps),
  ...openControls(deps),
  ...openReading(deps),
  ...openRights(deps),
})
