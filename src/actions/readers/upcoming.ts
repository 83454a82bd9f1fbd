import {
  type Course,
  countsDays,
  lessonById,
  nextLessonOf,
  type Series,
} from '../../domain/course.ts'
import { isSentOrMerged, isWaiting } from '../../domain/delivery.ts'
import { type ForecastMail, forecast } from '../../domain/forecast.ts'
import { articlesToAnnounce, isCompanion, nextMorningIn } from '../../domain/plan.ts'
import { isQuiet, morningOn } from '../../domain/schedule.ts'
import { dateIn, isBefore, latest } from '../../domain/time.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { type Deps as NewsDeps, withNews } from '../shared/news.ts'

export interface Deps extends Pick<NewsDeps, 'articles'> {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly series: ReadonlyMap<string, Series>
  readonly stores: Pick<typeof stores, 'enrollments' | 'readerDeliveries' | 'skips' | 'letters'>
  /** See actions/sending/companions.ts. */
  readonly oneMailWithinMs: number
}

/** Days that a reader sees ahead, including today. */
const CALENDAR_DAYS = 14

export interface CalendarMail {
  readonly kind: ForecastMail['kind'] | 'again'
  readonly day: number | null
  readonly at: Temporal.Instant
  readonly state: 'came' | 'on-its-way' | 'skipped' | 'ahead'
}

export interface CalendarDay {
  readonly on: Temporal.PlainDate
  readonly rest: 'quiet' | 'paused' | null
  readonly mails: readonly CalendarMail[]
}

/** A forecast mail. */
export interface Coming extends ForecastMail {
  /** Whether it is an inspiration or a letter that comes in the mail of a lesson, at its time. */
  readonly withLesson: boolean
}

/** What an active enrollment may expect, and what its reader may ask for. */
export interface Upcoming {
  readonly days: readonly CalendarDay[]
  readonly next: Coming | null
  /** Number of the next lesson; null when all have come, and outside of courses. */
  readonly day: number | null
  /**
   * Key of what comes next: the lesson's id, or the inspiration's date; empty if there is neither.
   */
  readonly which: string
  /** How many lessons of the course have come or were skipped. */
  readonly had: number
  /** What was skipped and can still be undone. */
  readonly skipped: {
    readonly which: string
    readonly day: number | null
    readonly on: Temporal.PlainDate
  } | null
  /**
   * Whether an open course has come as far as it exists and waits for its next lesson, or there is
   * nothing new that a letter could announce.
   */
  readonly waits: boolean
  /** `until` is null if it lasts until the reader resumes. */
  readonly pause: { readonly until: Temporal.PlainDate | null } | null
  /** Whether a lesson, or what is new, can be requested "now"; `had`: today has already had one. */
  readonly now: 'yes' | 'had' | 'no'
  /** What can be sent again: a lesson's number, or an inspiration's date. */
  readonly again: { readonly day: number | null; readonly on: Temporal.PlainDate } | null
}

/**
 * Forecasts an enrollment's next two weeks; returns null if it is not active or its series is gone.
 */
export async function upcoming(enrollmentId: string, live: Deps): Promise<Upcoming | null> {
  // All of it is as of one instant.
  const now = live.now()
  const deps = { ...live, now: () => now }
  const { db, stores } = deps
  const row = await stores.enrollments.byId(db, enrollmentId)
  const series = row && deps.series.get(row.series)
  if (!series || row.status !== 'active' || !row.due_on) return null
  const today = dateIn(row.zone, now)
  const [ledger, ownForecast, asked, again, skipped] = await Promise.all([
    stores.readerDeliveries.since(db, enrollmentId, today),
    foresee(row, series, deps),
    stores.readerDeliveries.hasAsked(db, row, today),
    stores.readerDeliveries.lastSent(db, enrollmentId),
    skippedLast(row, series, deps),
  ])
  const { unsent, rhythm, had, announced } = ownForecast
  const pause = row.paused_at && { until: row.paused_until }
  const ahead =
    series.kind === 'course'
      ? ownForecast.ahead.map(alone)
      : await withLessons(ownForecast.ahead, row, deps)
  const lesson = series.kind === 'course' ? nextLessonOf(series, had) : undefined
  const coming = unsent ? { id: unsent.item, day: unsent.day } : lesson
  const inspiration = series.kind === 'daily' ? ahead[0] : undefined
  const hasLetter = ledger.some(({ kind, local_date: on }) => kind === 'letter' && on.equals(today))
  const canHave = series.kind === 'letter' ? announced !== null : coming !== undefined
  return {
    days: Array.from({ length: CALENDAR_DAYS }, (_, index) => {
      const on = today.add({ days: index })
      const past = ledger
        .filter(({ local_date }) => local_date.equals(on))
        .flatMap((delivery) => pastMails(delivery, now))
      const foreseen = ahead.filter(({ morning }) => morning.on.equals(on)).map(toCalendarMail)
      return { on, rest: restOn(on, rhythm, pause), mails: [...past, ...foreseen] }
    }),
    next: ahead[0] ?? null,
    day: coming?.day ?? null,
    which: coming?.id ?? String(inspiration?.morning.on ?? ''),
    had: series.kind === 'course' ? countOf(series, had, unsent?.item) : 0,
    skipped: pause ? null : skipped,
    waits: waitsFor(series, { pause, ahead, coming }),
    pause,
    now: !canHave || pause ? 'no' : asked || hasLetter ? 'had' : 'yes',
    again: again && !pause ? { day: again.day, on: again.local_date } : null,
  }
}

