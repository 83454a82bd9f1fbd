import { firstFreeMorning } from '../../domain/controls.ts'
import { Problem } from '../../domain/problem.ts'
import type { Key } from '../../locales/locale.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { type ActiveEnrollment, type Deps as ControlDeps, withActive } from './control.ts'

export interface Deps extends ControlDeps {
  readonly stores: ControlDeps['stores'] & Pick<typeof stores, 'skips'>
}

/**
 * Undoes a skip: see the table in domain/controls.ts. `which` is what was skipped, the lesson's id
 * or the inspiration's date, so that pressing twice undoes one. Returns whether this call did.
 *
 * @throws Problem `not_found` when the enrollment is not active; `invalid` during a pause, or when
 * the next mail has been planned, or the time of the inspiration has come.
 */
export const undoSkip = (enrollmentId: string, which: string, deps: Deps): Promise<boolean> =>
  withActive(
    enrollmentId,
    async (tx, enrollment, now) => {
      const { skips } = deps.stores
      if (enrollment.paused_at) throw new Problem('invalid', 'control.undo-skip.paused')
      const skip = await skips.newest(tx, enrollmentId)
      if (skip?.item !== which) {
        if (await skips.has(tx, enrollmentId, which)) throw new Problem('invalid', TOO_LATE)
        return false
      }
      await skips.undo(tx, skip, now)
      // A lesson comes on the next morning that is due; an inspiration belongs to its own.
      if (skip.kind === 'inspiration') await goBackTo(tx, skip.on, enrollment, now, deps)
      else if (!enrollment.due_at) await wake(tx, enrollment, now, deps)
      return true
    },
    deps,
  )

/** A reader who was through with an open course has a lesson to come again. */
async function wake(tx: Db, enrollment: ActiveEnrollment, now: Temporal.Instant, { stores }: Deps) {
  const { enrollments, readerDeliveries } = stores
  const last = await readerDeliveries.last(tx, enrollment, now)
  await enrollments.setNext(
    tx,
    enrollment.id,
    firstFreeMorning(enrollments.rhythmOf(enrollment), last, now),
  )
}

const TOO_LATE = 'control.undo-skip.too-late' satisfies Key

async function goBackTo(
  tx: Db,
  on: Temporal.PlainDate,
  enrollment: ActiveEnrollment,
  now: Temporal.Instant,
  { stores: { enrollments, readerDeliveries } }: Deps,
) {
  const next = firstFreeMorning(
    enrollments.rhythmOf(enrollment),
    await readerDeliveries.last(tx, enrollment, now),
    now,
  )
  if (!next.on.equals(on)) throw new Problem('invalid', TOO_LATE)
  await enrollments.setNext(tx, enrollment.id, next)
}
