/**
 * What a change of a series does to readers who are partway through it. One principle covers every
 * position: what comes next is the first lesson in the course's order that a reader has not had.
 *
 * | the author | who has had it | who has not had it |
 * |---|---|---|
 * | moves a lesson | does not get it again | gets it at its new place; next, if past that |
 * | adds one | | gets it at its place; next, if past that, unless `late: skip` |
 * | takes one out | can still read it | never gets it: harm |
 * | renames a file, with `aliases:` | does not get it again | gets it |
 * | renames a file, without | gets it twice: harm | gets it |
 * | rewrites one | keeps the text they got | gets the new text |
 *
 * docs/changing-a-course.md explains the same to authors.
 */
import {
  type Course,
  type Daily,
  gapBefore,
  inspirationOn,
  type Lesson,
  lessonsAhead,
  type Newsletter,
  type Series,
} from './course.ts'
import { type ReaderGroup, type ScheduleChange, scheduleChange } from './schedule-change.ts'

export type { ReaderGroup }

/** A lesson, and how many readers it concerns. */
export interface LessonReaders {
  readonly lesson: Lesson
  readonly readers: number
}

export interface CourseChange {
  readonly kind: 'course'
  readonly added: readonly Lesson[]
  readonly gone: readonly Lesson[]
  /** The fewest moves that explain the new order; `from` is the day each lesson had. */
  readonly moved: readonly { readonly lesson: Lesson; readonly from: number }[]
  readonly renamed: readonly { readonly lesson: Lesson; readonly from: string }[]
  readonly rewritten: readonly Lesson[]
  /** Readers whose next lesson changes; a null lesson means that the course is over. */
  readonly next: readonly {
    readonly from: Lesson | null
    readonly to: Lesson | null
    readonly readers: number
  }[]
  /** Lessons that come to readers who are past their place. */
  readonly late: readonly LessonReaders[]
  /** Lessons that readers who are past their place do not get, as their author wants. */
  readonly spared: readonly LessonReaders[]
  /** Harm: a text that comes again under another name. `as` is the name readers had it under. */
  readonly twice: readonly (LessonReaders & { readonly as: string })[]
  /** Harm: a lesson that readers still had ahead of them. */
  readonly never: readonly LessonReaders[]
  readonly schedule: ScheduleChange
}

export interface DailyChange {
  readonly kind: 'daily'
  /** How many of the coming dates get another text. */
  readonly dates: number
  /** Harm: titles of texts that came in the past days and come again in the coming ones. */
  readonly again: readonly string[]
  readonly readers: number
}

export interface LetterChange {
  readonly kind: 'letter'
  /** Days between two letters; null if unchanged. */
  readonly gap: { readonly from: number; readonly to: number } | null
  readonly readers: number
}

/** Harm: a series that changes its kind, such as a course that becomes a daily. */
export interface KindChange {
  readonly kind: 'other'
  readonly readers: number
}

export type Change = CourseChange | DailyChange | LetterChange | KindChange

/** Compares a series with its changed version, for these readers on this date. */
export function changeOf(
  from: Series,
  to: Series,
  readers: readonly ReaderGroup[],
  today: Temporal.PlainDate,
): Change {
  if (from.kind === 'course' && to.kind === 'course') return courseChange(from, to, readers)
  const total = readers.reduce((sum, { count }) => sum + count, 0)
  if (from.kind === 'daily' && to.kind === 'daily') return dailyChange(from, to, total, today)
  if (from.kind === 'letter' && to.kind === 'letter') return letterChange(from, to, total)
  return { kind: 'other', readers: total }
}

function letterChange(
  { every: before = 1 }: Newsletter,
  { every: now = 1 }: Newsletter,
  readers: number,
): LetterChange {
  return { kind: 'letter', gap: before === now ? null : { from: before, to: now }, readers }
}

/**
 * Whether the effect depends on which lessons readers have had: lessons, or the gaps between them,
 * are added, removed, changed or moved. Otherwise all get next what they would have got anyway, and
 * their number is enough.
 */
export function dependsOnReaders(from: Series, to: Series): boolean {
  if (from.kind !== 'course' || to.kind !== 'course') return false
  const order = (course: Course) =>
    JSON.stringify([
      course.open ?? false,
      gapBefore(course, undefined),
      ...course.lessons.map((lesson) => [lesson.id, lesson.late, gapBefore(course, lesson)]),
    ])
  return order(from) !== order(to)
}

/**
 * Whether readers may be waiting for this change: for the next lesson or the end of an open course,
 * or for a start. True for a series that was not live before, which may have such readers.
 */
export function affectsWaitingReaders(from: Series | undefined, to: Series): boolean {
  if (from?.kind !== 'course' || to.kind !== 'course') return true
  if (String(from.starts) !== String(to.starts)) return true
  return from.open === true && (to.open !== true || dependsOnReaders(from, to))
}

/** Whether any reader would be worse off. */
export function isHarmful(change: Change): boolean {
  if (change.kind === 'course') return change.twice.length > 0 || change.never.length > 0
  if (change.kind === 'letter') return false
  return change.readers > 0 && (change.kind === 'other' || change.again.length > 0)
}

