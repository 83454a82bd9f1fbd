import { type DateSpan, shownOf, todaysInspiration } from '../actions/courses/shown.ts'
import { admit, type FormSubmission, isProofRequired } from '../actions/enrolling/admit.ts'
import { requestEnrollment } from '../actions/enrolling/request-enrollment.ts'
import { requestLink } from '../actions/enrolling/request-link.ts'
import { type Address, isInternational } from '../domain/address.ts'
import type { Daily, Series } from '../domain/course.ts'
import { openMediaCache } from '../platform/media-cache.ts'
import { openFormTimestamps } from '../security/form-timestamps.ts'
import { openSeals } from '../security/seals.ts'
import type { requests } from '../store/index.ts'
import type { Deps } from './deps.ts'
import type { Infrastructure } from './infrastructure.ts'

/** What an unknown visitor may do: read what is public, and submit forms. */
export const openVisitor = (deps: Deps, { secrets, monitoring }: Infrastructure) => ({
  stamps: openFormTimestamps(secrets),
  seals: openSeals(secrets),
  admit: (asking: FormSubmission) => admit(asking, deps),
  isProofRequired: (form: string) => isProofRequired(form, deps),
  /** Returns whether mail can reach the address, as far as this process knows its SMTP servers. */
  reaches: ({ spec }: Address) => {
    const servers = isInternational(spec) ? deps.transport.servers() : []
    return servers.length === 0 || servers.some(({ speaksUtf8 }) => speaksUtf8 !== false)
  },
  challenge: (form: string) => deps.proofs.challenge(form, deps.now()),
  /** Records what a form asks for, and has it carried out after the response. */
  requestEnrollment: (request: requests.Request) => {
    monitoring.metrics.enrollmentAsked()
    return requestEnrollment(request, deps)
  },
  requestLink: (to: Address, how: { slowly?: boolean } = {}) => requestLink(to, how, deps),
  media: openMediaCache((hash) => deps.stores.media.byHash(deps.db, hash)),
  inspirationOn: (on: Temporal.PlainDate, series: readonly Series[]) =>
    todaysInspiration({ on, series }, deps),
  shownOf: (daily: Daily, span: DateSpan) => shownOf(daily, span, deps),
})
