import { HOUR } from '../domain/time.ts'
import type { Secrets } from './secrets.ts'

/** How long a seal opens. */
const LIFETIME = HOUR
/** Longer ones are none of ours, and are not looked into. */
const LONGEST = 8_000

/**
 * What an address of ours may carry for its reader alone: nobody sees what is in it, and it opens
 * for an hour.
 */
export interface Seals {
  seal(purpose: string, value: unknown, now: Temporal.Instant): string
  /** What was sealed for this purpose; null when it is none of ours, was changed, or is too old. */
  open(purpose: string, sealed: string, now: Temporal.Instant): unknown
}

export const openSeals = (secrets: Secrets): Seals => ({
  seal: (purpose, value, now) =>
    secrets.seal(purpose, JSON.stringify([now.epochMilliseconds + LIFETIME, value])),
  open: (purpose, sealed, now) => {
    const text = sealed.length <= LONGEST ? secrets.unseal(purpose, sealed) : null
    if (text === null) return null
    const [expiresAt, value] = JSON.parse(text) as [number, unknown]
    return now.epochMilliseconds < expiresAt ? value : null
  },
})
