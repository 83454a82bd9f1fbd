import { firstFreeMorning } from '../../domain/controls.ts'
import { nextMorning } from '../../domain/plan.ts'
import type { Rhythm } from '../../domain/rhythm.ts'
import { type Deps, withActive } from './control.ts'

/**
 * Changes when the mails of an active enrollment come: see the table in domain/controls.ts. A
 * lesson that is queued and has not left follows the new rhythm. During a pause only what comes
 * after it changes.
 *
 * @throws Problem `not_found` when the enrollment is not active.
 */
export const setRhythm = (enrollmentId: string, rhythm: Rhythm, deps: Deps): Promise<void> =>
  withActive(
    enrollmentId,
    async (tx, enrollment, now) => {
      const { enrollments, readerDeliveries } = deps.stores
      const { paused_at: paused, paused_until: pausedUntil } = enrollment
      const { on, at } = firstFreeMorning(
        rhythm,
        await readerDeliveries.last(tx, enrollment, now),
        now,
      )
      const atEndOfPause = pausedUntil && nextMorning({ rhythm, dueOn: on, pausedUntil }, now).at
      await enrollments.setRhythm(tx, enrollmentId, rhythm, { on, at: paused ? atEndOfPause : at })
      await readerDeliveries.closeWindow(tx, enrollmentId, now)
    },
    deps,
  )
