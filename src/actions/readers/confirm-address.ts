import { ADDRESS_TRIAL_MS } from '../../domain/address.ts'
import { Problem } from '../../domain/problem.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { requestedDelivery } from '../shared/requested-delivery.ts'
import { agreeToAddress, type Deps, decideChange, type LockedChange } from './decide-change.ts'

export interface AddressChangeState {
  /** The address that was asked to confirm. */
  readonly to: string
  readonly done: boolean
}

/**
 * Returns the change that a mail to a new address asks about: only the newest of its subscriber.
 */
export async function addressChange(
  changeId: string,
  { db, stores }: Pick<Deps, 'db' | 'stores'>,
): Promise<AddressChangeState> {
  const change = await stores.addressChanges.byId(db, changeId)
  const subscriber = change && (await stores.subscribers.byId(db, change.subscriber_id))
  if (!change || !subscriber) throw new Problem('expired', 'link.used')
  const done = await isDone(db, change, subscriber, stores)
  return { to: change.to_address, done }
}

/** Returns the language used with its subscriber; null if unknown. */
export async function languageOfChange(
  changeId: string,
  { db, stores }: Pick<Deps, 'db' | 'stores'>,
): Promise<string | null> {
  const change = await stores.addressChanges.byId(db, changeId)
  const subscriber = change && (await stores.subscribers.byId(db, change.subscriber_id))
  return subscriber?.language ?? null
}

/**
 * Moves a subscriber's mail to the address that this mail was sent to. All existing links become
 * void. The old address is notified every time, with a link that undoes the change
 * (undo-address.ts). Idempotent, also for concurrent requests.
 *
 * @throws Problem `expired` when another change was requested since, its links were made void, or
 * the person is gone; `invalid` when the address has a subscriber of its own by now.
 */
export const confirmAddress = (
  changeId: string,
  consent: stores.consents.Consent,
  deps: Deps,
): Promise<void> =>
  decideChange(
    { changeId, gone: 'link.used' },
    (tx, locked) => complete(tx, { ...locked, consent }, deps),
    deps,
  )

async function complete(
  tx: Db,
  { change, subscriber, consent }: LockedChange & { readonly consent: stores.consents.Consent },
  { stores, now, addressHashes }: Deps,
): Promise<string[]> {
  if (await isDone(tx, change, subscriber, stores)) return []
  const { id, address, epoch } = subscriber
  const { to_address, to_key: key } = change
  if (await stores.subscribers.byKey(tx, key)) throw new Problem('invalid', 'address.enrolled')
  const at = now()
  const [hash, ...old] = addressHashes(key)
  await stores.suppressions.rekey(tx, old, hash)
  await stores.subscribers.changeAddress(tx, id, {
    address: to_address,
    key,
    hash,
    since: at,
    epoch: epoch + 1,
  })
  await stores.addressChanges.confirm(tx, change.id, at)
  await stores.suppressions.liftByConfirming(tx, hash, at)
  const newest = await agreeToAddress(tx, { subscriberId: id, consent }, at, stores)
  if (!newest) return []
  const notice = requestedDelivery(newest, 'changed', change.id, at)
  // Retried for as long as there is something to undo.
  const morning = { ...notice.morning, until: at.add({ milliseconds: ADDRESS_TRIAL_MS }) }
  const to = { recipient: address, recipientHash: subscriber.address_hash }
  return stores.deliveries.add(tx, [{ ...notice, ...to, morning }], at)
}

/**
 * Returns whether a change has been carried out and is in effect. Throws `expired` if it is not and
 * cannot be any more.
 */
async function isDone(
  db: Db,
  change: stores.addressChanges.AddressChange,
  { id, address_key, epoch }: stores.subscribers.Subscriber,
  stores: Deps['stores'],
): Promise<boolean> {
  if (change.undone_at) throw new Problem('expired', 'link.used')
  if (change.confirmed_at && change.to_key === address_key) return true
  const newest = await stores.addressChanges.newest(db, id)
  if (change.confirmed_at || change.epoch !== epoch || newest?.id !== change.id)
    throw new Problem('expired', 'link.used')
  return false
}
