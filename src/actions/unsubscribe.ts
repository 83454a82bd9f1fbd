import { setTimeout as pause } from 'node:timers/promises'
import type * as stores from '../store/index.ts'
import type { Db } from '../store/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<
    typeof stores,
    'subscribers' | 'enrollments' | 'consents' | 'suppressions' | 'deliveries'
  >
}

/** This series, or all mail there is and will be. */
export type Scope = 'series' | 'everything'

/**
 * Ends the series of an enrollment, or everything, for its subscriber, and what is queued of it: when this
 * has resolved nothing more leaves (I2). Doing it twice, or for someone who is gone, changes nothing (A9).
 */
export async function unsubscribe(
  enrollmentId: string,
  scope: Scope,
  consent: stores.consents.Consent,
  { db, now, stores }: Deps,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const at = now()
    const enrollment = await stores.enrollments.byId(tx, enrollmentId)
    const subscriber = enrollment && (await stores.subscribers.byId(tx, enrollment.subscriber_id))
    if (!enrollment || !subscriber) return
    const series = scope === 'series' ? enrollment.series : undefined
    const ended = await stores.enrollments.end(tx, { subscriberId: subscriber.id, series }, 'left', at)
    await stores.deliveries.skipOpen(tx, { subscriberId: subscriber.id, series }, 'unsubscribed')
    await stores.consents.record(tx, 'withdrawn', ended, consent, at)
    await sent(tx, subscriber.id, stores)
    if (scope === 'everything') await stores.suppressions.add(tx, subscriber.address_hash, 'unsubscribe', at)
  })
}

/** An SMTP server that keeps silent for longer than this keeps nobody from leaving. */
const PATIENCE_MS = 3_000

/**
 * Waits until none of the person's mails is in SMTP's hands. Their enrollments are locked by now, so no claim
 * can take another: what this is committed after has left before, and nothing leaves after (I2).
 */
async function sent(tx: Db, subscriberId: string, stores: Deps['stores']): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  while (performance.now() < end && (await stores.deliveries.countSending(tx, subscriberId)) > 0)
    await pause(10)
}
