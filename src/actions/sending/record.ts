import { MINUTE, SECOND } from '../../domain/time.ts'
import type { Batch } from '../../platform/batch.ts'
import type * as stores from '../../store/index.ts'

export interface Deps {
  readonly now: () => Temporal.Instant
  /** Takes the outcome of each delivery, and writes them to the ledger in batches. */
  readonly results: Batch<stores.outcomes.Result>
}

/** Milliseconds until a mail that failed through no fault of its own is retried. */
export const RETRY_DELAYS_MS = {
  transport: SECOND,
  slow: MINUTE,
  halt: 5 * MINUTE,
  unfit: 5 * MINUTE,
  unknown: 5 * MINUTE,
} as const

export type Claimed = stores.deliveries.ClaimedDelivery

/** What the ledger records about the content of a mail. */
export type ComposedFields = Pick<stores.outcomes.Result, 'edition' | 'day'>
export type Outcome = Omit<stores.outcomes.Result, 'id' | 'attempt'> & {
  readonly together?: boolean
}

/**
 * Records the outcome of a delivery, and of the companion in its mail. Both get the same outcome,
 * but a message refused for its own sake releases its companion to go alone, unless `together` says
 * that it would fare no better.
 */
export function recordOutcome(
  { id, attempts, companion }: Claimed,
  { together, ...outcome }: Outcome,
  { now, results }: Deps,
) {
  results.add({ id, attempt: attempts, ...outcome })
  if (!companion) return
  const companionAttempt = { id: companion.id, attempt: companion.attempts }
  const { move } = outcome
  if (!(together ?? move !== 'refuse'))
    results.add({ ...companionAttempt, move: 'release', tryAt: now() })
  else
    results.add({
      ...outcome,
      ...companionAttempt,
      day: undefined,
      // It identifies the mail, which belongs to the other delivery.
      providerId: undefined,
      move: move === 'accept' ? 'merge' : move,
    })
}
