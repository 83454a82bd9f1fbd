import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { untilSent } from './until-sent.ts'

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
 * Ends the series of an enrollment, or everything, for its subscriber, and what is queued of it.
 * Once this is committed no mail of theirs can be claimed; when it has resolved none is in SMTP's
 * hands either, unless a server keeps silent (I2). Doing it twice, or for someone who is gone,
 * changes nothing (A9).
 */
export async function unsubscribe(
  enrollmentId: string,
  scope: Scope,
  consent: stores.consents.Consent,
  { db, now, stores }: Deps,
): Promise<void> {
  const which = await db.transaction().execute(async (tx) => {
    const at = now()
    const enrollment = await stores.enrollments.byId(tx, enrollmentId)
    const subscriber = enrollment && (await stores.subscribers.byId(tx, enrollment.subscriber_id))
    if (!enrollment || !subscriber) return null
    const whose = {
      subscriberId: subscriber.id,
      series: scope === 'series' ? enrollment.series : undefined,
    }
    const ended = await stores.enrollments.end(tx, whose, 'left', at)
    await stores.deliveries.skipUnsent(tx, whose, REASON)
    await stores.consents.record(tx, 'withdrawn', ended, consent, at)
    if (scope === 'everything') await stores.suppressions.add(tx, subscriber.address_hash, LEFT, at)
    return whose
  })
  if (!which) return
  await untilSent(db, which.subscriberId, stores)
  // What was in SMTP's hands may have come back, to be tried again.
  await stores.deliveries.skipUnsent(db, which, REASON)
}

const REASON = 'unsubscribed'
const LEFT = { reason: 'unsubscribe', source: 'reader' } as const
