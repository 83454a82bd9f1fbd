import { inspirationOn, lessonBy, type Series } from '../domain/course.ts'
import { itemOf } from '../domain/delivery.ts'
import type * as stores from '../store/index.ts'
import type { Db } from '../store/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly series: ReadonlyMap<string, Series>
  readonly stores: Pick<typeof stores, 'enrollments' | 'reading' | 'practices'>
  readonly subjectFor: (subject: string, firstName: string) => string
}

/** One that has come. */
export interface Received {
  readonly id: string
  readonly day: number | null
  readonly on: Temporal.PlainDate
  readonly subject: string
  /** The reader did its practice. */
  readonly done: boolean
}

/** All that has come of an enrollment, in the order it came. */
export interface Days {
  readonly enrollmentId: string
  readonly series: Series
  /** How many lessons there are; 0 in a daily. */
  readonly total: number
  readonly received: readonly Received[]
  /** How many practices were done. */
  readonly practices: number
}

/** What has come of an enrollment, to be read again; null when its person or its series is gone. */
export async function daysOf(enrollmentId: string, deps: Deps): Promise<Days | null> {
  const { db, stores } = deps
  const row = await stores.enrollments.byId(db, enrollmentId)
  const series = row && deps.series.get(row.series)
  if (!row || !series) return null
  const [all, done] = await Promise.all([
    stores.reading.received(db, enrollmentId),
    stores.practices.ofEnrollment(db, enrollmentId),
  ])
  const received = all.map(({ id, item, day, on, subject, writtenTo }) => {
    const now = series.kind === 'daily' ? inspirationOn(series, on).title : lessonBy(series, item)?.subject
    // In a lesson's mail the subject is the lesson's.
    const sent = series.kind === 'daily' ? null : subject
    return {
      id,
      day,
      on,
      subject: deps.subjectFor(sent ?? now ?? '', writtenTo ?? ''),
      done: done.includes(item),
    }
  })
  const total = series.kind === 'course' ? series.lessons.length : 0
  return { enrollmentId, series, total, received, practices: received.filter((one) => one.done).length }
}

/** The practice of a lesson that was sent. */
export interface Practice {
  readonly enrollmentId: string
  readonly item: string
  readonly day: number
  readonly series: Series
  readonly done: boolean
}

/** The practice that a lesson's mail asks about; null when there is none, or its person is gone. */
export async function practiceOf(deliveryId: string, deps: Deps): Promise<Practice | null> {
  const { db, stores } = deps
  const mail = await stores.reading.mailOf(db, deliveryId)
  const series = mail && deps.series.get(mail.series)
  if (!mail || !series || mail.day === null) return null
  const item = itemOf(mail.item)
  const done = (await stores.practices.ofEnrollment(db, mail.enrollmentId)).includes(item)
  return { enrollmentId: mail.enrollmentId, item, day: mail.day, series, done }
}

/** Notes a practice as done, or takes it back. Twice is once. Says whether there is such a practice. */
export async function notePractice(deliveryId: string, done: boolean, deps: Deps): Promise<boolean> {
  const { db, now, stores } = deps
  const practice = await practiceOf(deliveryId, deps)
  if (!practice) return false
  const { enrollmentId, item } = practice
  if (done) await stores.practices.add(db, enrollmentId, item, now())
  else await stores.practices.remove(db, enrollmentId, item)
  return true
}
