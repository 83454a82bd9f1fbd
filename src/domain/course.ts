/**
 * What an author's folder means to the program. Read by content/, mailed by mail/, planned by
 * actions/.
 */

import type { OwnField } from './own-fields.ts'
import type { Weekday } from './rhythm.ts'
import type { Theme } from './theme.ts'

/** A text with a subject line: a welcome, a completion. */
export interface Letter {
  readonly subject: string
  /** What its author wrote, or else its first sentence; empty for a text without one. */
  readonly preheader: string
  /** Rendered Markdown; may hold Handlebars slots such as {{firstName}}. */
  readonly html: string
  /** Its own greeting; where it has none, that of its series counts. */
  readonly greeting?: Greeting
}

/** `none`, or a line that may hold {{firstName}}. Where nobody says anything, the usual one. */
export type Greeting = string
export const NO_GREETING = 'none'

/** A practice below its lesson's text, as front matter and a heading give it. */
export interface Practice {
  readonly title: string
  readonly minutes: number
  readonly html: string
}

export interface Lesson extends Letter {
  /**
   * What the ledger knows it by: the file name without its number, or the first of its aliases,
   * which it had before it was renamed. Stays the same when lessons are reordered.
   */
  readonly id: string
  /** The file name without its number. */
  readonly name: string
  /** 1 for the first. */
  readonly day: number
  /** Null for a lesson without one, or with those that stand in its text. */
  readonly practice: Practice | null
  /** The titles of the practices that stand in its text; empty ones are of those without. */
  readonly practicesWithin: readonly string[]
  /** A question to write about; empty for none. */
  readonly question: string
  /** A line to carry through the day; empty for none. */
  readonly carry: string
  /** What readers get who are past it when it comes into the course. */
  readonly late: Late
  /** Days from the lesson before to this one; the course's `every` where it names none. */
  readonly after?: number
}

export const LATE = ['send', 'skip'] as const
export type Late = (typeof LATE)[number]

/** What its practice is called; empty for one without a title, null where there is none. */
export const practiceTitleOf = ({ practice, practicesWithin }: Lesson): string | null =>
  practice?.title ?? practicesWithin[0] ?? null

/** Whether readers of a series are asked to do anything. */
export const hasPractices = (series: Series): boolean =>
  series.kind === 'course' && series.lessons.some((lesson) => practiceTitleOf(lesson) !== null)

/** What stands above the parts of a lesson, in a course's own words. */
export interface Labels {
  readonly practice?: string
  /** After the number. */
  readonly minutes?: string
  readonly question?: string
  readonly carry?: string
  /** On the button that says that the practice is done. */
  readonly did?: string
}

export interface Part {
  readonly title: string
  readonly from: number
  readonly to: number
  readonly summary: string
}

/** Whether a text can name a series: it stands in addresses, headers and the ledger. */
export const isSlug = (text: string) => SLUG.test(text)
export const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/

interface SeriesBasics {
  /** Folder name; stands in addresses, headers and the ledger. */
  readonly slug: string
  readonly title: string
  readonly summary: string
  readonly description: string
  readonly author: string
  /** BCP 47 tag of the texts. */
  readonly language: string
  readonly welcome: Letter
  readonly theme?: Theme
  /** Of all its letters and lessons, unless they have their own. */
  readonly greeting?: Greeting
  readonly labels?: Labels
  /** The weekdays that its form proposes; all where it names none. */
  readonly weekdays?: readonly Weekday[]
  /** The hour that its form proposes, where its site names one. */
  readonly time?: string
  /** Slugs of series that are this one in other languages; those may say so instead. */
  readonly translations?: readonly string[]
}

