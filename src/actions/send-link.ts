import type { Address } from '../domain/address.ts'
import type * as stores from '../store/index.ts'
import type { Db } from '../store/sql.ts'
import { hourOf, onRequest } from './on-request.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'subscribers' | 'enrollments' | 'deliveries'>
  readonly nudge: (ids: readonly string[]) => Promise<void>
}

/**
 * Mails somebody a fresh link to their mornings, at most once an hour; nothing to an address that is not
 * known. Does not say which it was.
 */
export async function sendLink({ key }: Address, { db, now, stores, nudge }: Deps): Promise<void> {
  const subscriber = await stores.subscribers.byKey(db, key)
  const all = subscriber ? await stores.enrollments.ofSubscriber(db, subscriber.id) : []
  const newest = all.at(-1)
  if (!subscriber || !newest) return
  const at = now()
  await nudge(await stores.deliveries.add(db, [onRequest(newest, 'link', hourOf(at), at)], at))
}
