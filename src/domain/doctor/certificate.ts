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
      `The certificate of ${where} is valid for ${days} days, until ${on}.`,
      { subject: where },
    )
  return errorIf(days < ERROR_BELOW_DAYS)(
    `${group}.certificate.ends`,
    days < 0
      ? `The certificate of ${where} expired on ${on}.`
      : `The certificate of ${where} expires in ${days} ${days === 1 ? 'day' : 'days'}, on ${on}.`,
    {
      subject: where,
      why: 'No connection works after that. Certificates are usually renewed a month earlier; this one was not.',
      fix: `Find out why it was not renewed (issuer: ${issuer}).`,
    },
  )
}
