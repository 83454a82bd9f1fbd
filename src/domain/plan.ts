import type { LiveArticle } from './article.ts'
import {
  type Course,
  type Daily,
  gapBefore,
  lessonsAhead,
  type Newsletter,
  nextLessonOf,
  type Series,
} from './course.ts'
import type { Rhythm } from './rhythm.ts'
import { dateAfter, morningFrom, morningOn, type SendWindow } from './schedule.ts'
import { isAfter, isBefore, latest } from './time.ts'

/** What the planner knows about an enrollment whose `dueOn` has come. */
export interface PlanningState {
  readonly rhythm: Rhythm
  /** The local date its next mail is meant for. */
  readonly dueOn: Temporal.PlainDate
  /** Ids of the lessons of a course that are in the ledger: sent, skipped, or on their way. */
  readonly had: readonly string[]
  /** A lesson planned for an earlier morning that has not left: it goes first. Null if none. */
  readonly unsent: string | null
  /**
   * Date of the last lesson or letter that has left, from which the author's gap is counted; absent
   * if none has.
   */
  readonly lastOn?: Temporal.PlainDate | null
  /** The start on which it begins together with others; absent if it began by itself. */
  readonly startsOn?: Temporal.PlainDate | null
  /** Date on which a pause ends by itself: no mail is meant for an earlier one. */
  readonly pausedUntil?: Temporal.PlainDate | null
  /** What a letter could report; absent if nothing. */
  readonly news?: News
}

/** What is in the reading room, and what of it letters have announced to a reader. */
export interface News {
  /**
   * Articles published up to this instant are not news: a letter has announced them, or the reader
   * came after them.
   */
  readonly since: Temporal.Instant
  /** Articles in the letter's language, in order of publication. */
  readonly articles: readonly Pick<LiveArticle, 'slug' | 'publishedAt'>[]
}

/** What one letter reports. */
export interface AnnouncedArticles {
  /** Slugs, the newest first. */
  readonly articles: readonly string[]
  /** When the newest of them was published. */
  readonly through: Temporal.Instant
}

/** A mail to write into the ledger. `item` distinguishes mails of one kind and enrollment (I1). */
export interface MailPlan {
  readonly kind: 'lesson' | 'inspiration' | 'letter' | 'completion'
  readonly item: string
  readonly day: number | null
  readonly morning: SendWindow
  /** Only for a letter. */
  readonly announced?: AnnouncedArticles
}

/**
 * What to do about a due enrollment: a decision without side effects.
 *
 * - `wait`: its window has closed; the mail moves to `next` (catch-up rule: one lesson, none at
 *   night). Or there is nothing new for a letter to report.
 * - `send`: write `mail`, then wait for `next`.
 * - `redate`: an unsent lesson takes this morning; the one after it waits for `next`.
 * - `drop`: the window of an inspiration's date has closed; it is recorded as expired.
 * - `rest`: all lessons of an open course are planned; wait until it changes, for a lesson that may
 *   come from date `from` on.
 * - `finish`: all lessons are planned; write the completion mail.
 */
export type Step =
  | { readonly do: 'wait'; readonly next: SendWindow }
  | { readonly do: 'send'; readonly mail: MailPlan; readonly next: SendWindow }
  | {
      readonly do: 'redate'
      readonly delivery: string
      readonly morning: SendWindow
      readonly next: SendWindow
    }
  | { readonly do: 'drop'; readonly mail: MailPlan; readonly next: SendWindow }
  | { readonly do: 'rest'; readonly from: Temporal.PlainDate }
  | { readonly do: 'finish'; readonly mail: MailPlan }

export const nextStep = (series: Series, due: PlanningState, now: Temporal.Instant): Step =>
  series.kind === 'course' ? nextLesson(series, due, now) : nextCompanion(series, due, now)

type CompanionStep = Extract<Step, { do: 'wait' | 'send' | 'drop' }>

/** The same for a series whose mail can travel with a lesson. */
const nextCompanion = (
  series: Daily | Newsletter,
  due: PlanningState,
  now: Temporal.Instant,
): CompanionStep =>
  series.kind === 'daily' ? nextInspiration(due, now) : nextLetter(series, due, now)

