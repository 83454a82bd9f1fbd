import { firstFreeMorning } from '../../domain/controls.ts'
import { Problem } from '../../domain/problem.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { ENDED } from './control.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<
    typeof stores,
    'enrollments' | 'deliveries' | 'readerDeliveries' | 'consents' | 'suppressions' | 'subscribers'
  >
}

/**
 * Restarts a course at day 1, in the same rhythm: see the table in domain/controls.ts. The old
 * enrollment ends and a new one begins, so that the ledger of the old one stays true (I1). Changes
 * nothing if one is already under way, as when the button is pressed twice, or if nothing of it has
 * come yet.
 *
 * @returns the id of the enrollment that is under way.
 * @throws Problem `not_found` when the enrollment has been left, or the address gets no mail any
 * more.
 */
export const restart = (
  enrollmentId: string,
  consent: stores.consents.Consent,
  { db, now, stores }: Deps,
): Promise<string> =>
  db.transaction().execute(async (tx) => {
    const row = await stores.enrollments.lock(tx, enrollmentId)
    const goesOn = row && row.status !== 'active' && (await active(tx, row, stores))
    if (goesOn) return goesOn.id
    const subscriber = row && (await stores.subscribers.byId(tx, row.subscriber_id))
    const again = row?.status === 'active' || row?.status === 'completed'
    if (!row || !subscriber || !again) throw new Problem('not_found', ENDED)
    if (await stores.suppressions.has(tx, subscriber.address_hash))
      throw new Problem('not_found', ENDED)
    const begins = row.status === 'active' && !row.paused_at
    if (begins && (await stores.readerDeliveries.had(tx, row.id)).length === 0) return row.id
    const at = now()
    const { series, subscriber_id: subscriberId, fields } = row
    const last = await stores.readerDeliveries.last(tx, row, at)
    const rhythm = stores.enrollments.rhythmOf(row)
    await stores.enrollments.end(tx, { subscriberId, series }, 'restarted', at)
    await stores.deliveries.skipUnsent(tx, { subscriberId, series }, 'the course was restarted')
    const id = await stores.enrollments.addPending(tx, { subscriberId, series, rhythm, fields }, at)
    if (!id) throw new RangeError(`${enrollmentId} did not end`)
    await stores.enrollments.activate(tx, id, firstFreeMorning(rhythm, last, at), at)
    await stores.consents.record(tx, 'confirmed', [id], consent, at)
    return id
  })

/** Returns the active enrollment of the same person in the same series. */
async function active(
  tx: Db,
  { subscriber_id, series }: stores.enrollments.Enrollment,
  { enrollments }: Deps['stores'],
) {
  const rows = await enrollments.ofSubscriber(tx, subscriber_id)
  return rows.find((enrollment) => enrollment.series === series && enrollment.status === 'active')
}
