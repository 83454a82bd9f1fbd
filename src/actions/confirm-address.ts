import { readAddress } from '../domain/address.ts'
import { Problem } from '../domain/problem.ts'
import type * as stores from '../store/index.ts'
import type { Db } from '../store/sql.ts'
import { onRequest } from './on-request.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<
    typeof stores,
    'subscribers' | 'enrollments' | 'deliveries' | 'personal' | 'suppressions' | 'consents'
  >
  readonly addressHashes: (addressKey: string) => [Buffer, ...Buffer[]]
  readonly nudge: (ids: readonly string[]) => Promise<void>
}

export interface AddressChange {
  /** The address that was asked to confirm. */
  readonly to: string
  readonly done: boolean
}

const TAKEN = 'This address has mornings of its own. Leave them first, then try again.'
const GONE = 'This link has done its work, or another address was asked for since.'

/** The change that a mail to a new address asks about: the newest of its subscriber only. */
export async function addressChange(deliveryId: string, { db, stores }: Pick<Deps, 'db' | 'stores'>) {
  const found = await find(db, deliveryId, stores)
  return { to: found.to.spec, done: found.subscriber.address_key === found.to.key }
}

/**
 * Lets a subscriber's mail come to the address that this mail was sent to, and tells the old one. Done twice,
 * it changes nothing.
 *
 * @throws Problem `expired` when another change was asked for since, or the person is gone; `invalid` when the
 * address has mornings of its own by now.
 */
export async function confirmAddress(
  deliveryId: string,
  consent: stores.consents.Consent,
  deps: Deps,
): Promise<void> {
  const ids = await deps.db.transaction().execute((tx) => change(tx, deliveryId, consent, deps))
  await deps.nudge(ids)
}

async function change(tx: Db, deliveryId: string, consent: stores.consents.Consent, deps: Deps) {
  const { stores, now, addressHashes } = deps
  // Held, and then looked at again: the link may be pressed in two places at once.
  await stores.subscribers.lock(tx, (await find(tx, deliveryId, stores)).subscriber.id)
  const { subscriber, to, enrollment } = await find(tx, deliveryId, stores)
  if (subscriber.address_key === to.key) return []
  const at = now()
  const [hash] = addressHashes(to.key)
  const isFree = !(await stores.subscribers.byKey(tx, to.key))
  const person = { address: to.spec, key: to.key, hash }
  if (!isFree || !(await stores.subscribers.move(tx, subscriber.id, person)))
    throw new Problem('invalid', TAKEN)
  await stores.suppressions.lift(tx, hash)
  const all = await stores.enrollments.ofSubscriber(tx, subscriber.id)
  const open = all.filter(({ status }) => status === 'active').map(({ id }) => id)
  await stores.consents.record(tx, 'confirmed', open, consent, at)
  const notice = { ...onRequest(enrollment, 'changed', deliveryId, at), recipient: subscriber.address }
  return stores.deliveries.add(tx, [notice], at)
}

async function find(db: Db, deliveryId: string, stores: Deps['stores']) {
  const asked = await stores.personal.changeBy(db, deliveryId)
  const enrollment = asked && (await stores.enrollments.byId(db, asked.enrollment_id))
  const subscriber = enrollment && (await stores.subscribers.byId(db, enrollment.subscriber_id))
  const to = asked?.recipient ? readAddress(asked.recipient) : null
  if (!enrollment || !subscriber || !to) throw new Problem('expired', GONE)
  const [newest] = await stores.personal.changesOf(db, subscriber.id)
  if (newest?.id !== deliveryId) throw new Problem('expired', GONE)
  return { enrollment, subscriber, to }
}