function courseChange(from: Course, to: Course, readers: readonly ReaderGroup[]): CourseChange {
  const [old, now] = [byId(from), byId(to)]
  const remaining = to.lessons.filter(({ id }) => old.has(id))
  const added = to.lessons.filter(({ id }) => !old.has(id))
  const gone = from.lessons.filter(({ id }) => !now.has(id))
  const before = (lesson: Lesson) => old.get(lesson.id) as Lesson
  const stayed = new Set(
    longestIncreasingSubsequence(remaining.map((lesson) => before(lesson).day)),
  )
  const like = new Map(
    added.map((lesson) => [lesson.id, gone.find((former) => isSameText(former, lesson))]),
  )
  const tally = openTally()
  /** Whether a reader has already had the first lesson after this one that is not new. */
  const isBehind = ({ day }: Lesson, has: ReadonlySet<string>) => {
    const next = to.lessons.slice(day).find(({ id }) => old.has(id))
    return next !== undefined && has.has(next.id)
  }

  for (const { had, count } of readers) {
    const has = new Set(had)
    const [ahead, instead] = [lessonsAhead(from, had), lessonsAhead(to, had)]
    const coming = new Set(instead.map(({ id }) => id))
    tally.next(ahead[0] ?? null, instead[0] ?? null, count)
    for (const lesson of instead) {
      const same = like.get(lesson.id)
      if (same && has.has(same.id)) tally.twice.add(lesson, count)
      else if (isBehind(lesson, has)) tally.late.add(lesson, count)
    }
    for (const lesson of to.lessons) {
      if (!has.has(lesson.id) && !coming.has(lesson.id)) tally.spared.add(lesson, count)
    }
    const renamed = new Set(instead.map(({ id }) => like.get(id)?.id))
    for (const lesson of ahead) {
      if (!now.has(lesson.id) && !renamed.has(lesson.id)) tally.never.add(lesson, count)
    }
  }
  return {
    kind: 'course',
    added,
    gone,
    moved: remaining
      .filter((lesson) => !stayed.has(before(lesson).day))
      .map((lesson) => ({ lesson, from: before(lesson).day })),
    renamed: remaining
      .filter((lesson) => before(lesson).name !== lesson.name)
      .map((lesson) => ({ lesson, from: before(lesson).name })),
    rewritten: remaining.filter((lesson) => textOf(before(lesson)) !== textOf(lesson)),
    next: tally.moves(),
    late: tally.late.inOrder(),
    spared: tally.spared.inOrder(),
    twice: tally.twice
      .inOrder()
      .map((lost) => ({ ...lost, as: like.get(lost.lesson.id)?.name ?? '' })),
    never: tally.never.inOrder(),
    schedule: scheduleChange(from, to, readers),
  }
}

const byId = ({ lessons }: Course) => new Map(lessons.map((lesson) => [lesson.id, lesson]))

/** What a reader sees of a lesson. */
const textOf = ({ id: _, name: __, day: ___, late: ____, after: _____, ...text }: Lesson) =>
  JSON.stringify(text)

/** Whether two lessons are the same text under two names. */
const isSameText = (a: Lesson, b: Lesson) => a.subject === b.subject || a.html === b.html

/** Counts readers by lesson, and by the two lessons of which one replaces the other as the next. */
function openTally() {
  const next = new Map<string, CourseChange['next'][number]>()
  const counts = { late: openCount(), spared: openCount(), twice: openCount(), never: openCount() }
  return {
    ...counts,
    next: (was: Lesson | null, is: Lesson | null, readers: number) => {
      if (was?.id === is?.id) return
      const name = JSON.stringify([was?.id, is?.id])
      next.set(name, { from: was, to: is, readers: (next.get(name)?.readers ?? 0) + readers })
    },
    moves: () => [...next.values()].sort((a, b) => b.readers - a.readers),
  }
}

function openCount() {
  const counts = new Map<string, LessonReaders>()
  return {
    add: (lesson: Lesson, readers: number) =>
      void counts.set(lesson.id, {
        lesson,
        readers: (counts.get(lesson.id)?.readers ?? 0) + readers,
      }),
    inOrder: () => [...counts.values()].sort((a, b) => a.lesson.day - b.lesson.day),
  }
}

/** Returns a longest increasing subsequence: the lessons that need not be moved. */
function longestIncreasingSubsequence(numbers: readonly number[]): number[] {
  const runs: number[][] = []
  for (const number of numbers) {
    const before = runs.filter((run) => (run.at(-1) as number) < number)
    const longest = before.reduce<number[]>(
      (best, run) => (run.length > best.length ? run : best),
      [],
    )
    runs.push([...longest, number])
  }
  return runs.reduce<number[]>((best, run) => (run.length > best.length ? run : best), [])
}

/** Days before a text of a daily may come again. */
const REPEAT_WINDOW_DAYS = 30

function dailyChange(
  from: Daily,
  to: Daily,
  readers: number,
  today: Temporal.PlainDate,
): DailyChange {
  const days = Array.from({ length: REPEAT_WINDOW_DAYS }, (_, index) => index)
  const past = new Set(days.map((ago) => inspirationOn(from, today.subtract({ days: ago })).title))
  const coming = days.map((ahead) => {
    const on = today.add({ days: ahead + 1 })
    return { was: inspirationOn(from, on), is: inspirationOn(to, on) }
  })
  const changed = coming.filter(({ was, is }) => was.title !== is.title || was.html !== is.html)
  const again = changed.filter(({ was, is }) => past.has(is.title) && was.title !== is.title)
  return {
    kind: 'daily',
    dates: changed.length,
    readers,
    again: [...new Set(again.map(({ is }) => is.title))],
  }
}
