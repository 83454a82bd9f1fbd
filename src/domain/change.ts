/**
 * What a change of a series does to those who are on their way in it. The rules, which hold by
 * themselves wherever somebody stands, since what comes next is the first lesson in the course's
 * order that they have not had:
 *
 * | the author | who has had it | who has not had it |
 * |-------------------|-----------------------|-----------------------------------------------------------------|
 * | moves a lesson | not again | get it at its new place; next, if they are past that |
 * | adds one | | get it at its place; next, if they are past that, unless `late: skip` |
 * | takes one out | can still read it | never get it: harm |
 * | renames a file, with `aliases:` | not again | get it |
 * | renames a file, without | twice: harm | get it |
 * | rewrites one | keep the text they got | get the new text |
 *
 * docs/changing-a-course.md tells the same to authors.
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
import { type Readers, type ScheduleChange, scheduleChange } from './schedule-change.ts'

export type { Readers }

/** A lesson, and how many readers it is about. */
export interface Told {
  readonly lesson: Lesson
  readonly readers: number
}

export interface CourseChange {
  readonly kind: 'course'
  readonly added: readonly Lesson[]
  readonly gone: readonly Lesson[]
  /** As few as tell the new order; `from`: the day each had. */
  readonly moved: readonly { readonly lesson: Lesson; readonly from: number }[]
  readonly renamed: readonly { readonly lesson: Lesson; readonly from: string }[]
  readonly rewritten: readonly Lesson[]
  /** Whose next lesson is another now; null: the course is over. */
  readonly next: readonly {
    readonly from: Lesson | null
    readonly to: Lesson | null
    readonly readers: number
  }[]
  /** What comes to readers who are past it. */
  readonly late: readonly Told[]
  /** What readers who are past it do not get, as its author wants it. */
  readonly spared: readonly Told[]
  /** Harm: a text that comes again under another name. `as`: the name they had it under. */
  readonly twice: readonly (Told & { readonly as: string })[]
  /** Harm: a lesson they had before them. */
  readonly never: readonly Told[]
  readonly schedule: ScheduleChange
}

export interface DailyChange {
  readonly kind: 'daily'
  /** How many of the next dates have another text. */
  readonly dates: number
  /** Harm: titles of texts that came in the past days and come again in the next. */
  readonly again: readonly string[]
  readonly readers: number
}

export interface LetterChange {
  readonly kind: 'letter'
  /** Days between two letters, where that changes. */
  readonly gap: { readonly from: number; readonly to: number } | null
  readonly readers: number
}

/** A course that has become a daily, or the other way about, and the like: harm. */
export interface KindChange {
  readonly kind: 'other'
  readonly readers: number
}

export type Change = CourseChange | DailyChange | LetterChange | KindChange

/** Compares a series with what it is to become, for these readers, on this date. */
export function changeOf(
  from: Series,
  to: Series,
  readers: readonly Readers[],
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
 * Whether it matters what readers have had: lessons, or the gaps between them, come, go or change
 * places. Else each gets next
 * what they would have got, and it is enough to know how many they are.
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
 * Whether somebody waits for this change: readers who are through with an open course, for its next
 * lesson, or for its end; readers who wait for a start. What was not live before may have left
 * some.
 */
export function movesReaders(from: Series | undefined, to: Series): boolean {
  if (from?.kind !== 'course' || to.kind !== 'course') return true
  if (String(from.starts) !== String(to.starts)) return true
  return from.open === true && (to.open !== true || dependsOnReaders(from, to))
}

/** Whether somebody would be worse off. */
export function isHarmful(change: Change): boolean {
  if (change.kind === 'course') return change.twice.length > 0 || change.never.length > 0
  if (change.kind === 'letter') return false
  return change.readers > 0 && (change.kind === 'other' || change.again.length > 0)
}

function courseChange(from: Course, to: Course, readers: readonly Readers[]): CourseChange {
  const [old, now] = [byId(from), byId(to)]
  const remaining = to.lessons.filter(({ id }) => old.has(id))
  const added = to.lessons.filter(({ id }) => !old.has(id))
  const gone = from.lessons.filter(({ id }) => !now.has(id))
  const before = (lesson: Lesson) => old.get(lesson.id) as Lesson
  const stayed = new Set(longestRising(remaining.map((lesson) => before(lesson).day)))
  const like = new Map(
    added.map((lesson) => [lesson.id, gone.find((former) => isLike(former, lesson))]),
  )
  const tally = openTally()
  /** Whether a reader has had the next lesson after this one that is not new. */
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
const isLike = (a: Lesson, b: Lesson) => a.subject === b.subject || a.html === b.html

/** Counts readers by lesson, and by the two lessons of which one comes instead of the other. */
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
  const counts = new Map<string, Told>()
  return {
    add: (lesson: Lesson, readers: number) =>
      void counts.set(lesson.id, {
        lesson,
        readers: (counts.get(lesson.id)?.readers ?? 0) + readers,
      }),
    inOrder: () => [...counts.values()].sort((a, b) => a.lesson.day - b.lesson.day),
  }
}

/** A longest run of rising numbers among these, in their order: what need not be moved. */
function longestRising(numbers: readonly number[]): number[] {
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

/** Days that a daily's texts should stay away. */
const MONTH = 30

function dailyChange(
  from: Daily,
  to: Daily,
  readers: number,
  today: Temporal.PlainDate,
): DailyChange {
  const days = Array.from({ length: MONTH }, (_, index) => index)
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
