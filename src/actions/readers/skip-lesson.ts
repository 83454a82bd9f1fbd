import { firstAfterSkipped } from '../../domain/controls.ts'
import { nextLessonOf, type Series } from '../../domain/course.ts'
import { nextMorning } from '../../domain/plan.ts'
import { Problem } from '../../domain/problem.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { type ActiveEnrollment, type Deps as ControlDeps, withActive } from './control.ts'

export interface Deps extends ControlDeps {
  readonly stores: ControlDeps['stores'] & Pick<typeof stores, 'skips'>
  readonly series: ReadonlyMap<string, Series>
  readonly lockCourses: (tx: Db) => Promise<void>
}

/**
 * Skips what comes next: see the table in domain/controls.ts. The ledger has it as skipped until
 * that is undone: undo-skip.ts. `which` is what the reader saw as next, the lesson's id or the
 * inspiration's date, so that pressing twice skips one. Returns whether this call did.
 *
 * @throws Problem `not_found` when the enrollment is not active; `invalid` during a pause, or when
 * another one is next by now.
 */
export const skipLesson = (enrollmentId: string, which: string, deps: Deps): Promise<boolean> =>
  withActive(
    enrollmentId,
    async (tx, enrollment, now) => {
      const { skips } = deps.stores
      if (enrollment.paused_at) throw new Problem('invalid', 'control.skip.paused')
      if (await skip(tx, which, enrollment, now, deps)) return true
      if (await skips.has(tx, enrollmentId, which)) return false
      throw new Problem('invalid', 'control.skip.changed')
    },
    deps,
  )

async function skip(
  tx: Db,
  which: string,
  enrollment: ActiveEnrollment,
  now: Temporal.Instant,
  deps: Deps,
) {
  const { enrollments, readerDeliveries, deliveries } = deps.stores
  const { id: enrollmentId, series, due_on: dueOn } = enrollment
  const rhythm = enrollments.rhythmOf(enrollment)
  const morning = nextMorning({ rhythm, dueOn }, now)
  const row = { enrollmentId, series, morning, status: 'skipped' as const }
  await deps.lockCourses(tx)
  const known = deps.series.get(series)
  if (known?.kind === 'daily') {
    if (which !== String(morning.on)) return false
    await deliveries.add(tx, [{ ...row, kind: 'inspiration', item: which, day: null }], now)
    await enrollments.setNext(tx, enrollmentId, firstAfterSkipped(rhythm, morning, now))
    return true
  }
  // A letter cannot be skipped: what it would have announced, the next one would.
  if (known?.kind === 'letter') return false
  const unsent = await readerDeliveries.unsent(tx, enrollmentId)
  if (unsent) return which === unsent.item && readerDeliveries.skip(tx, unsent.id)
  const lesson = known && nextLessonOf(known, await readerDeliveries.had(tx, enrollmentId))
  if (!lesson || which !== lesson.id) return false
  await deliveries.add(tx, [{ ...row, kind: 'lesson', item: lesson.id, day: lesson.day }], now)
  await enrollments.setNext(tx, enrollmentId, morning)
  return true
}
