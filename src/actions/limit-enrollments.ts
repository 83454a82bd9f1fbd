import { Problem } from '../domain/problem.ts'
import type { Count, Gauge } from '../store/rate-limits.ts'

export interface Deps {
  readonly limits: { readonly network: Count; readonly address: Count; readonly all: Count }
  /** How busy enrolling is. */
  readonly rush: Gauge
  readonly addressHashes: (addressKey: string) => [Buffer, ...Buffer[]]
}

/** How many requests to enroll are taken (standards.md I4): a form without limits is a tool for list bombing. */
export const ENROLLMENT_LIMITS = {
  network: { name: 'enroll-network', points: 20, seconds: 3_600 },
  address: { name: 'enroll-address', points: 5, seconds: 3_600 },
  all: { name: 'enroll-all', points: 5_000, seconds: 3_600 },
} as const

/** Above how many requests in ten minutes browsers have to show proof of work is configured; it lasts half an hour. */
export const RUSH = { name: 'enroll-rush', seconds: 600, holdSeconds: 1_800 } as const

/** Throws a Problem `too_many` when this network, this address or everybody together asks too often. */
export async function limitEnrollments(network: string, addressKey: string, deps: Deps) {
  const { limits, addressHashes, rush } = deps
  const [hash] = addressHashes(addressKey)
  const wait =
    (await limits.network(network)) ||
    (await limits.address(hash.toString('hex'))) ||
    (await limits.all('all'))
  if (wait === 0) return rush.count()
  const minutes = Math.ceil(wait / 60)
  const when = minutes === 1 ? 'a minute' : `${minutes} minutes`
  throw new Problem('too_many', `That was a lot of requests. Please try again in ${when}.`, {
    retryAfter: wait,
  })
}
