import { HOUR } from '../domain/time.ts'
import type { Secrets } from './secrets.ts'

/** Milliseconds for which a seal can be opened. */
const LIFETIME = HOUR
/** Longer ones are not ours, and are not opened. */
const MAX_SEALED_LENGTH = 8_000

/** Data that one of our URLs may carry for its reader alone: encrypted, and valid for an hour. */
export interface Seals {
  seal(purpose: string, value: unknown, now: Temporal.Instant): string
  /**
   * Returns what was sealed for this purpose; null if it is not ours, was changed, or is too old.
   */
  open(purpose: string, sealed: string, now: Temporal.Instant): unknown
}

export const openSeals = (secrets: Secrets): Seals => ({
  seal: (purpose, value, now) =>
    secrets.seal(purpose, JSON.stringify([now.epochMilliseconds + LIFETIME, value])),
  open: (purpose, sealed, now) => {
    const text = sealed.length <= MAX_SEALED_LENGTH ? secrets.unseal(purpose, sealed) : null
    if (text === null) return null
    const [expiresAt, value] = JSON.parse(text) as [number, unknown]
    return now.epochMilliseconds < expiresAt ? value : null
  },
})
