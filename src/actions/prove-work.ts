import type { Proofs } from '../proofs.ts'
import type { Count, Gauge } from '../store/rate-limits.ts'

export interface Deps {
  readonly now: () => Temporal.Instant
  readonly proofs: Proofs
  /** How busy enrolling is, everybody's requests together. */
  readonly rush: Gauge
  /** Counts a challenge that was solved: each is good for one request (standards.md I5). */
  readonly spend: Count
}

/** Whether so many enroll that browsers have to show some work first. */
export const proofWanted = ({ rush }: Pick<Deps, 'rush'>) => rush.isAbove()

/** Whether `answer` is the work for this form, shown for the first time. */
export async function proveWork(
  form: string,
  answer: string,
  { now, proofs, spend }: Omit<Deps, 'rush'>,
): Promise<boolean> {
  const challenge = await proofs.solved(form, answer, now())
  return challenge !== null && (await spend(challenge)) === 0
}
