/** Joins what comes back about mails to what follows from it. */
import { openSuppressing } from '../actions/bounces/suppress.ts'
import { type Incoming, takeReports } from '../actions/bounces/take-reports.ts'
import { unsubscribe } from '../actions/readers/unsubscribe.ts'
import type { ReportSource } from '../domain/report.ts'
import { markOf } from '../security/return-paths.ts'
import type { Deps } from './deps.ts'

/** On record for somebody who leaves at their mailbox's or the provider's own button. */
const leftBy = (source: ReportSource) => ({
  wording: `left by way of ${source}`,
  language: 'en',
  version: '1',
  source,
  network: 'none',
})

/** What is done about bounces, complaints and suppressed addresses. */
export function openBounces(given: Deps) {
  const deps = {
    ...given,
    markOf,
    leaveSeries: (enrollmentId: string, source: ReportSource) =>
      unsubscribe(enrollmentId, 'series', leftBy(source), given),
  }
  return {
    /** The domain that mails come back to; null: they do not. */
    domain: given.bounceDomain,
    /** Whether a local part is a return path of ours: asks nobody. */
    isReturnPath: (localPart: string) => given.returnPaths.read(localPart) !== null,
    take: (incoming: Incoming) => takeReports(incoming, deps),
    ...openSuppressing(deps),
  }
}
