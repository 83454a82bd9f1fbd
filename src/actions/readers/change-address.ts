import type { Address } from '../../domain/address.ts'
import { Problem } from '../../domain/problem.ts'
import { DAY } from '../../domain/time.ts'
import type * as stores from '../../store/index.ts'
import type { Limiter } from '../../store/postgres/rate-limits.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { type Deps as MailDeps, planRequestedMail } from '../shared/plan-requested-mail.ts'

export interface Deps extends MailDeps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: MailDeps['stores'] &
    Pick<typeof stores, 'subscribers' | 'enrollments' | 'addressChanges'>
  readonly newId: (now: Temporal.Instant) => string
  /** Limits how many addresses may be asked by the links of one subscriber. */
  readonly changes: Limiter
}

export interface AddressChangeRequest {
  readonly to: Address
  /** Epoch of the link used: once links are void, an old one cannot request anything. */
  readonly epoch?: number | undefined
}

/**
 * Asks a new address to confirm that a subscriber's mails may go there; nothing changes until it
 * does. Does not reveal whether that address is known here. An address that wants no mail from us
 * gets none, and none is asked twice in a day, no matter who wants it. Someone who abuses another
 * person's link is limited by that link only: once it is void, its owner may ask the full number
 * again.
 *
 * @throws Problem `invalid` with a message at the field `email` when it is already the current
 * address; `too_many` after five in a day; `not_found` when the enrollment is gone; `expired` when
 * its links have been made void since.
 */
export async function changeAddress(
  enrollmentId: string,
  request: AddressChangeRequest,
  deps: Deps,
): Promise<void> {
  const { db, stores } = deps
  const enrollment = await stores.enrollments.byId(db, enrollmentId)
  if (!enrollment) throw new Problem('not_found', 'enrollment.gone')
  const isThere = await stores.subscribers.withLock(
    db,
    enrollment.subscriber_id,
    async (tx, subscriber) => {
      await requestChange(tx, { enrollment, subscriber, ...request }, deps)
      return true
    },
  )
  if (!isThere) throw new Problem('not_found', 'enrollment.gone')
}

interface AddressRequest extends AddressChangeRequest {
  readonly enrollment: stores.enrollments.Enrollment
  readonly subscriber: stores.subscribers.Subscriber
}

async function requestChange(
  tx: Db,
  { enrollment, subscriber, to, epoch = subscriber.epoch }: AddressRequest,
  deps: Deps,
) {
  const { stores, now, newId, changes, addressHashes } = deps
  const at = now()
  if (epoch !== subscriber.epoch) throw new Problem('expired', 'link.turned-off')
  if (subscriber.address_key === to.key) {
    throw new Problem('invalid', 'address.in-use', { fields: { email: { key: 'address.same' } } })
  }
  const [limitKey] = addressHashes(subscriber.id)
  const wait = await changes(`${limitKey.toString('hex')} ${epoch}`)
  if (wait > 0)
    throw new Problem('too_many', 'address.too-many', {
      fields: { email: { key: 'address.too-many' } },
      retryAfter: wait,
    })
  const mailed = await stores.addressChanges.mailedSince(
    tx,
    to.key,
    at.subtract({ milliseconds: DAY }),
  )
  // A mail is already there, and its link confirms this request too.
  if (mailed?.subscriber_id === subscriber.id && !mailed.confirmed_at && !mailed.undone_at)
    return stores.addressChanges.renew(tx, mailed.id, epoch, at)
  const id = newId(at)
  const mail = { enrollment, id, item: id, recipient: to.spec }
  if (await planRequestedMail(tx, { kind: 'change', to: to.key, mail }, at, deps))
    await stores.addressChanges.add(
      tx,
      { id, from: subscriber, to: { address: to.spec, key: to.key } },
      at,
    )
}
