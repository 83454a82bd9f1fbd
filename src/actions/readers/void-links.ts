import { Problem } from '../../domain/problem.ts'
import type { Target } from '../../security/links.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { freshLinkDelivery } from '../shared/requested-delivery.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'subscribers' | 'enrollments' | 'deliveries'>
  readonly enqueue: (ids: readonly string[]) => Promise<void>
}

/**
 * Makes all existing links of a subscriber void, except those to leave, and mails a fresh one to
 * their address. The person who asks gets none: it may be their link that has to end. Changes
 * nothing if the link used is already void.
 *
 * @throws Problem `expired` when the person is gone.
 */
export async function voidLinks({ id, epoch }: Target, deps: Deps): Promise<void> {
  const { db, now, stores, enqueue } = deps
  const enrollment = await stores.enrollments.byId(db, id)
  const ids =
    enrollment &&
    (await stores.subscribers.withLock(db, enrollment.subscriber_id, async (tx, subscriber) => {
      if (subscriber.epoch !== epoch) return []
      const at = now()
      await stores.subscribers.raiseEpoch(tx, subscriber.id)
      return stores.deliveries.add(tx, [freshLinkDelivery(enrollment, epoch + 1, at)], at)
    }))
  if (!ids) throw new Problem('expired', 'enrollment.no-more-emails')
  await enqueue(ids)
}
