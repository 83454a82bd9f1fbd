import {
  type Course,
  inspirationOn,
  lessonById,
  lessonsAhead,
  type Series,
} from '../../domain/course.ts'
import { baseItemOf, isExpected, isSentOrMerged } from '../../domain/delivery.ts'
import { isOngoing } from '../../domain/enrollment.ts'
import { Problem } from '../../domain/problem.ts'
import { endedSince, mayBeDropped, type Retention } from '../../domain/retention.ts'
import { isBefore } from '../../domain/time.ts'
import { subjectFor } from '../../mail/render/edition-from-source.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { passingKeptSince } from '../shared/kept-since.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly series: ReadonlyMap<string, Series>
  readonly stores: Pick<typeof stores, 'enrollments' | 'reading' | 'practices' | 'ledgerParts'>
  readonly retention: Retention
}

/** A mail that has come. */
export interface Received {
  readonly id: string
  /** Its key in the ledger: a lesson's id, an inspiration's date. */
  readonly item: string
  /** The day number in its mail. */
  readonly day: number | null
  readonly on: Temporal.PlainDate
  readonly subject: string
  /** Whether the reader did its practice. */
  readonly done: boolean
}

/**
 * A lesson of the course as it is now, and the reader's progress with it. `out`: it did not come
 * and will not.
 */
export interface LessonProgress {
  readonly day: number
  readonly state: 'done' | 'came' | 'skipped' | 'ahead' | 'out'
}

/** Everything that has come of an enrollment, in the order it came. */
export interface Days {
  readonly enrollmentId: string
  readonly series: Series
  /** Number of lessons; 0 outside of courses. */
  readonly total: number
  /** How many of them have come. */
  readonly came: number
  /** All lessons, in the course's order. */
  readonly row: readonly LessonProgress[]
  readonly received: readonly Received[]
  /** Number of practices done. */
  readonly practices: number
  /** What came before this date is no longer kept; null if everything is. */
  readonly keptSince: Temporal.PlainDate | null
  /** Whether it ended so long ago that nothing of it is kept. */
  readonly isDropped: boolean
}

/** Returns what has come of an enrollment, to read again; null if its person or series is gone. */
export async function daysOf(enrollmentId: string, deps: Deps): Promise<Days | null> {
  const { db, stores } = deps
  const row = await stores.enrollments.byId(db, enrollmentId)
  const series = row && deps.series.get(row.series)
  if (!row || !series) return null
  const [received, ledger, done] = await Promise.all([
    receivedOf(enrollmentId, series, deps),
    stores.reading.lessons(db, enrollmentId),
    stores.practices.ofEnrollment(db, enrollmentId),
  ])
  const goesOn = isOngoing(row.status)
  const isDropped = received.length === 0 && isOver(row, deps)
  const isCourse = series.kind === 'course' && !isDropped
  const places = isCourse ? progressOf(series, { ledger, done, goesOn }) : []
  return {
    enrollmentId,
    series,
    row: places,
    total: places.length,
    came: places.filter(({ state }) => state === 'done' || state === 'came').length,
    received: received.map((mail) => ({ ...mail, done: done.includes(mail.item) })),
    practices: done.length,
    keptSince: isDropped ? null : await keptSince(row, series, deps),
    isDropped,
  }
}

const isOver = ({ ended_at: endedAt }: stores.enrollments.Enrollment, { now, retention }: Deps) =>
  endedAt !== null && isBefore(endedAt, endedSince(now(), retention))

/** Only inspirations are dropped while their enrollment is ongoing. */
async function keptSince(
  { created_at: since }: stores.enrollments.Enrollment,
  { kind }: Series,
  deps: Deps,
): Promise<Temporal.PlainDate | null> {
  if (kind !== 'daily') return null
  const date = await passingKeptSince(deps.now(), deps)
  const begun = since.toZonedDateTimeISO('UTC').toPlainDate()
  return Temporal.PlainDate.compare(begun, date) < 0 ? date : null
}

/** Returns why there is nothing to show of a mail. */
export async function whyGone(
  deliveryId: string,
  deps: Pick<Deps, 'db' | 'stores' | 'now' | 'retention'>,
): Promise<Problem> {
  const at = deps.now()
  const kept = { retention: deps.retention, since: await passingKeptSince(at, deps) }
  return new Problem(
    'expired',
    mayBeDropped(deliveryId, at, kept) ? 'email.not-kept' : 'email.gone',
  )
}

/** Returns what has come, under the subjects it was sent with. */
export async function receivedOf(
  enrollmentId: string,
  series: Series,
  { db, stores }: Deps,
): Promise<Omit<Received, 'done'>[]> {
  const received = await stores.reading.received(db, enrollmentId)
  return received.map(({ id, item, day, status, on, subject, writtenTo, fields }) => {
    const now =
      series.kind === 'daily' ? inspirationOn(series, on).title : lessonById(series, item)?.subject
    // In a lesson's mail, the subject is the lesson's.
    const sent = status === 'merged' ? null : subject
    const usual = series.kind === 'letter' ? series.title : ''
    const of = { firstName: writtenTo ?? '', fields }
    return { id, item, day, on, subject: subjectFor(sent ?? now ?? usual, of) }
  })
}

interface Progress {
  readonly ledger: Awaited<ReturnType<typeof stores.reading.lessons>>
  /** Items of the practices done. */
  readonly done: readonly string[]
  /** Whether more of it is to come. */
  readonly goesOn: boolean
}

/**
 * Returns the lessons of a course, each matched by its key in the ledger: when it came, its number
 * may have been another's.
 */
function progressOf(course: Course, { ledger, done, goesOn }: Progress): LessonProgress[] {
  const byItem = new Map(ledger.map((row) => [row.item, row]))
  const ahead = new Set(lessonsAhead(course, [...byItem.keys()]))
  return course.lessons.map((lesson): LessonProgress => {
    const { id, day } = lesson
    const row = byItem.get(id)
    if (done.includes(id)) return { day, state: 'done' }
    if (row && isSentOrMerged(row.status)) return { day, state: 'came' }
    if (row?.status === 'skipped' && row.reason_code === 'skipped_by_reader')
      return { day, state: 'skipped' }
    const comes = row ? isExpected(row.status) : ahead.has(lesson)
    return { day, state: goesOn && comes ? 'ahead' : 'out' }
  })
}

/** The practice of a lesson that was sent. */
export interface Practice {
  readonly enrollmentId: string
  readonly item: string
  /** The day number in its mail. */
  readonly day: number
  readonly series: Series
  readonly done: boolean
}

/** Returns the practice a lesson's mail asks about; null if there is none or its person is gone. */
export async function practiceOf(deliveryId: string, deps: Deps): Promise<Practice | null> {
  const { db, stores } = deps
  const mail = await stores.reading.mailOf(db, deliveryId)
  const series = mail && deps.series.get(mail.series)
  if (!mail || !series || mail.day === null) return null
  const item = baseItemOf(mail.item)
  const done = (await stores.practices.ofEnrollment(db, mail.enrollmentId)).includes(item)
  return { enrollmentId: mail.enrollmentId, item, day: mail.day, series, done }
}

/** Marks a practice as done or not done. Idempotent. Returns whether there is such a practice. */
export async function markPractice(
  deliveryId: string,
  done: boolean,
  deps: Deps,
): Promise<boolean> {
  const { db, now, stores } = deps
  const practice = await practiceOf(deliveryId, deps)
  if (!practice) return false
  const { enrollmentId, item } = practice
  if (done) await stores.practices.add(db, enrollmentId, item, now())
  else await stores.practices.remove(db, enrollmentId, item)
  return true
}
