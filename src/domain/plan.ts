import { type Course, gapBefore, lessonsAhead, nextOf, type Series } from './course.ts'
import type { Rhythm } from './rhythm.ts'
import { dateAfter, morningFrom, morningOn, type SendWindow } from './schedule.ts'
import { isAfter, isBefore, latest } from './time.ts'

/** What the planner knows of an enrollment whose `dueOn` has come. */
export interface Due {
  readonly rhythm: Rhythm
  /** The local date its next mail is meant for. */
  readonly dueOn: Temporal.PlainDate
  /**
   * Ids of the lessons that stand in the ledger: sent, skipped, or on their way. Of no account in a
   * daily.
   */
  readonly had: readonly string[]
  /** A lesson planned for an earlier morning that has not left: it goes first. */
  readonly unsent: string | null
  /**
   * The date of the last lesson that has left, which the author's gap is counted from; absent: none
   * has.
   */
  readonly lastOn?: Temporal.PlainDate | null
  /** The start on which it begins together with others; absent: it began by itself. */
  readonly startsOn?: Temporal.PlainDate | null
  /** The date on which a pause ends by itself: nothing is meant for an earlier one. */
  readonly pausedUntil?: Temporal.PlainDate | null
}

/** A mail to write into the ledger. `item` tells mails of one kind and enrollment apart (I1). */
export interface Planned {
  readonly kind: 'lesson' | 'inspiration' | 'completion'
  readonly item: string
  readonly day: number | null
  readonly morning: SendWindow
}

/**
 * What is to be done about a due enrollment. Decides; does nothing.
 *
 * - `wait`: its window has closed; the mail moves to `next` (catch-up rule: one lesson, none at
 *   night).
 * - `send`: write `mail`, then wait for `next`.
 * - `redate`: an unsent lesson takes this morning; the one after it waits for `next`.
 * - `drop`: the inspiration of a date whose window has closed is recorded as expired.
 * - `rest`: all lessons of an open course are planned; wait until it changes, for a lesson that may
 *   come on date `from`.
 * - `finish`: all lessons are planned; write the completion mail.
 */
export type Step =
  | { readonly do: 'wait'; readonly next: SendWindow }
  | { readonly do: 'send'; readonly mail: Planned; readonly next: SendWindow }
  | {
      readonly do: 'redate'
      readonly delivery: string
      readonly morning: SendWindow
      readonly next: SendWindow
    }
  | { readonly do: 'drop'; readonly mail: Planned; readonly next: SendWindow }
  | { readonly do: 'rest'; readonly from: Temporal.PlainDate }
  | { readonly do: 'finish'; readonly mail: Planned }

export const nextStep = (series: Series, due: Due, now: Temporal.Instant): Step =>
  series.kind === 'course' ? nextLesson(series, due, now) : nextInspiration(due, now)

interface Waiting extends Pick<Due, 'rhythm' | 'dueOn' | 'pausedUntil'> {
  /** The author lets nothing come before this date. */
  readonly notBefore?: Temporal.PlainDate | null
}

/** The date its next mail is meant for, pauses and the author's time considered. */
const meantFor = ({ dueOn, pausedUntil, notBefore }: Waiting) =>
  [pausedUntil, notBefore].reduce<Temporal.PlainDate>(
    (on, other) => (other ? latest(on, other) : on),
    dueOn,
  )

/** The morning of the next mail: when the planner has to look at the enrollment again. */
export const nextMorning = (due: Waiting, now: Temporal.Instant): SendWindow =>
  morningFrom(due.rhythm, meantFor(due), now)

/**
 * The morning of the next mail of a series, no sooner than its author allows: a control that has
 * moved it, or the author, may have left it with an earlier one.
 */
export const nextMorningIn = (series: Series, due: Due, now: Temporal.Instant): SendWindow =>
  nextMorning({ ...due, notBefore: notBefore(series, due) }, now)

