import { firstAfterAsked, rightNow } from '../../domain/controls.ts'
import { nextOf, type Series } from '../../domain/course.ts'
import { Problem } from '../../domain/problem.ts'
import type { SendWindow } from '../../domain/schedule.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { type Active, type Deps as ControlDeps, withActive } from './control.ts'

export interface Deps extends ControlDeps {
  readonly series: ReadonlyMap<string, Series>
  readonly holdCourses: (tx: Db) => Promise<void>
  readonly enqueue: (ids: readonly string[]) => Promise<void>
}

/**
 * Sends the next lesson now, once a local date: see the table in domain/controls.ts. A lesson that
 * is queued already is the next one.
 *
 * @throws Problem `not_found` when the enrollment is not active or no course; `too_many` when today
 * has had one; `invalid` in a pause, or when all lessons have come.
 */
export async function sendNow(enrollmentId: string, deps: Deps): Promise<void> {
  const { enrollments, readerDeliveries } = deps.stores
  const ids = await withActive(enrollmentId, deps, async (tx, enrollment, now) => {
    if (enrollment.paused_at) throw new Problem('invalid', 'control.now.paused')
    const rhythm = enrollments.rhythmOf(enrollment)
    const morning = rightNow(rhythm, now)
    if (await readerDeliveries.hasAsked(tx, enrollment, morning.on))
      throw new Problem('too_many', 'control.now.had')
    const ids = await give(tx, enrollment, morning, now, deps)
    const next = firstAfterAsked(rhythm, enrollment.due_on, now)
    await enrollments.setNext(tx, enrollmentId, next)
    return ids
  })
  await deps.enqueue(ids)
}

async function give(
  tx: Db,
  enrollment: Active,
  morning: SendWindow,
  now: Temporal.Instant,
  deps: Deps,
) {
  const { id, series } = enrollment
  const unsent = await deps.stores.readerDeliveries.unsent(tx, id)
  if (unsent) {
    await deps.stores.readerDeliveries.askFor(tx, unsent.id, morning)
    return [unsent.id]
  }
  await deps.holdCourses(tx)
  const course = deps.series.get(series)
  const lesson =
    course?.kind === 'course' && nextOf(course, await deps.stores.readerDeliveries.had(tx, id))
  if (!lesson) throw new Problem('invalid', 'control.now.no-more')
  const mail = {
    enrollmentId: id,
    series,
    morning,
    kind: 'lesson' as const,
    item: lesson.id,
    day: lesson.day,
    asked: true as const,
  }
  return deps.stores.deliveries.add(tx, [mail], now)
}
