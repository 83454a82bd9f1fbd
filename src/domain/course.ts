/**
 * Series, as an author's folder defines them. Read by content/, mailed by mail/, planned by
 * actions/.
 */

import type { OwnField } from './own-fields.ts'
import type { Weekday } from './rhythm.ts'
import type { Theme } from './theme.ts'

/** A text with a subject line: a welcome, a completion. */
export interface Letter {
  readonly subject: string
  /** What its author set, else its first sentence; empty if it has no text. */
  readonly preheader: string
  /** Rendered Markdown; may hold Handlebars slots such as {{firstName}}. */
  readonly html: string
  /** Overrides the greeting of its series. */
  readonly greeting?: Greeting
}

/** `none`, or a line that may hold {{firstName}}. Without one, the usual greeting is used. */
export type Greeting = string
export const NO_GREETING = 'none'

/** A practice below the text of its lesson, defined by front matter and a heading. */
export interface Practice {
  readonly title: string
  readonly minutes: number
  readonly html: string
}

export interface Lesson extends Letter {
  /**
   * Its id in the ledger: the file name without its number, or its first alias, the name it had
   * before it was renamed. Unchanged when lessons are reordered.
   */
  readonly id: string
  /** The file name without its number. */
  readonly name: string
  /** 1 for the first. */
  readonly day: number
  /** Null for a lesson without one, or whose practices are within its text. */
  readonly practice: Practice | null
  /** Titles of the practices within its text; empty for those without a title. */
  readonly practicesWithin: readonly string[]
  /** A question to write about; empty for none. */
  readonly question: string
  /** A line to carry through the day; empty for none. */
  readonly carry: string
  /** What readers get who are already past it when it is added to the course. */
  readonly late: LatePolicy
  /** Days from the previous lesson to this one; the course's `every` if it sets none. */
  readonly after?: number
}

export const LATE_POLICIES = ['send', 'skip'] as const
export type LatePolicy = (typeof LATE_POLICIES)[number]

/** Title of its practice; empty if that has none, null if there is no practice. */
export const practiceTitleOf = ({ practice, practicesWithin }: Lesson): string | null =>
  practice?.title ?? practicesWithin[0] ?? null

/** Whether a series has any practices. */
export const hasPractices = (series: Series): boolean =>
  series.kind === 'course' && series.lessons.some((lesson) => practiceTitleOf(lesson) !== null)

/** Headings of the parts of a lesson, in a course's own words. */
export interface Labels {
  readonly practice?: string
  /** Follows the number. */
  readonly minutes?: string
  readonly question?: string
  readonly carry?: string
  /** On the button that reports the practice as done. */
  readonly did?: string
}

export interface Part {
  readonly title: string
  readonly from: number
  readonly to: number
  readonly summary: string
}

/** Whether a text can name a series: it appears in paths, headers and the ledger. */
export const isSlug = (text: string) => SLUG.test(text)
export const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/

interface SeriesBasics {
  /** Folder name; appears in paths, headers and the ledger. */
  readonly slug: string
  readonly title: string
  readonly summary: string
  readonly description: string
  readonly author: string
  /** BCP 47 tag of the texts. */
  readonly language: string
  readonly welcome: Letter
  readonly theme?: Theme
  /** Applies to all its letters and lessons that have none of their own. */
  readonly greeting?: Greeting
  readonly labels?: Labels
  /** Weekdays that its form proposes; all if it sets none. */
  readonly weekdays?: readonly Weekday[]
  /** Time of day that its form proposes, if its site sets one. */
  readonly time?: string
  /** Slugs of this series in other languages; it is enough if either side names the other. */
  readonly translations?: readonly string[]
}

