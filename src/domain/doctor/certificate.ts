/** How long a certificate remains valid. */
import { type DoctorFinding, errorIf, type Group, ok } from './finding.ts'

const WARN_BELOW_DAYS = 21
const ERROR_BELOW_DAYS = 7

export interface Certificate {
  readonly until: Temporal.Instant
  readonly issuer: string
}

export function judgeCertificate(
  { until, issuer }: Certificate,
  { group, where, now }: { group: Group; where: string; now: Temporal.Instant },
): DoctorFinding {
  const days = Math.floor(until.since(now).total('hours') / 24)
  const on = String(until).slice(0, 10)
  if (days >= WARN_BELOW_DAYS)
    return ok(
      `${group}.certificate.ok`,
      `The certificate of ${where} is good for ${days} days, until ${on}.`,
      { subject: where },
    )
  return errorIf(days < ERROR_BELOW_DAYS)(
    `${group}.certificate.ends`,
    days < 0
      ? `The certificate of ${where} ended on ${on}.`
      : `The certificate of ${where} ends in ${days} ${days === 1 ? 'day' : 'days'}, on ${on}.`,
    {
      subject: where,
      why: 'After that nothing gets through. Certificates are renewed a month before their end; this one was not.',
      fix: `See why it is not renewed (it is of ${issuer}).`,
    },
  )
}
