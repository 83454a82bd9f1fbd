import type { Address } from '../domain/address.ts'
import { Problem } from '../domain/problem.ts'
import { DAY, isBefore } from '../domain/time.ts'
import type * as stores from '../store/index.ts'
import type { Db } from '../store/sql.ts'
import { type Deps as MailDeps, mailOnRequest } from './mail-on-request.ts'

export interface Deps extends MailDeps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: MailDeps['stores'] & Pick<typeof stores, 'subscribers' | 'enrollments' | 'personal'>
}

/** Mails that may ask for the confirmation of a new address, a subscriber and day. */
const A_DAY = 3

/**
 * Asks a new address to confirm that a subscriber's mornings may come there; until it does nothing changes.
 * Says nothing of whether that address is known here. One that wants no mail from us gets none.
 *
 * @throws Problem `invalid` with a message at the field `email` when it is the present address already;
 * `too_many` when three were asked today; `not_found` when the enrollment is gone.
 */
export async function changeAddress(enrollmentId: string, to: Address, deps: Deps): Promise<void> {
  await deps.db.transaction().execute((tx) => ask(tx, enrollmentId, to, deps))
}

async function ask(tx: Db, enrollmentId: string, to: Address, deps: Deps) {
  const { stores, now } = deps
  const at = now()
  const enrollment = await stores.enrollments.lock(tx, enrollmentId)
  const subscriber = enrollment && (await stores.subscribers.byId(tx, enrollment.subscriber_id))
  if (!enrollment || !subscriber) throw new Problem('not_found', 'We no longer know this subscription.')
  if (subscriber.address_key === to.key) {
    const fields = { email: 'This is where your mornings come already.' }
    throw new Problem('invalid', 'This address is in use.', { fields })
  }
  const asked = await stores.personal.changesOf(tx, subscriber.id)
  const today = asked.filter(({ created_at }) => isBefore(at.subtract({ milliseconds: DAY }), created_at))
  if (today.length >= A_DAY) {
    const fields = { email: 'That was a lot of changes for one day. Please try again tomorrow.' }
    const next = today.at(-1)?.created_at.add({ milliseconds: DAY }) ?? at
    const retryAfter = Math.ceil(at.until(next).total('seconds'))
    throw new Problem('too_many', 'Too many changes of address.', { fields, retryAfter })
  }
  const mail = { enrollment, item: String(asked.length + 1), recipient: to.spec }
  await mailOnRequest(tx, { kind: 'change', to: to.key, mail }, at, deps)
}