/** Whether it goes on although nothing is forecast. */
function waitsFor(
  series: Series,
  { pause, ahead, coming }: { pause: unknown; ahead: readonly unknown[]; coming: unknown },
): boolean {
  if (series.kind === 'letter') return !pause && ahead.length === 0
  return series.kind === 'course' && series.open === true && !coming
}

type Enrollment = stores.enrollments.Enrollment

/**
 * Returns how many lessons of the course as it is now have come or were skipped: those in the
 * ledger, except one that waits.
 */
const countOf = ({ lessons }: Course, had: readonly string[], unsent?: string) =>
  lessons.filter(({ id }) => id !== unsent && had.includes(id)).length

async function skippedLast(
  row: Enrollment,
  series: Series,
  { db, stores, now }: Deps,
): Promise<Upcoming['skipped']> {
  const skip = await stores.skips.newest(db, row.id)
  if (!skip) return null
  const { item: which, on } = skip
  if (series.kind === 'course') {
    const lesson = lessonById(series, which)
    return lesson ? { which, day: lesson.day, on } : null
  }
  const morning = morningOn(stores.enrollments.rhythmOf(row), on)
  return morning && isBefore(now(), morning.at) ? { which, day: null, on } : null
}

/**
 * Forecasts an enrollment's mails of the next two weeks, and finds its lesson that has not left.
 */
async function foresee(row: Enrollment, series: Series, deps: Deps) {
  const { db, stores } = deps
  const now = deps.now()
  const place = { rows: [{ id: row.id, series: row.series }], now }
  const [delivery, had, lastLessonOn, [letter]] = await Promise.all([
    stores.readerDeliveries.unsent(db, row.id),
    stores.readerDeliveries.had(db, row.id),
    countsDays(series) ? null : stores.readerDeliveries.lastLessonOn(db, row.id),
    withNews(db, place, deps),
  ])
  // Its mail will show the number it has in the course now.
  const unsent = delivery && {
    ...delivery,
    day: lessonById(series, delivery.item)?.day ?? delivery.day,
  }
  const waiting = unsent && !isOnItsWay(unsent, now) ? unsent : null
  const rhythm = stores.enrollments.rhythmOf(row)
  const due = {
    rhythm,
    dueOn: row.due_on as Temporal.PlainDate,
    had,
    lastOn: letter?.lastOn ?? lastLessonOn,
    startsOn: row.starts_on,
    ...(letter?.news && { news: letter.news }),
    unsent: waiting?.id ?? null,
    unsentDay: waiting?.day ?? null,
    pausedUntil: row.paused_until,
  }
  const inTwoWeeks = dateIn(row.zone, now).add({ days: CALENDAR_DAYS - 1 })
  const resting = row.paused_at && !row.paused_until
  const last = latest(inTwoWeeks, nextMorningIn(series, due, now).on)
  const news = articlesToAnnounce(letter?.news, now)
  return {
    rhythm,
    unsent,
    had,
    announced: news,
    ahead: resting ? [] : forecast(series, due, now, last),
  }
}

const alone = (foreseen: ForecastMail): Coming => ({ ...foreseen, withLesson: false })

/** Returns inspirations, or letters, at the time of the lessons that take them along. */
async function withLessons(
  foreseen: readonly ForecastMail[],
  row: Enrollment,
  deps: Deps,
): Promise<Coming[]> {
  const { db, stores, oneMailWithinMs } = deps
  const enrollments = await stores.enrollments.ofSubscriber(db, row.subscriber_id)
  const courses = enrollments.flatMap((enrollment) => {
    const series = deps.series.get(enrollment.series)
    return enrollment.status === 'active' && series?.kind === 'course'
      ? [{ enrollment, series }]
      : []
  })
  const ahead = await Promise.all(
    courses.map(({ enrollment, series }) => foresee(enrollment, series, deps)),
  )
  const lessons = ahead.flatMap(({ ahead }) => ahead.filter(({ kind }) => kind === 'lesson'))
  return foreseen.map((mail) => {
    const lesson = lessons.find(({ morning }) =>
      isCompanion(morning, mail.morning, oneMailWithinMs),
    )
    const morning = { ...mail.morning, at: lesson?.morning.at ?? mail.morning.at }
    return { ...mail, morning, withLesson: lesson !== undefined }
  })
}

type Row = Awaited<ReturnType<typeof stores.readerDeliveries.since>>[number]

const isOnItsWay = ({ until, try_at }: Pick<Row, 'until' | 'try_at'>, now: Temporal.Instant) =>
  try_at !== null && isBefore(now, until) && isBefore(try_at, until)

/** Returns what the ledger has to show a reader. */
function pastMails(row: Row, now: Temporal.Instant): CalendarMail[] {
  const mail = { kind: row.kind as CalendarMail['kind'], day: row.day, at: row.due_at }
  if (isSentOrMerged(row.status)) return [{ ...mail, state: 'came' }]
  if (row.status === 'skipped') return [{ ...mail, state: 'skipped' }]
  return row.status === 'sending' || (isWaiting(row.status) && isOnItsWay(row, now))
    ? [{ ...mail, state: 'on-its-way' }]
    : []
}

const toCalendarMail = ({ kind, day, morning }: Coming): CalendarMail => ({
  kind,
  day,
  at: morning.at,
  state: 'ahead',
})

function restOn(
  on: Temporal.PlainDate,
  rhythm: ReturnType<typeof stores.enrollments.rhythmOf>,
  pause: Upcoming['pause'],
): CalendarDay['rest'] {
  if (pause && (!pause.until || Temporal.PlainDate.compare(on, pause.until) < 0)) return 'paused'
  return isQuiet(rhythm, on) ? 'quiet' : null
}
