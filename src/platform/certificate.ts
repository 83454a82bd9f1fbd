import type { PeerCertificate } from 'node:tls'
import type { Certificate } from '../domain/doctor/certificate.ts'

/** What of a certificate counts; null where none was shown. */
export function readCertificate(certificate: PeerCertificate | null): Certificate | null {
  if (!certificate?.valid_to) return null
  const until = Temporal.Instant.fromEpochMilliseconds(Date.parse(certificate.valid_to))
  const { O: organization, CN: name } = certificate.issuer
  return { until, issuer: [organization ?? name ?? 'an unknown authority'].flat().join(', ') }
}
