import { CHANGES, LIMITS, RUSH, WRONG_PROOFS } from '../../domain/form-limits.ts'
import type { Config } from '../../platform/config.ts'
import type { Count, Gauge, Limit } from '../../store/postgres/rate-limits.ts'

interface Counting {
  readonly limit: (limit: Limit) => Count
  readonly gauge: (limit: Limit & { readonly holdSeconds?: number }) => Gauge
}

/**
 * Opens the limits of forms as configured, counted across all processes. A challenge is valid for
 * `proofSeconds`.
 */
export function openFormLimits(
  { formLimits, proofAbove }: Config,
  { limit, gauge }: Counting,
  proofSeconds: number,
) {
  const setTo = (name: keyof typeof formLimits) =>
    limit({ ...LIMITS[name], points: formLimits[name] })
  return {
    limits: {
      network: setTo('network'),
      address: setTo('address'),
      networkAtMost: setTo('networkAtMost'),
      slowly: limit(LIMITS.slowly),
    },
    changes: limit(CHANGES),
    wrongProofs: gauge(WRONG_PROOFS),
    rush: gauge({ ...RUSH, points: proofAbove }),
    spend: limit({ name: 'proof', points: 1, seconds: proofSeconds }),
  }
}
