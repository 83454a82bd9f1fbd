import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { waitUntilSent } from './wait-until-sent.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<
    typeof stores,
    'subscribers' | 'enrollments' | 'consents' | 'suppressions' | 'deliveries'
  >
}

/** This series, or all mail now and in the future. */
export type Scope = 'series' | 'everything'

/** What was left: some series of a subscriber, or all of theirs. */
export type LeftSeries = stores.enrollments.EnrollmentFilter

/**
 * Ends the series of an enrollment, or everything for its subscriber, and skips what is queued.
 * Once committed, none of these mails can be claimed; once resolved, none is in SMTP's hands
 * either, unless a server does not answer (I2). Idempotent; does nothing for a person who is gone
 * (A9).
 */
export async function unsubscribe(
  enrollmentId: string,
  scope: Scope,
  consent: stores.consents.Consent,
  deps: Deps,
): Promise<void> {
  const left = await deps.db
    .transaction()
    .execute((tx) => leave(tx, { enrollmentId, scope, consent }, deps))
  if (left) await afterLeaving(left, deps)
}

interface LeaveRequest {
  readonly enrollmentId: string
  readonly scope: Scope
  readonly consent: stores.consents.Consent
}

/**
 * Does the same within the caller's transaction; call `afterLeaving` after the commit. Returns null
 * for a person who is gone.
 */
export async function leave(
  tx: Db,
  { enrollmentId, scope, consent }: LeaveRequest,
  { now, stores }: Omit<Deps, 'db'>,
): Promise<LeftSeries | null> {
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
}

/** Waits for mails in SMTP's hands, and skips those that came back for a retry. */
export async function afterLeaving(
  left: LeftSeries,
  { db, stores }: Omit<Deps, 'now'>,
): Promise<void> {
  await waitUntilSent(db, left.subscriberId, stores)
  await stores.deliveries.skipUnsent(db, left, REASON)
}

const REASON = 'unsubscribed'
const LEFT = { reason: 'unsubscribe', source: 'reader' } as const
