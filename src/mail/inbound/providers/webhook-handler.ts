/** How webhooks are authenticated, and what they may report. */
import type { Report } from '../../../domain/report.ts'
import { MINUTE } from '../../../domain/time.ts'

/** An HTTP request as received. */
export interface WebhookRequest {
  header(name: string): string
  readonly body: Uint8Array
}

export interface WebhookEvent {
  /** Identifies the event among all that came in. */
  readonly digest: Buffer
  readonly report: Report
}

export interface AcceptedWebhook {
  readonly events: readonly WebhookEvent[]
  /** A signature that is valid for this body only, until the given time. */
  readonly once?: {
    readonly token: Buffer
    readonly body: Buffer
    readonly until: Temporal.Instant
  }
  /** What an operator should know. */
  readonly note?: 'confirmed' | 'unsubscribed'
}

/**
 * - `unsigned`: its signature or credential is not the provider's, or the topic is not ours.
 * - `stale`: it was signed too long ago, or in the future.
 * - `unreadable`: it is not JSON.
 * - `too_many`: it has more events than any provider sends together.
 */
export type WebhookRejection = 'unsigned' | 'stale' | 'unreadable' | 'too_many'

/** Authenticates and reads a request. Rejects if it cannot tell now; the provider is to retry. */
export type WebhookHandler = (
  delivered: WebhookRequest,
  now: Temporal.Instant,
) => Promise<AcceptedWebhook | WebhookRejection>

/** Maximum clock skew for a signature from the future. */
const MAX_CLOCK_SKEW_MS = 5 * MINUTE

/** Whether something was signed recently. `seconds` since 1970. */
export function isFresh(seconds: string, now: Temporal.Instant, toleranceMs: number): boolean {
  if (!/^\d{1,12}$/.test(seconds)) return false
  const age = now.epochMilliseconds - Number(seconds) * 1_000
  return age <= toleranceMs && age >= -MAX_CLOCK_SKEW_MS
}