interface DueConstraints extends Pick<PlanningState, 'rhythm' | 'dueOn' | 'pausedUntil'> {
  /** The author lets nothing come before this date. */
  readonly notBefore?: Temporal.PlainDate | null
}

/** Returns the date its next mail is meant for, given pauses and the author's limits. */
const intendedDate = ({ dueOn, pausedUntil, notBefore }: DueConstraints) =>
  [pausedUntil, notBefore].reduce<Temporal.PlainDate>(
    (on, other) => (other ? latest(on, other) : on),
    dueOn,
  )

/** Returns the morning of the next mail, when the planner has to check the enrollment again. */
export const nextMorning = (due: DueConstraints, now: Temporal.Instant): SendWindow =>
  morningFrom(due.rhythm, intendedDate(due), now)

/**
 * Returns the morning of the next mail of a series, no sooner than its author allows: a control or
 * the author may have left the enrollment with an earlier date.
 */
export const nextMorningIn = (
  series: Series,
  due: PlanningState,
  now: Temporal.Instant,
): SendWindow => nextMorning({ ...due, notBefore: notBefore(series, due) }, now)

/**
 * Returns the first date on which a lesson may come: after the author's gap and from the course's
 * start on.
 */
function notBefore(series: Series, due: PlanningState): Temporal.PlainDate | null {
  const [gap, { startsOn = null }] = [gapEnd(series, due), due]
  return gap && startsOn ? latest(gap, startsOn) : (gap ?? startsOn)
}

/**
 * Returns the first date on which the author's gap lets the next lesson or letter come; null if
 * every date does. A lesson that was planned and has not left has waited out its gap.
 */
function gapEnd(series: Series, { lastOn, unsent, had }: PlanningState): Temporal.PlainDate | null {
  if (series.kind === 'daily' || !lastOn || unsent) return null
  const gap =
    series.kind === 'letter' ? (series.every ?? 1) : gapBefore(series, nextLessonOf(series, had))
  return gap > 1 ? lastOn.add({ days: gap }) : null
}

/** Returns the date of the last lesson or letter that has left, once this step has been taken. */
export function lastOnAfter(
  step: Step,
  { lastOn = null }: PlanningState,
): Temporal.PlainDate | null {
  if (step.do === 'redate') return step.morning.on
  return step.do === 'send' ? step.mail.morning.on : lastOn
}

/** Returns what a letter could report once this step has been taken, as part of a Due. */
export function newsAfter(step: Step, { news }: PlanningState): Pick<PlanningState, 'news'> {
  const through = step.do === 'send' ? step.mail.announced?.through : undefined
  return news ? { news: through ? { ...news, since: through } : news } : {}
}

function nextLesson(course: Course, due: PlanningState, now: Temporal.Instant): Step {
  const morning = nextMorningIn(course, due, now)
  if (isAfter(morning.at, now)) return { do: 'wait', next: morning }
  const ahead = lessonsAhead(course, due.had)
  const after = (following: number) =>
    dateAfter(due.rhythm, morning.on, gapBefore(course, ahead[following]))
  if (due.unsent) {
    const next = morningFrom(due.rhythm, after(0), now)
    return { do: 'redate', delivery: due.unsent, morning, next }
  }
  const [lesson] = ahead
  if (!lesson && course.open) return { do: 'rest', from: morning.on }
  const next = morningFrom(due.rhythm, after(1), now)
  if (!lesson)
    return { do: 'finish', mail: { kind: 'completion', item: 'completion', day: null, morning } }
  return { do: 'send', mail: { kind: 'lesson', item: lesson.id, day: lesson.day, morning }, next }
}

/**
 * If nothing is new, the next morning is checked. So it is after a letter: if that one could not
 * leave, a new one with all there is by then makes up for it; if it left, the gap holds the next
 * one back.
 */
