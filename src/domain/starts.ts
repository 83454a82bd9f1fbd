/** Courses that people begin together, on a start, each at their own hour. */
import type { Course, Series } from './course.ts'
import type { Rhythm } from './rhythm.ts'
import { firstMorning, morningAhead, type SendWindow } from './schedule.ts'
import { dateIn } from './time.ts'

export interface Beginning {
  readonly first: SendWindow
  /** The start being waited for; null if they do not wait for one. */
  readonly start: Temporal.PlainDate | null
}

/** Returns the starts of a course, earliest first; none if people begin individually. */
export const startsOf = (series: Series): Temporal.PlainDate[] =>
  series.kind === 'course'
    ? (series.starts ?? [])
        .map((on) => Temporal.PlainDate.from(on))
        .sort(Temporal.PlainDate.compare)
    : []

/**
 * Returns when somebody who confirms now begins: at the next start, on the first date from it on
 * that their rhythm allows; on their next morning while a start can still be joined, or if there
 * are none. Null if no start is left to join.
 */
export function beginningOf(
  series: Series,
  rhythm: Rhythm,
  now: Temporal.Instant,
): Beginning | null {
  const starts = startsOf(series)
  if (starts.length === 0) return { first: firstMorning(rhythm, now), start: null }
  const today = dateIn(rhythm.zone, now)
  const start = joinableStart(series as Course, today)
  if (!start) return null
  const isAhead = Temporal.PlainDate.compare(today, start) <= 0
  return { first: morningAhead(rhythm, start, now), start: isAhead ? start : null }
}

/**
 * Returns the start that can be joined on a date, which may lie before it; undefined if none can.
 */
export const joinableStart = (
  course: Course,
  today: Temporal.PlainDate,
): Temporal.PlainDate | undefined =>
  startsOf(course).find(
    (start) => Temporal.PlainDate.compare(lastJoinDate(course, start), today) >= 0,
  )

/** The last date on which a start can be joined. */
export const lastJoinDate = ({ joining = 0 }: Course, start: Temporal.PlainDate) =>
  start.add({ days: joining })

/**
 * Returns the start for somebody whose own was removed: the one after it, else the last before it.
 */
export const replacementStart = (
  starts: readonly Temporal.PlainDate[],
  on: Temporal.PlainDate,
): Temporal.PlainDate | undefined =>
  starts.find((start) => Temporal.PlainDate.compare(start, on) >= 0) ?? starts.at(-1)
