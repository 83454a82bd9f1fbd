import { Problem } from '../../domain/problem.ts'
import type { InTurn } from '../../platform/in-turn.ts'
import type { Proofs } from '../../security/proofs.ts'
import type { Count, Gauge } from '../../store/postgres/rate-limits.ts'

export interface Deps {
  readonly now: () => Temporal.Instant
  readonly proofs: Proofs
  readonly addressHashes: (addressKey: string) => [Buffer, ...Buffer[]]
  readonly limits: Readonly<Record<'network' | 'address' | 'networkAtMost' | 'slowly', Count>>
  /** How many proofs of a network were wrong. */
  readonly wrongProofs: Gauge
  /** How many use a form, all together. */
  readonly rush: Gauge
  /** Counts a challenge that was answered: each is good for one answer (standards.md I5). */
  readonly spend: Count
  readonly inTurn: InTurn
}

export interface Asking {
  /** The name of the form. */
  readonly form: string
  readonly network: string
  readonly addressKey: string
  /** The answer to a challenge that the form brought, or nothing. */
  readonly proof: string
  /** Whether its browser has said that it cannot show any. */
  readonly slowly?: boolean
}

/** What becomes of a form; `slowly`: it is taken, and carried out when its turn comes. */
export type Admission = 'taken' | 'slowly' | 'work first' | 'too many at once'

/** Whether so many use this form that browsers have to show some work first. */
export const proofWanted = async (form: string, { rush }: Pick<Deps, 'rush'>) =>
  (await rush.above(form)) > 0

/**
 * Whether what a form sent is taken, or its browser has to show proof of work first. One that
 * cannot, for want of JavaScript, is taken as well, as many as are carried out within half an hour:
 * the mail to confirm is proof enough, and their number a second is what keeps the form from being
 * a tool for bombing. Depends on how often was asked, never on what is known of the address.
 *
 * @throws Problem `too_many`, with the seconds to wait, when its network goes beyond all bounds or
 * keeps sending wrong proofs.
 */
export async function admit(asking: Asking, deps: Deps): Promise<Admission> {
  const { form, network } = asking
  const isSlow = (await needsWork(asking, deps)) && !(await showsWork(asking, deps))
  if (isSlow && !(asking.slowly && asking.proof === '')) return 'work first'
  refuseFor(await deps.limits.networkAtMost(`${form} ${network}`))
  if (isSlow && (await deps.limits.slowly(form)) > 0) return 'too many at once'
  await deps.rush.count(form)
  return isSlow ? 'slowly' : 'taken'
}

async function needsWork({ form, network, addressKey }: Asking, deps: Deps): Promise<boolean> {
  if (await proofWanted(form, deps)) return true
  const [hash] = deps.addressHashes(addressKey)
  const ofNetwork = await deps.limits.network(`${form} ${network}`)
  const ofAddress = await deps.limits.address(`${form} ${hash.toString('hex')}`)
  return ofNetwork > 0 || ofAddress > 0
}

/**
 * Whether the form brought work that was done for it, shown for the first time. One proof of a
 * network is looked at at a time, so that their number can be bounded; its challenge is spent by
 * the first answer, right or wrong.
 */
function showsWork({ form, network, proof }: Asking, deps: Deps): Promise<boolean> {
  const { now, proofs, wrongProofs, spend } = deps
  if (proof === '') return Promise.resolve(false)
  const key = `${form} ${network}`
  return deps.inTurn(key, async () => {
    refuseFor(await wrongProofs.above(key))
    const claim = proofs.claimed(form, proof, now())
    const holds = claim !== null && (await spend(claim.challenge)) === 0 && (await claim.holds())
    if (!holds) await wrongProofs.count(key)
    return holds
  })
}

function refuseFor(seconds: number) {
  if (seconds === 0) return
  throw new Problem('too_many', 'form.wait', {
    params: { minutes: Math.ceil(seconds / 60) },
    retryAfter: seconds,
  })
}
