import { Problem } from '../../domain/problem.ts'
import type { Key } from '../../locales/locale.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<
    typeof stores,
    'subscribers' | 'enrollments' | 'deliveries' | 'addressChanges' | 'suppressions' | 'consents'
  >
  readonly addressHashes: (addressKey: string) => [Buffer, ...Buffer[]]
  readonly enqueue: (ids: readonly string[]) => Promise<void>
}

/** A change of address, locked together with its subscriber. */
export interface LockedChange {
  readonly change: stores.addressChanges.AddressChange
  readonly subscriber: stores.subscribers.Subscriber
}

/**
 * Decides about a change of address. Returns the ids of the mails that follow; null if too late.
 */
export type Decision = (tx: Db, locked: LockedChange) => Promise<string[] | null>

/**
 * Carries out a decision about a change of address in one transaction that locks its subscriber, so
 * that concurrent requests run one after another, and enqueues the mails that follow.
 *
 * @throws Problem `expired`, with `gone` as its message, when there is no such change, or it is too
 * late.
 */
export async function decideChange(
  { changeId, gone }: { readonly changeId: string; readonly gone: Key },
  decision: Decision,
  { db, stores, enqueue }: Pick<Deps, 'db' | 'stores' | 'enqueue'>,
): Promise<void> {
  const known = await stores.addressChanges.byId(db, changeId)
  const decide = async (tx: Db, subscriber: stores.subscribers.Subscriber) => {
    const change = await stores.addressChanges.byId(tx, changeId)
    return change ? decision(tx, { change, subscriber }) : null
  }
  const ids = known && (await stores.subscribers.withLock(db, known.subscriber_id, decide))
  if (!ids) throw new Problem('expired', gone)
  await enqueue(ids)
}

/**
 * Records, for everything a subscriber gets, their consent to the address it goes to. Returns the
 * enrollment begun last.
 */
export async function agreeToAddress(
  tx: Db,
  {
    subscriberId,
    consent,
  }: { readonly subscriberId: string; readonly consent: stores.consents.Consent },
  at: Temporal.Instant,
  stores: Pick<Deps['stores'], 'enrollments' | 'consents'>,
) {
  const enrollments = await stores.enrollments.ofSubscriber(tx, subscriberId)
  const active = enrollments.filter(({ status }) => status === 'active').map(({ id }) => id)
  await stores.consents.record(tx, 'confirmed', active, consent, at)
  return enrollments.at(-1)
}
