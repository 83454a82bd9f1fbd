import { immediateWindow } from '../../domain/controls.ts'
import { gapBefore, type Series } from '../../domain/course.ts'
import { Problem } from '../../domain/problem.ts'
import { dateAfter, morningFrom, type SendWindow } from '../../domain/schedule.ts'
import { beginningOf } from '../../domain/starts.ts'
import { DAY, dateIn } from '../../domain/time.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<
    typeof stores,
    'subscribers' | 'enrollments' | 'consents' | 'suppressions' | 'deliveries'
  >
  readonly series: ReadonlyMap<string, Series>
  readonly lockCourses: (tx: Db) => Promise<void>
  readonly enqueue: (ids: readonly string[]) => Promise<void>
}

interface Confirmation {
  readonly consent: stores.consents.Consent
  /** The series to confirm; all pending ones if omitted. */
  readonly only?: readonly string[] | undefined
}

interface Confirming {
  readonly subscriberId: string
  readonly now: Temporal.Instant
}

/**
 * Confirms whatever a subscriber has pending, or only the series in `only`. Each series begins at
 * the next occurrence of its time, or immediately if its author wants it so; one welcome mail for
 * all of them goes out immediately. Idempotent.
 *
 * @throws Problem `expired` when nothing is pending and no enrollment is active, or when the last
 * start of everything pending has passed.
 */
export async function confirm(
  subscriberId: string,
  { consent, only }: Confirmation,
  deps: Deps,
): Promise<stores.enrollments.Enrollment[]> {
  const now = deps.now()
  const ids = await deps.db
    .transaction()
    .execute((tx) => begin(tx, { subscriberId, consent, only, now }, deps))
  await deps.enqueue(ids)
  const confirmed = (await deps.stores.enrollments.ofSubscriber(deps.db, subscriberId)).filter(
    ({ status }) => status === 'active',
  )
  if (confirmed.length === 0) throw new Problem('expired', 'link.confirm-expired')
  return confirmed
}

async function begin(
  tx: Db,
  { subscriberId, consent, only, now }: Confirmation & Confirming,
  deps: Deps,
) {
  const { stores } = deps
  const subscriber = await stores.subscribers.byId(tx, subscriberId)
  if (!subscriber) throw new Problem('expired', 'link.confirm-expired')
  const enrollments = await stores.enrollments.ofSubscriber(tx, subscriberId, { lock: true })
  const pending = enrollments.filter(
    ({ status, series }) => status === 'pending' && (only?.includes(series) ?? true),
  )
  const lessons: stores.deliveries.NewDelivery[] = []
  const begins: typeof pending = []
  for (const row of pending) {
    const begun = await seriesStartOf(tx, row, now, deps)
    if (!begun) continue
    await stores.enrollments.activate(
      tx,
      row.id,
      { ...begun.next, start: begun.start ?? null },
      now,
    )
    begins.push(row)
    if (begun.lesson) lessons.push(begun.lesson)
  }
  const [first] = begins
  if (!first && pending.length > 0) throw new Problem('expired', 'link.confirm-closed')
  if (!first) return []
  await stores.consents.record(
    tx,
    'confirmed',
    begins.map(({ id }) => id),
    consent,
    now,
  )
  await stores.suppressions.liftByConfirming(tx, subscriber.address_hash, now)
  const welcome = {
    enrollmentId: first.id,
    series: first.series,
    kind: 'welcome' as const,
    item: 'welcome',
    day: null,
    morning: { on: dateIn(first.zone, now), at: now, until: now.add({ milliseconds: 2 * DAY }) },
  }
  return stores.deliveries.add(tx, [welcome, ...lessons], now)
}

interface SeriesStart {
  /** When the planner first looks at it. */
  readonly next: SendWindow
  readonly start?: Temporal.PlainDate | null
  /** The first lesson, if it comes immediately. */
  readonly lesson?: stores.deliveries.NewDelivery
}

/**
 * Returns when a series begins; null if no start is left. An immediate lesson is timed like one
 * that the reader asks for, since a person who confirms is awake. It takes up its date, so that the
 * next lesson keeps the author's gap.
 */
async function seriesStartOf(
  tx: Db,
  row: stores.enrollments.Enrollment,
  now: Temporal.Instant,
  { stores, series, lockCourses }: Deps,
): Promise<SeriesStart | null> {
  const rhythm = stores.enrollments.rhythmOf(row)
  const wantsItNow = () => {
    const course = series.get(row.series)
    return course?.kind === 'course' && course.first === 'at once' ? course : null
  }
  const onMorning = () => {
    const known = series.get(row.series)
    const begins = known ? beginningOf(known, rhythm, now) : null
    return begins && { next: begins.first, start: begins.start }
  }
  if (!wantsItNow()) return onMorning()
  await lockCourses(tx)
  const course = wantsItNow()
  const [first, second] = course?.lessons ?? []
  if (!course || !first) return onMorning()
  const morning = immediateWindow(rhythm, now)
  const mail = { kind: 'lesson' as const, item: first.id, day: first.day, morning }
  return {
    next: morningFrom(rhythm, dateAfter(rhythm, morning.on, gapBefore(course, second)), now),
    lesson: { ...mail, enrollmentId: row.id, series: row.series },
  }
}
