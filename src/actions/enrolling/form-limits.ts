import {
  ADDRESS_CHANGE_LIMIT,
  FORM_RATE_LIMITS,
  RUSH_LIMIT,
  WRONG_PROOF_LIMIT,
} from '../../domain/form-limits.ts'
import type { Config } from '../../platform/config.ts'
import type { Gauge, Limit, Limiter } from '../../store/postgres/rate-limits.ts'

interface Counting {
  readonly limit: (limit: Limit) => Limiter
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
    limit({ ...FORM_RATE_LIMITS[name], points: formLimits[name] })
  return {
    limits: {
      network: setTo('network'),
      address: setTo('address'),
      networkAtMost: setTo('networkAtMost'),
      slowly: limit(FORM_RATE_LIMITS.slowly),
    },
    changes: limit(ADDRESS_CHANGE_LIMIT),
    wrongProofs: gauge(WRONG_PROOF_LIMIT),
    rush: gauge({ ...RUSH_LIMIT, points: proofAbove }),
    spend: limit({ name: 'proof', points: 1, seconds: proofSeconds }),
  }
}
