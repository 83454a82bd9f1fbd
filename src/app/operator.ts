import { type EnrollmentRequest, enroll } from '../actions/enrolling/enroll.ts'
import { clicksOf } from '../actions/operating/clicks.ts'
import { openMonitoringEndpoints } from '../actions/operating/monitoring.ts'
import { openPauses } from '../actions/operating/pauses.ts'
import { openRestored } from '../actions/operating/restored.ts'
import { openServers } from '../actions/operating/servers.ts'
import { status } from '../actions/operating/status.ts'
import { openUnknowns } from '../actions/operating/unknowns.ts'
import { openLookups } from '../actions/readers/lookups.ts'
import type { NoticeName } from '../domain/notices.ts'
import type { Deps } from './deps.ts'

/** What an operator may ask and decide. */
export const openOperator = (deps: Deps) => ({
  enroll: (request: EnrollmentRequest) => enroll(request, deps),
  ...openLookups(deps),
  status: () => status(deps),
  unknowns: openUnknowns(deps),
  /** SMTP servers that are halted or down, and resuming halted ones. */
  servers: openServers(deps),
  /** Paused series, and pausing and resuming them. */
  pauses: openPauses(deps),
  /** How many times each link in a course's lessons was followed. */
  clicks: (slug: string) => clicksOf(slug, deps),
  notice: (name: NoticeName) => deps.stores.notices.record(deps.db, name),
  settleNotice: (name: NoticeName) => deps.stores.notices.resolve(deps.db, name),
  ...openMonitoringEndpoints(deps),
  /** After a restore: what has come due since the backup, and what to do with it. */
  restored: openRestored(deps),
})
