import { Problem } from '../../domain/problem.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { freshLinkDelivery } from '../shared/requested-delivery.ts'
import { agreeToAddress, type Deps, decideChange, type LockedChange } from './decide-change.ts'

/** Returns whether a change of address has been undone, by this link or an earlier address's. */
export async function isUndone(changeId: string, { db, stores }: Pick<Deps, 'db' | 'stores'>) {
  const change = await stores.addressChanges.byId(db, changeId)
  if (!change?.confirmed_at) throw new Problem('expired', 'address.nothing-to-undo')
  return change.undone_at !== null
}

/**
 * Undoes a change of address, and all that came after it: mail goes to the old address again, every
 * existing link becomes void, and a fresh one is mailed to that address. Needs no other link and
 * has no limit. If the owner of the old address has enrolled again since, the two subscribers are
 * merged. Idempotent.
 *
 * @throws Problem `expired` when there is no such change (any more).
 */
export const undoAddress = (
  changeId: string,
  consent: stores.consents.Consent,
  deps: Deps,
): Promise<void> =>
  decideChange(
    { changeId, gone: 'address.nothing-to-undo' },
    (tx, locked) => undoChange(tx, { ...locked, consent }, deps),
    deps,
  )

async function undoChange(
  tx: Db,
  { change, subscriber, consent }: LockedChange & { readonly consent: stores.consents.Consent },
  { stores, now, addressHashes }: Deps,
) {
  const { id } = subscriber
  if (!change.confirmed_at) return null
  if (change.undone_at) return []
  const at = now()
  const { from_address: address, from_key: key, from_since: since } = change
  const anew = await stores.subscribers.byKey(tx, key)
  const isOther = anew !== undefined && anew.id !== id
  if (isOther) await stores.subscribers.absorb(tx, { id, other: anew.id }, at)
  const epoch = Math.max(subscriber.epoch, isOther ? anew.epoch : 0) + 1
  const [hash, ...old] = addressHashes(key)
  await stores.suppressions.rekey(tx, old, hash)
  await stores.subscribers.changeAddress(tx, id, { address, key, hash, since, epoch })
  await stores.addressChanges.undo(tx, change, at)
  const newest = await agreeToAddress(tx, { subscriberId: id, consent }, at, stores)
  return newest ? stores.deliveries.add(tx, [freshLinkDelivery(newest, epoch, at)], at) : []
}
