import { firstAfterPause } from '../../domain/controls.ts'
import { type Deps as ControlDeps, withActive } from './control.ts'

export interface Deps extends ControlDeps {
  readonly enqueue: (ids: readonly string[]) => Promise<void>
}

/**
 * Ends a pause: see the table in domain/controls.ts. A mail that was held leaves if its window
 * is still open. Does nothing when there is no pause.
 *
 * @throws Problem `not_found` when the enrollment is not active.
 */
export async function resume(enrollmentId: string, deps: Deps): Promise<void> {
  const { enrollments, readerDeliveries } = deps.stores
  const ids = await withActive(
    enrollmentId,
    async (tx, enrollment, now) => {
      if (!enrollment.paused_at) return []
      const rhythm = enrollments.rhythmOf(enrollment)
      const released = await readerDeliveries.release(tx, enrollmentId, now)
      const last = await readerDeliveries.last(tx, enrollment, now)
      await enrollments.resume(
        tx,
        enrollmentId,
        firstAfterPause(rhythm, enrollment.due_on, last, now),
      )
      return released
    },
    deps,
  )
  await deps.enqueue(ids)
}