/** What holds a lesson back: the author's gap after the last one, and the start of its course. */
function notBefore(series: Series, due: Due): Temporal.PlainDate | null {
  const [gap, { startsOn = null }] = [gapEnd(series, due), due]
  return gap && startsOn ? latest(gap, startsOn) : (gap ?? startsOn)
}

/**
 * The first date on which the author's gap lets the next lesson come; null where every date does. A
 * lesson that was planned and has not left has had its gap.
 */
function gapEnd(series: Series, { lastOn, unsent, had }: Due): Temporal.PlainDate | null {
  if (series.kind !== 'course' || !lastOn || unsent) return null
  const gap = gapBefore(series, nextOf(series, had))
  return gap > 1 ? lastOn.add({ days: gap }) : null
}

/** The date of the last lesson that has left, once this step has been taken. */
export function lastOnAfter(step: Step, { lastOn = null }: Due): Temporal.PlainDate | null {
  if (step.do === 'redate') return step.morning.on
  return step.do === 'send' ? step.mail.morning.on : lastOn
}

function nextLesson(course: Course, due: Due, now: Temporal.Instant): Step {
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

function nextInspiration(
  due: Due,
  now: Temporal.Instant,
): Extract<Step, { do: 'wait' | 'send' | 'drop' }> {
  const on = meantFor(due)
  const morning = morningOn(due.rhythm, on)
  if (!morning || isAfter(morning.at, now)) return { do: 'wait', next: nextMorning(due, now) }
  const mail: Planned = { kind: 'inspiration', item: String(on), day: null, morning }
  if (!isBefore(now, morning.until)) {
    return { do: 'drop', mail, next: morningFrom(due.rhythm, on.add({ days: 1 }), now) }
  }
  return { do: 'send', mail, next: morningFrom(due.rhythm, dateAfter(due.rhythm, on), now) }
}

/**
 * Whether an inspiration goes into the mail of a lesson: on one date, no more than `withinMs`
 * apart, its window open.
 */
export const isCompanion = (
  lesson: SendWindow,
  inspiration: SendWindow,
  withinMs: number,
): boolean =>
  withinMs > 0 &&
  lesson.on.equals(inspiration.on) &&
  Math.abs(lesson.at.epochMilliseconds - inspiration.at.epochMilliseconds) <= withinMs &&
  isBefore(lesson.at, inspiration.until)

/** An inspiration that a lesson takes along. */
export interface CompanionPlan {
  /** One whose window has closed: it is recorded as expired. */
  readonly missed: Planned | null
  /** Due with the lesson. */
  readonly mail: Planned
  readonly next: SendWindow
}

/**
 * What a lesson of this morning takes along of a daily, due already or soon; null when they come
 * apart.
 */
export function companionOf(
  lesson: SendWindow,
  due: Due,
  now: Temporal.Instant,
  withinMs: number,
): CompanionPlan | null {
  const step = nextInspiration(due, now)
  const window = step.do === 'send' ? step.mail.morning : step.next
  if (!isCompanion(lesson, window, withinMs)) return null
  return {
    missed: step.do === 'drop' ? step.mail : null,
    mail: {
      kind: 'inspiration',
      item: String(window.on),
      day: null,
      morning: { ...window, at: lesson.at },
    },
    next: morningFrom(due.rhythm, dateAfter(due.rhythm, window.on), now),
  }
}

/** The morning of a lesson to come that takes this one's inspiration along, or null. */
export function lessonAhead(
  course: Course,
  lesson: Due,
  inspiration: SendWindow,
  now: Temporal.Instant,
  withinMs: number,
): SendWindow | null {
  const morning = nextMorningIn(course, lesson, now)
  const isOver = !lesson.unsent && !nextOf(course, lesson.had)
  return !isOver && isAfter(morning.at, now) && isCompanion(morning, inspiration, withinMs)
    ? morning
    : null
}
