import { MINUTE, SECOND } from '../../domain/time.ts'
import type { Batch } from '../../platform/batch.ts'
import type * as stores from '../../store/index.ts'

export interface Deps {
  readonly now: () => Temporal.Instant
  /** Takes what became of each delivery; written to the ledger in batches. */
  readonly results: Batch<stores.outcomes.Result>
}

/** Milliseconds until a mail is tried again that failed through no fault of its own. */
export const RETRY_PATIENCE = {
  transport: SECOND,
  slow: MINUTE,
  halt: 5 * MINUTE,
  unfit: 5 * MINUTE,
  unknown: 5 * MINUTE,
} as const

export type Claimed = stores.deliveries.Claimed

/** What stands in a mail, for the ledger. */
export type ComposedFields = Pick<stores.outcomes.Result, 'edition' | 'day'>
export type Outcome = Omit<stores.outcomes.Result, 'id' | 'attempt'> & {
  readonly together?: boolean
}

/**
 * Notes what became of a delivery, and of the inspiration in its mail: the same, save that a
 * message refused for its own sake gives it free to go alone, unless `together` says that it would
 * fare no better.
 */
export function record(
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
      // It names the mail, which is the other's.
      providerId: undefined,
      move: move === 'accept' ? 'merge' : move,
    })
}
