import type { Address } from '../domain/address.ts'
import { Problem } from '../domain/problem.ts'
import { DAY } from '../domain/time.ts'
import type * as stores from '../store/index.ts'
import type { Db } from '../store/sql.ts'
import { onRequest } from './on-request.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<
    typeof stores,
    'subscribers' | 'enrollments' | 'deliveries' | 'addressChanges' | 'suppressions'
  >
  readonly newId: (now: Temporal.Instant) => string
  readonly addressHashes: (addressKey: string) => [Buffer, ...Buffer[]]
  readonly nudge: (ids: readonly string[]) => Promise<void>
}

export interface Wish {
  readonly to: Address
  /** Of the link by which it is asked for: once links are void, nobody asks by an old one. */
  readonly epoch?: number | undefined
}

const GONE = 'We no longer know this subscription.'

/**
 * Asks a new address to confirm that a subscriber's mornings may come there; until it does nothing changes.
 * Says nothing of whether that address is known here. One that wants no mail from us gets none, and none is asked twice
 * in a day, whoever wants it: somebody who asks without end keeps nobody else from asking for their own.
 *
 * @throws Problem `invalid` with a message at the field `email` when it is the present address already;
 * `not_found` when the enrollment is gone; `expired` when its links were made void meanwhile.
 */
export async function changeAddress(enrollmentId: string, wish: Wish, deps: Deps): Promise<void> {
  const { db, stores, nudge } = deps
  const enrollment = await stores.enrollments.byId(db, enrollmentId)
  if (!enrollment) throw new Problem('not_found', GONE)
  const ids = await stores.subscribers.holding(db, enrollment.subscriber_id, (tx, subscriber) =>
    ask(tx, { enrollment, subscriber, ...wish }, deps),
  )
  if (!ids) throw new Problem('not_found', GONE)
  await nudge(ids)
}

interface Asked extends Wish {
  readonly enrollment: stores.enrollments.Enrollment
  readonly subscriber: stores.subscribers.Subscriber
}

async function ask(
  tx: Db,
  { enrollment, subscriber, to, epoch = subscriber.epoch }: Asked,
  { stores, now, newId, addressHashes }: Deps,
) {
  const at = now()
  if (epoch !== subscriber.epoch) throw new Problem('expired', 'This link was made void. Use a newer one.')
  if (subscriber.address_key === to.key) {
    const fields = { email: 'This is where your mornings come already.' }
    throw new Problem('invalid', 'This address is in use.', { fields })
  }
  const [hash, ...old] = addressHashes(to.key)
  await stores.suppressions.rekey(tx, old, hash)
  if (await stores.suppressions.has(tx, hash)) return []
  const mailed = await stores.addressChanges.mailedSince(tx, to.key, at.subtract({ milliseconds: DAY }))
  if (mailed) {
    // Its mail is there; the link in it answers this question too.
    const same = mailed.subscriber_id === subscriber.id && !mailed.confirmed_at && !mailed.undone_at
    if (same) await stores.addressChanges.renew(tx, mailed.id, epoch, at)
    return []
  }
  const id = newId(at)
  await stores.addressChanges.add(tx, { id, from: subscriber, to: { address: to.spec, key: to.key } }, at)
  const mail = { ...onRequest(enrollment, 'change', id, at), id, recipient: to.spec, recipientHash: hash }
  return stores.deliveries.add(tx, [mail], at)
}
