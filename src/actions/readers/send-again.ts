import { rightNow } from '../../domain/controls.ts'
import { lessonBy, type Series } from '../../domain/course.ts'
import { Problem } from '../../domain/problem.ts'
import { type Deps as ControlDeps, withActive } from './control.ts'

export interface Deps extends ControlDeps {
  readonly series: ReadonlyMap<string, Series>
  readonly enqueue: (ids: readonly string[]) => Promise<void>
}

/**
 * Sends the newest lesson or inspiration that was sent once more, now. Each at most once a local
 * date, however often this is called. Changes no dates.
 *
 * @throws Problem `not_found` when the enrollment is not active; `invalid` when nothing has been
 * sent, in a pause, or when the lesson is in the course no more.
 */
export async function sendAgain(enrollmentId: string, deps: Deps): Promise<void> {
  const { enrollments, readerDeliveries, deliveries } = deps.stores
  const ids = await withActive(enrollmentId, deps, async (tx, enrollment, now) => {
    if (enrollment.paused_at) throw new Problem('invalid', 'control.again.paused')
    const sent = await readerDeliveries.lastSent(tx, enrollmentId)
    if (!sent) throw new Problem('invalid', 'control.again.nothing')
    if (isGone(deps.series.get(enrollment.series), sent))
      throw new Problem('invalid', 'control.again.taken-out')
    const morning = rightNow(enrollments.rhythmOf(enrollment), now)
    const again = {
      enrollmentId,
      series: enrollment.series,
      kind: 'again' as const,
      item: `${sent.item}@${morning.on}`,
      day: sent.day,
      // An inspiration is found by the date it belongs to.
      morning: sent.kind === 'inspiration' ? { ...morning, on: sent.local_date } : morning,
    }
    return deliveries.add(tx, [again], now)
  })
  await deps.enqueue(ids)
}

const isGone = (series: Series | undefined, { kind, item }: { kind: string; item: string }) =>
  kind === 'lesson' && series?.kind === 'course' && !lessonBy(series, item)
