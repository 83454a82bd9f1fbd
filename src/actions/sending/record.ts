import type * as stores from '../../store/index.ts'
import type { Deps } from './deliver.ts'

export type Claimed = stores.deliveries.Claimed

/** What stands in a mail, for the ledger. */
export type Said = Pick<stores.deliveries.Result, 'edition' | 'day'>
export type Outcome = Omit<stores.deliveries.Result, 'id' | 'attempt'>

/**
 * Notes what became of a delivery, and of the inspiration in its mail: the same, save that a message refused for its
 * own sake gives it free to go alone. `together`: it would fare no better.
 */
export function record(
  { id, attempts, passenger }: Claimed,
  outcome: Outcome,
  { now, results }: Pick<Deps, 'now' | 'results'>,
  together = outcome.move !== 'refuse',
) {
  results.add({ id, attempt: attempts, ...outcome })
  if (!passenger) return
  const own = { id: passenger.id, attempt: passenger.attempts }
  const { move } = outcome
  if (!together) results.add({ ...own, move: 'release', tryAt: now() })
  else results.add({ ...outcome, ...own, day: undefined, move: move === 'accept' ? 'merge' : move })
}