function nextLetter(series: Newsletter, due: PlanningState, now: Temporal.Instant): CompanionStep {
  const morning = nextMorningIn(series, due, now)
  if (isAfter(morning.at, now)) return { do: 'wait', next: morning }
  const news = articlesToAnnounce(due.news, now)
  const { on } = morning
  if (!news) return { do: 'wait', next: morningFrom(due.rhythm, on.add({ days: 1 }), now) }
  const mail: MailPlan = { kind: 'letter', item: String(on), day: null, morning, announced: news }
  return { do: 'send', mail, next: morningFrom(due.rhythm, dateAfter(due.rhythm, on), now) }
}

/** Returns what is new at `now`; null if nothing is. */
export function articlesToAnnounce(
  news: News | undefined,
  now: Temporal.Instant,
): AnnouncedArticles | null {
  const isNew = ({ publishedAt }: News['articles'][number]) =>
    news !== undefined && isAfter(publishedAt, news.since) && !isAfter(publishedAt, now)
  const articles = news?.articles.filter(isNew).reverse() ?? []
  const [newest] = articles
  return newest ? { articles: articles.map(({ slug }) => slug), through: newest.publishedAt } : null
}

function nextInspiration(due: PlanningState, now: Temporal.Instant): CompanionStep {
  const on = intendedDate(due)
  const morning = morningOn(due.rhythm, on)
  if (!morning || isAfter(morning.at, now)) return { do: 'wait', next: nextMorning(due, now) }
  const mail: MailPlan = { kind: 'inspiration', item: String(on), day: null, morning }
  if (!isBefore(now, morning.until)) {
    return { do: 'drop', mail, next: morningFrom(due.rhythm, on.add({ days: 1 }), now) }
  }
  return { do: 'send', mail, next: morningFrom(due.rhythm, dateAfter(due.rhythm, on), now) }
}

/**
 * Whether an inspiration or a letter goes into the mail of a lesson: on the same date, at most
 * `withinMs` apart, its window open.
 */
export const isCompanion = (lesson: SendWindow, companion: SendWindow, withinMs: number): boolean =>
  withinMs > 0 &&
  lesson.on.equals(companion.on) &&
  Math.abs(lesson.at.epochMilliseconds - companion.at.epochMilliseconds) <= withinMs &&
  isBefore(lesson.at, companion.until)

/** An inspiration or a letter that travels with a lesson. */
export interface CompanionPlan {
  /** One whose window has closed: it is recorded as expired. */
  readonly missed: MailPlan | null
  /** Due with the lesson. */
  readonly mail: MailPlan
  readonly next: SendWindow
}

/** The mail of a lesson, and how many milliseconds apart from it a companion may be due. */
export interface DepartingLesson {
  readonly morning: SendWindow
  readonly withinMs: number
}

/**
 * Returns what a lesson of this morning takes along from a daily or a letter, due now or soon; null
 * if they come separately or there is nothing new.
 */
export function companionOf(
  { morning: lesson, withinMs }: DepartingLesson,
  { series, due }: { readonly series: Daily | Newsletter; readonly due: PlanningState },
  now: Temporal.Instant,
): CompanionPlan | null {
  const step = nextCompanion(series, due, now)
  const window = step.do === 'send' ? step.mail.morning : step.next
  const news = series.kind === 'letter' ? articlesToAnnounce(due.news, now) : undefined
  if (!isCompanion(lesson, window, withinMs) || news === null) return null
  return {
    missed: step.do === 'drop' ? step.mail : null,
    mail: {
      kind: series.kind === 'letter' ? 'letter' : 'inspiration',
      item: String(window.on),
      day: null,
      morning: { ...window, at: lesson.at },
      ...(news && { announced: news }),
    },
    next: morningFrom(due.rhythm, dateAfter(due.rhythm, window.on), now),
  }
}

/** Returns the morning of a later lesson that takes along what is due on this one; null if none. */
export function nextLessonMorning(
  course: Course,
  lesson: PlanningState,
  companion: SendWindow,
  now: Temporal.Instant,
  withinMs: number,
): SendWindow | null {
  const morning = nextMorningIn(course, lesson, now)
  const isOver = !lesson.unsent && !nextLessonOf(course, lesson.had)
  return !isOver && isAfter(morning.at, now) && isCompanion(morning, companion, withinMs)
    ? morning
    : null
}
