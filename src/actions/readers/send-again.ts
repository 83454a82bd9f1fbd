import { immediateWindow } from '../../domain/controls.ts'
import { lessonById, type Series } from '../../domain/course.ts'
import { Problem } from '../../domain/problem.ts'
import type { Retention } from '../../domain/retention.ts'
import { isBefore } from '../../domain/time.ts'
import type { Key } from '../../locales/locale.ts'
import type * as stores from '../../store/index.ts'
import { passingKeptSince } from '../shared/kept-since.ts'
import { type Deps as ControlDeps, withActive } from './control.ts'

export interface Deps extends ControlDeps {
  readonly stores: ControlDeps['stores'] & Pick<typeof stores, 'ledgerParts'>
  readonly series: ReadonlyMap<string, Series>
  readonly retention: Retention
  readonly enqueue: (ids: readonly string[]) => Promise<void>
}

/**
 * Sends the newest lesson or inspiration once more, now; each at most once per local date, no
 * matter how often this is called. Changes no dates.
 *
 * @throws Problem `not_found` when the enrollment is not active; `invalid` when nothing has been
 * sent, during a pause, or when the lesson is no longer in the course.
 */
export async function sendAgain(enrollmentId: string, deps: Deps): Promise<void> {
  const { enrollments, readerDeliveries, deliveries } = deps.stores
  const ids = await withActive(
    enrollmentId,
    async (tx, enrollment, now) => {
      if (enrollment.paused_at) throw new Problem('invalid', 'control.again.paused')
      const sent = await readerDeliveries.lastSent(tx, enrollmentId)
      if (!sent)
        throw new Problem('invalid', await nothingSent(enrollment, now, { ...deps, db: tx }))
      if (isGone(deps.series.get(enrollment.series), sent))
        throw new Problem('invalid', 'control.again.taken-out')
      const morning = immediateWindow(enrollments.rhythmOf(enrollment), now)
      const again = {
        enrollmentId,
        series: enrollment.series,
        kind: 'again' as const,
        item: `${sent.item}@${morning.on}`,
        day: sent.day,
        // An inspiration is looked up by the date it belongs to.
        morning: sent.kind === 'inspiration' ? { ...morning, on: sent.local_date } : morning,
      }
      return deliveries.add(tx, [again], now)
    },
    deps,
  )
  await deps.enqueue(ids)
}

/** After a long pause, the last inspiration may no longer be kept. */
async function nothingSent(
  { series, created_at: since }: stores.enrollments.Enrollment,
  now: Temporal.Instant,
  deps: Pick<Deps, 'db' | 'stores' | 'retention' | 'series'>,
): Promise<Key> {
  const kept = (await passingKeptSince(now, deps)).toZonedDateTime('UTC').toInstant()
  const isDropped = deps.series.get(series)?.kind === 'daily' && isBefore(since, kept)
  return isDropped ? 'control.again.not-kept' : 'control.again.nothing'
}

const isGone = (series: Series | undefined, { kind, item }: { kind: string; item: string }) =>
  kind === 'lesson' && series?.kind === 'course' && !lessonById(series, item)
