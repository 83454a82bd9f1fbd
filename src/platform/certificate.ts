import type { PeerCertificate } from 'node:tls'
import type { Certificate } from '../domain/doctor/certificate.ts'

/** Returns a certificate's expiry and issuer; null if none was presented. */
export function readCertificate(certificate: PeerCertificate | null): Certificate | null {
  if (!certificate?.valid_to) return null
  const until = Temporal.Instant.fromEpochMilliseconds(Date.parse(certificate.valid_to))
  const { O: organization, CN: name } = certificate.issuer
  return { until, issuer: [organization ?? name ?? 'an unknown authority'].flat().join(', ') }
}