export interface Course extends SeriesBasics {
  readonly kind: 'course'
  readonly parts: readonly Part[]
  /** In order; day n is at index n - 1. */
  readonly lessons: readonly Lesson[]
  /** Null for an open course without one. */
  readonly completion: Letter | null
  /** Slugs of the dailies offered along with it; those of its language if it names none. */
  readonly offers?: readonly string[]
  /** Days from one lesson to the next; 1 if it sets none. */
  readonly every?: number
  /** When the first lesson comes: on the next morning, or as soon as the reader has confirmed. */
  readonly first?: FirstLessonTime
  /** Dates on which people begin together, `YYYY-MM-DD`. */
  readonly starts?: readonly string[]
  /** Days after a start for which it can still be joined. */
  readonly joining?: number
  /** It grows: readers who have had all lessons wait for the next one. */
  readonly open?: boolean
  /** What its form asks besides the name, in order. */
  readonly fields?: readonly OwnField[]
  /** Links followed in its lessons are counted, for readers who agree to it. */
  readonly clicks?: 'count'
}

export const FIRST_LESSON_TIMES = ['at once', 'next morning'] as const
export type FirstLessonTime = (typeof FIRST_LESSON_TIMES)[number]

/** Days between the previous mail and this lesson; undefined means the closing letter. */
export const gapBefore = ({ every = 1 }: Course, lesson: Lesson | undefined): number =>
  lesson?.after ?? every

/**
 * Whether lesson numbers are those of days, for somebody who reads every day: each lesson comes one
 * day after the one before it. If not, lessons are counted instead of days.
 */
export const countsDays = (series: Series): boolean =>
  series.kind !== 'course' ||
  series.lessons.every((lesson, index) => index === 0 || gapBefore(series, lesson) === 1)

/** Whether a series counts which links are followed. */
export const countsClicks = (series: Series): boolean =>
  series.kind === 'course' && series.clicks === 'count'

/** The own fields of a series. Only courses have any: other series go in the mails of courses. */
export const ownFieldsOf = (series: Series): readonly OwnField[] =>
  series.kind === 'course' ? (series.fields ?? []) : []

/**
 * Returns the lessons a reader has not had, in the course's order. A lesson marked `late: skip` is
 * left out for readers who are past it: who have had the next lesson without that mark.
 */
export function lessonsAhead({ lessons }: Course, had: readonly string[]): Lesson[] {
  const has = new Set(had)
  const isPast = (index: number) => {
    const next = lessons.slice(index + 1).find(({ late }) => late === 'send')
    return next !== undefined && has.has(next.id)
  }
  return lessons.filter(
    ({ id, late }, index) => !has.has(id) && !(late === 'skip' && isPast(index)),
  )
}

/** Returns the lesson with this id in the ledger; undefined if it is no longer in the series. */
export const lessonById = (series: Series, id: string): Lesson | undefined =>
  series.kind === 'course' ? series.lessons.find((lesson) => lesson.id === id) : undefined

/** Returns a reader's next lesson; undefined when all have come. */
export const nextLessonOf = (course: Course, had: readonly string[]): Lesson | undefined =>
  lessonsAhead(course, had)[0]

export interface Inspiration {
  readonly title: string
  readonly html: string
}

/** What lesson numbers count, in the words of pages and mails. */
export type Unit = 'day' | 'lesson'

export const unitOf = (series: Series | undefined): Unit =>
  !series || countsDays(series) ? 'day' : 'lesson'

/** A calendar series: every date has its inspiration, the same for everyone. */
export interface Daily extends SeriesBasics {
  readonly kind: 'daily'
  readonly inspirations: readonly Inspiration[]
}

/** A series about what is new in the reading room: a mail comes on mornings when something is. */
export interface Newsletter extends SeriesBasics {
  readonly kind: 'letter'
  /** Minimum days from one letter to the next; 1 if it sets none. */
  readonly every?: number
}

export type Series = Course | Daily | Newsletter

/** Past dates that a daily's page and feed link to. */
export const LISTED_DAYS = 30

/**
 * Returns the inspiration of a local date. Dates are numbered as in a leap year, so that 1 March is
 * always the 61st: with 366 texts each date has its own; with fewer they repeat.
 */
export function inspirationOn(daily: Daily, date: Temporal.PlainDate): Inspiration {
  const dayOfYear = date.dayOfYear + (date.month > 2 && !date.inLeapYear ? 1 : 0)
  const inspiration = daily.inspirations[(dayOfYear - 1) % daily.inspirations.length]
  if (!inspiration) throw new RangeError(`${daily.slug} holds no inspiration`)
  return inspiration
}
