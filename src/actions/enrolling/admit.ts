import { Problem } from '../../domain/problem.ts'
import type { KeyedMutex } from '../../platform/keyed-mutex.ts'
import type { ProofOfWork } from '../../security/proof-of-work.ts'
import type { Gauge, Limiter } from '../../store/postgres/rate-limits.ts'

export interface Deps {
  readonly now: () => Temporal.Instant
  readonly proofs: ProofOfWork
  readonly addressHashes: (addressKey: string) => [Buffer, ...Buffer[]]
  readonly limits: Readonly<Record<'network' | 'address' | 'networkAtMost' | 'slowly', Limiter>>
  /** Wrong proofs by network. */
  readonly wrongProofs: Gauge
  /** Uses of a form by everybody together. */
  readonly rush: Gauge
  /** Counts a challenge that was answered: each is valid for one answer (standards.md I5). */
  readonly spend: Limiter
  readonly inTurn: KeyedMutex
}

export interface FormSubmission {
  /** The name of the form. */
  readonly form: string
  readonly network: string
  readonly addressKey: string
  /** The answer to a challenge that came with the form, or an empty string. */
  readonly proof: string
  /** Whether its browser has reported that it cannot do proof of work. */
  readonly slowly?: boolean
}

/** What happens to a submitted form; `slowly`: it is taken, and carried out when its turn comes. */
export type Admission = 'taken' | 'slowly' | 'work first' | 'too many at once'

/** Returns whether a form is used so much that browsers must show proof of work first. */
export const isProofRequired = async (form: string, { rush }: Pick<Deps, 'rush'>) =>
  (await rush.above(form)) > 0

/**
 * Decides whether a submitted form is taken, or its browser must show proof of work first. A
 * browser that cannot, for lack of JavaScript, is taken as well, up to as many as can be carried
 * out within half an hour: the confirmation mail is proof enough, and the rate of carrying them out
 * keeps the form from being used for mail bombing. Depends on the number of requests, never on what
 * is known about the address.
 *
 * @throws Problem `too_many`, with the seconds to wait, when its network exceeds the upper limit or
 * keeps sending wrong proofs.
 */
export async function admit(submission: FormSubmission, deps: Deps): Promise<Admission> {
  const { form, network } = submission
  const isSlow = (await needsProof(submission, deps)) && !(await hasValidProof(submission, deps))
  if (isSlow && !(submission.slowly && submission.proof === '')) return 'work first'
  throwIfLimited(await deps.limits.networkAtMost(`${form} ${network}`))
  if (isSlow && (await deps.limits.slowly(form)) > 0) return 'too many at once'
  await deps.rush.count(form)
  return isSlow ? 'slowly' : 'taken'
}

async function needsProof(
  { form, network, addressKey }: FormSubmission,
  deps: Deps,
): Promise<boolean> {
  if (await isProofRequired(form, deps)) return true
  const [hash] = deps.addressHashes(addressKey)
  const ofNetwork = await deps.limits.network(`${form} ${network}`)
  const ofAddress = await deps.limits.address(`${form} ${hash.toString('hex')}`)
  return ofNetwork > 0 || ofAddress > 0
}

/**
 * Returns whether the form brought valid work, shown for the first time. Proofs of one network are
 * checked one at a time, so that their number can be limited. The first answer spends its
 * challenge, right or wrong.
 */
function hasValidProof({ form, network, proof }: FormSubmission, deps: Deps): Promise<boolean> {
  const { now, proofs, wrongProofs, spend } = deps
  if (proof === '') return Promise.resolve(false)
  const key = `${form} ${network}`
  return deps.inTurn(key, async () => {
    throwIfLimited(await wrongProofs.above(key))
    const claim = proofs.claimed(form, proof, now())
    const holds = claim !== null && (await spend(claim.challenge)) === 0 && (await claim.holds())
    if (!holds) await wrongProofs.count(key)
    return holds
  })
}

function throwIfLimited(seconds: number) {
  if (seconds === 0) return
  throw new Problem('too_many', 'form.wait', {
    params: { minutes: Math.ceil(seconds / 60) },
    retryAfter: seconds,
  })
}
