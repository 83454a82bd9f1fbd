import { type EnrollmentRequest, enroll } from '../actions/enrolling/enroll.ts'
import { clicksOf } from '../actions/operating/clicks.ts'
import { openReports } from '../actions/operating/monitoring.ts'
import { openPauses } from '../actions/operating/pauses.ts'
import { openRestored } from '../actions/operating/restored.ts'
import { openServers } from '../actions/operating/servers.ts'
import { status } from '../actions/operating/status.ts'
import { openUnknowns } from '../actions/operating/unknowns.ts'
import { openLookups } from '../actions/readers/lookups.ts'
import type { NoticeName } from '../domain/notices.ts'
import type { Deps } from './deps.ts'

/** What an operator asks and decides. */
export const openOperator = (deps: Deps) => ({
  enroll: (request: EnrollmentRequest) => enroll(request, deps),
  ...openLookups(deps),
  status: () => status(deps),
  unknowns: openUnknowns(deps),
  /** SMTP servers that are halted or down, and having mail sent by those that were halted. */
  servers: openServers(deps),
  /** Series that are paused, and pausing and resuming them. */
  pauses: openPauses(deps),
  /** Which links of a course's lessons were followed how often. */
  clicks: (slug: string) => clicksOf(slug, deps),
  notice: (name: NoticeName) => deps.stores.notices.note(deps.db, name),
  settleNotice: (name: NoticeName) => deps.stores.notices.settle(deps.db, name),
  ...openReports(deps),
  /** After a backup was put back: what was due since, and what becomes of it. */
  restored: openRestored(deps),
})
