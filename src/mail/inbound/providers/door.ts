/** What every webhook is asked before it is believed, and what it may say then. */
import type { Report } from '../../../domain/report.ts'
import { MINUTE } from '../../../domain/time.ts'

/** What came over HTTP, as it came. */
export interface Delivered {
  header(name: string): string
  readonly body: Uint8Array
}

export interface KnownEvent {
  /** Names it among all that came in. */
  readonly digest: Buffer
  readonly report: Report
}

export interface Opened {
  readonly events: readonly KnownEvent[]
  /** A signature that is of this body alone, and of no other, until then. */
  readonly once?: {
    readonly token: Buffer
    readonly body: Buffer
    readonly until: Temporal.Instant
  }
  /** What an operator should know of it. */
  readonly note?: 'confirmed' | 'unsubscribed'
}

/**
 * - `unsigned`: its signature or credential is not the provider's, or it is of a topic that is not
 *   ours.
 * - `stale`: it was signed too long ago, or in the future.
 * - `unreadable`: it is no JSON.
 * - `too_many`: it has more events than any provider sends at once.
 */
export type Refusal = 'unsigned' | 'stale' | 'unreadable' | 'too_many'

/** Rejects when it cannot be told now: it is to be sent again. */
export type Door = (delivered: Delivered, now: Temporal.Instant) => Promise<Opened | Refusal>

/** How far clocks may be apart: a signature from the future. */
const AHEAD = 5 * MINUTE

/** Whether something was signed lately. `seconds` since 1970. */
export function isFresh(seconds: string, now: Temporal.Instant, toleranceMs: number): boolean {
  if (!/^\d{1,12}$/.test(seconds)) return false
  const age = now.epochMilliseconds - Number(seconds) * 1_000
  return age <= toleranceMs && age >= -AHEAD
}
