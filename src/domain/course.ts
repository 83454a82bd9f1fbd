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
  readonly preheader: string
  /** Rendered Markdown; may hold Handlebars slots such as {{firstName}}. */
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
  readonly practice: { readonly title: string; readonly minutes: number; readonly html: string }
  /** A question to write about. */
  readonly question: string
  /** A line to carry through the day. */
  readonly carry: string
  /** What readers get who are past it when it comes into the course. */
  readonly late: Late
}

export const LATE = ['send', 'skip'] as const
export type Late = (typeof LATE)[number]

export interface Part {
  readonly title: string
  readonly from: number
  readonly to: number
  readonly summary: string
}

/** Whether a text can name a series: it stands in addresses, headers and the ledger. */
export const isSlug = (text: string) => /^[a-z0-9]+(-[a-z0-9]+)*$/.test(text)

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
  /** The weekdays that its form proposes; all where it names none. */
  readonly weekdays?: readonly Weekday[]
}

export interface Course extends SeriesBasics {
  readonly kind: 'course'
  readonly parts: readonly Part[]
  /** In order; day n is at index n - 1. */
  readonly lessons: readonly Lesson[]
  readonly completion: Letter
  /** What its form asks besides the name, in this order. */
  readonly fields?: readonly OwnField[]
}

/** The own fields of a series; a daily has none, since it goes in the mails of others. */
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

/** A calendar series: every date has its inspiration, the same for everyone. */
export interface Daily extends SeriesBasics {
  readonly kind: 'daily'
  readonly inspirations: readonly Inspiration[]
}

export type Series = Course | Daily

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
