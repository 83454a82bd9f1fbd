import { firstFreeMorning } from '../../domain/controls.ts'
import { isOngoing } from '../../domain/enrollment.ts'
import { Problem } from '../../domain/problem.ts'
import { everyDay } from '../../domain/rhythm.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { ENDED } from './control.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<
    typeof stores,
    'enrollments' | 'readerDeliveries' | 'consents' | 'suppressions' | 'subscribers'
  >
}

/**
 * Lets a reader who has come to the end of one series continue with another: every day, at the time
 * and in the zone of the first, from the first free morning. The link from their mail counts as the
 * confirmation. Changes nothing if they already get it.
 *
 * @throws Problem `not_found` when the enrollment has been left, or the address gets no mail any
 * more.
 */
export const continueWith = (
  enrollmentId: string,
  series: string,
  consent: stores.consents.Consent,
  { db, now, stores }: Deps,
): Promise<void> =>
  db.transaction().execute(async (tx) => {
    const row = await stores.enrollments.lock(tx, enrollmentId)
    const subscriber = row && (await stores.subscribers.byId(tx, row.subscriber_id))
    if (!row || !subscriber || (row.status !== 'completed' && row.status !== 'active')) {
      throw new Problem('not_found', ENDED)
    }
    if (await stores.suppressions.has(tx, subscriber.address_hash))
      throw new Problem('not_found', ENDED)
    const at = now()
    const enrollments = await stores.enrollments.ofSubscriber(tx, subscriber.id, { lock: true })
    const ongoing = enrollments.find(
      (enrollment) => enrollment.series === series && isOngoing(enrollment.status),
    )
    if (ongoing?.status === 'active') return
    const rhythm = everyDay(stores.enrollments.rhythmOf(row))
    const id =
      ongoing?.id ??
      (await stores.enrollments.addPending(tx, { subscriberId: subscriber.id, series, rhythm }, at))
    if (!id) throw new RangeError(`${series} could not be added`)
    const last = await stores.readerDeliveries.last(
      tx,
      { subscriber_id: subscriber.id, series },
      at,
    )
    const first = firstFreeMorning(rhythm, last, at)
    await stores.enrollments.activate(tx, id, first, at)
    // A pending enrollment may have been requested with another time.
    await stores.enrollments.setRhythm(tx, id, rhythm, first)
    if (!ongoing) await stores.consents.record(tx, 'asked', [id], consent, at)
    await stores.consents.record(tx, 'confirmed', [id], consent, at)
  })