export interface Course extends SeriesBasics {
  readonly kind: 'course'
  readonly parts: readonly Part[]
  /** In order; day n is at index n - 1. */
  readonly lessons: readonly Lesson[]
  /** Null in an open course without one. */
  readonly completion: Letter | null
  /** Slugs of the dailies that are offered beside it; those of its language where it names none. */
  readonly offers?: readonly string[]
  /** Days from one lesson to the next; 1 where it names none. */
  readonly every?: number
  /** When the first lesson comes: on the next morning, or as soon as somebody has confirmed. */
  readonly first?: First
  /** Dates on which people begin together, `YYYY-MM-DD`. */
  readonly starts?: readonly string[]
  /** Days after a start on which it can still be joined. */
  readonly joining?: number
  /** It grows: readers who are through wait for its next lesson. */
  readonly open?: boolean
  /** What its form asks besides the name, in this order. */
  readonly fields?: readonly OwnField[]
  /** Links of its lessons that are followed are counted, for readers who agree to it. */
  readonly clicks?: 'count'
}

export const FIRST = ['at once', 'next morning'] as const
export type First = (typeof FIRST)[number]

/** Days that lie between the mail before and this lesson; undefined: the closing letter. */
export const gapBefore = ({ every = 1 }: Course, lesson: Lesson | undefined): number =>
  lesson?.after ?? every

/**
 * Whether the number of a lesson is that of a day, for who reads on every date: each comes a day
 * after the one before it. Where it is not, lessons are counted, not days.
 */
export const countsDays = (series: Series): boolean =>
  series.kind !== 'course' ||
  series.lessons.every((lesson, index) => index === 0 || gapBefore(series, lesson) === 1)

/** Whether a series counts which links are followed. */
export const countsClicks = (series: Series): boolean =>
  series.kind === 'course' && series.clicks === 'count'

/** The own fields of a series; only courses have some: the others go in the mails of those. */
export const ownFieldsOf = (series: Series): readonly OwnField[] =>
  series.kind === 'course' ? (series.fields ?? []) : []

/**
 * The lessons that a reader has still to come, in the order they come: in the course's order, what
 * they have not had. A lesson marked `late: skip` is left out for who is past it: has had the next
 * one after it that bears no such mark.
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

/** The lesson that the ledger knows by this id; undefined when it is in the series no more. */
export const lessonBy = (series: Series, id: string): Lesson | undefined =>
  series.kind === 'course' ? series.lessons.find((lesson) => lesson.id === id) : undefined

/** The lesson that comes next for a reader; undefined when all have come. */
export const nextOf = (course: Course, had: readonly string[]): Lesson | undefined =>
  lessonsAhead(course, had)[0]

export interface Inspiration {
  readonly title: string
  readonly html: string
}

/** What the number of a lesson counts, in the words of pages and mails. */
export type Unit = 'day' | 'lesson'

export const unitOf = (series: Series | undefined): Unit =>
  !series || countsDays(series) ? 'day' : 'lesson'

/** A calendar series: every date has its inspiration, the same for everyone. */
export interface Daily extends SeriesBasics {
  readonly kind: 'daily'
  readonly inspirations: readonly Inspiration[]
}

/** A series of what is new in the reading room: a mail comes on a morning when something is. */
export interface Newsletter extends SeriesBasics {
  readonly kind: 'letter'
  /** Days from one letter to the next, at least; 1 where it names none. */
  readonly every?: number
}

export type Series = Course | Daily | Newsletter

/** Past dates that a daily's page and feed lead to. */
export const LISTED_DAYS = 30

/**
 * The inspiration of a local date. Dates are numbered as in a leap year, so that 1 March is always
 * the 61st: with 366 texts each date has its own; with fewer they come round again and never run
 * dry.
 */
export function inspirationOn(daily: Daily, date: Temporal.PlainDate): Inspiration {
  const dayOfYear = date.dayOfYear + (date.month > 2 && !date.inLeapYear ? 1 : 0)
  const inspiration = daily.inspirations[(dayOfYear - 1) % daily.inspirations.length]
  if (!inspiration) throw new RangeError(`${daily.slug} holds no inspiration`)
  return inspiration
}
