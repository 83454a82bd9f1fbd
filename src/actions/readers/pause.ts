import { nextMorning } from '../../domain/plan.ts'
import { type Deps, withActive } from './control.ts'
import { waitUntilSent } from './wait-until-sent.ts'

/**
 * Pauses an enrollment: nothing more comes before date `until` or, if null, before the reader
 * resumes. Once committed, none of its mails can be claimed, not even those already queued; once
 * resolved, none is in SMTP's hands, unless a server does not answer (I2). Pausing again changes
 * the date.
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
  await waitUntilSent(db, subscriberId, stores)
  // What was in SMTP's hands may be back for a retry and is held too, unless the reader has resumed
  // in the meantime.
  await db.transaction().execute(async (tx) => {
    const enrollment = await stores.enrollments.lock(tx, enrollmentId)
    if (enrollment?.paused_at) await stores.readerDeliveries.hold(tx, enrollmentId)
  })
}
