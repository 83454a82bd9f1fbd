import { nextMorning } from '../../domain/plan.ts'
import { type Deps, withActive } from './control.ts'
import { untilSent } from './until-sent.ts'

/**
 * Nothing more comes before date `until`; null: before the reader resumes. Once this is committed
 * no mail of the enrollment can be claimed, those already queued neither; when it has resolved none
 * is in SMTP's hands, unless a server keeps silent (I2). Pausing again changes the date.
 *
 * @throws Problem `not_found` when the enrollment is not active.
 */
export async function pause(
  enrollmentId: string,
  until: Temporal.PlainDate | null,
  deps: Deps,
): Promise<void> {
  const { db, stores } = deps
  const subscriberId = await withActive(
    enrollmentId,
    async (tx, enrollment, now) => {
      const rhythm = stores.enrollments.rhythmOf(enrollment)
      const dueAt =
        until && nextMorning({ rhythm, dueOn: enrollment.due_on, pausedUntil: until }, now).at
      const at = enrollment.paused_at ?? now
      await stores.enrollments.pause(tx, enrollmentId, { at, until }, dueAt)
      await stores.readerDeliveries.hold(tx, enrollmentId)
      return enrollment.subscriber_id
    },
    deps,
  )
  await untilSent(db, subscriberId, stores)
  // What was in SMTP's hands may have come back, to be tried again; unless the reader has resumed
  // meanwhile.
  await db.transaction().execute(async (tx) => {
    const enrollment = await stores.enrollments.lock(tx, enrollmentId)
    if (enrollment?.paused_at) await stores.readerDeliveries.hold(tx, enrollmentId)
  })
}
