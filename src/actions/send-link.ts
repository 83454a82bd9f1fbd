import type { Address } from '../domain/address.ts'
import { DAY, dateIn } from '../domain/time.ts'
import type * as stores from '../store/index.ts'
import type { Db } from '../store/sql.ts'

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
  const mail = {
    ...{ enrollmentId: newest.id, subscriberId: subscriber.id, series: newest.series },
    ...{ kind: 'link' as const, item: at.toString().slice(0, 'YYYY-MM-DDTHH'.length), day: null },
    morning: { on: dateIn(newest.zone, at), at, until: at.add({ milliseconds: DAY }) },
  }
  await nudge(await stores.deliveries.add(db, [mail], at))
}
