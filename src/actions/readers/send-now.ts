import { firstAfterRequested, immediateWindow } from '../../domain/controls.ts'
import { nextLessonOf, type Series } from '../../domain/course.ts'
import { articlesToAnnounce } from '../../domain/plan.ts'
import { Problem } from '../../domain/problem.ts'
import type { SendWindow } from '../../domain/schedule.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { type Deps as NewsDeps, withNews } from '../shared/news.ts'
import { type ActiveEnrollment, type Deps as ControlDeps, withActive } from './control.ts'

export interface Deps extends ControlDeps, Pick<NewsDeps, 'articles'> {
  readonly stores: ControlDeps['stores'] & Pick<typeof stores, 'letters'>
  readonly newId: (now: Temporal.Instant) => string
  readonly series: ReadonlyMap<string, Series>
  readonly lockCourses: (tx: Db) => Promise<void>
  readonly enqueue: (ids: readonly string[]) => Promise<void>
}

/**
 * Sends the next lesson now, at most once per local date: see the table in domain/controls.ts. A
 * lesson that is already queued is the next one. For a letter, sends what is new.
 *
 * @throws Problem `not_found` when the enrollment is not active; `too_many` when today has already
 * had one; `invalid` during a pause, for a daily, when all lessons have come, or when nothing is
 * new.
 */
export async function sendNow(enrollmentId: string, deps: Deps): Promise<void> {
  const { enrollments, readerDeliveries } = deps.stores
  const ids = await withActive(
    enrollmentId,
    async (tx, enrollment, now) => {
      if (enrollment.paused_at) throw new Problem('invalid', 'control.now.paused')
      const rhythm = enrollments.rhythmOf(enrollment)
      const morning = immediateWindow(rhythm, now)
      if (await readerDeliveries.hasAsked(tx, enrollment, morning.on))
        throw new Problem('too_many', hadBy(deps.series.get(enrollment.series)))
      const ids = await planNext(tx, enrollment, morning, now, deps)
      const next = firstAfterRequested(rhythm, enrollment.due_on, now)
      await enrollments.setNext(tx, enrollmentId, next)
      return ids
    },
    deps,
  )
  await deps.enqueue(ids)
}

const hadBy = (series: Series | undefined) =>
  series?.kind === 'letter' ? 'control.now.had-letter' : 'control.now.had'

async function planNext(
  tx: Db,
  enrollment: ActiveEnrollment,
  morning: SendWindow,
  now: Temporal.Instant,
  deps: Deps,
) {
  const { id, series } = enrollment
  if (deps.series.get(series)?.kind === 'letter')
    return planNextLetter(tx, { enrollment, morning, now }, deps)
  const unsent = await deps.stores.readerDeliveries.unsent(tx, id)
  if (unsent) {
    await deps.stores.readerDeliveries.redateToNow(tx, unsent.id, morning)
    return [unsent.id]
  }
  await deps.lockCourses(tx)
  const course = deps.series.get(series)
  const lesson =
    course?.kind === 'course' &&
    nextLessonOf(course, await deps.stores.readerDeliveries.had(tx, id))
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

interface LetterRequest {
  readonly enrollment: ActiveEnrollment
  readonly morning: SendWindow
  readonly now: Temporal.Instant
}

/** If there is already a letter for this date, it counts, whatever became of it. */
async function planNextLetter(tx: Db, { enrollment, morning, now }: LetterRequest, deps: Deps) {
  const { id: enrollmentId, series } = enrollment
  const [row] = await withNews(tx, { rows: [{ id: enrollmentId, series }], now }, deps)
  const news = articlesToAnnounce(row?.news, now)
  if (!news) throw new Problem('invalid', 'control.now.nothing-new')
  const id = deps.newId(now)
  const of = { id, enrollmentId, series, morning, asked: true as const }
  const mail = { ...of, kind: 'letter' as const, item: String(morning.on), day: null }
  const ids = await deps.stores.deliveries.add(tx, [mail], now)
  if (ids.length === 0) throw new Problem('too_many', 'control.now.had-letter')
  await deps.stores.letters.add(tx, [{ id, announced: news }])
  return ids
}
