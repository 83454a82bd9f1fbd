/**
 * What each control does to the dates that follow. One rule underlies all of them: *a lesson is
 * never lost and a date never has two*: a control leads to the first time of day that is still
 * ahead, on a date the rhythm allows and no mail has taken. What has not left yet counts as still
 * to come.
 *
 * | control | the next mail | those after it | a mail already queued |
 * |---------------------|-------------------------------------------------|---------------------|-----------------------|
 * | time, zone, weekdays, every other day, quiet dates | first free morning of the new rhythm |
 * follow the new rhythm | a lesson follows the new rhythm; an inspiration keeps its date |
 * | pause until D | first allowed morning on or after D | follow on | held |
 * | pause | none until resumed | none | held |
 * | resume | the morning it waited for, if that is ahead or still open; else first free morning |
 * follow on | leaves if its window is open; else a lesson comes next, an inspiration is dropped |
 * | next lesson now | the one after it: unchanged, but never on today's date | unchanged | a queued
 * lesson is the next, and leaves now |
 * | send the last again | unchanged | unchanged | unchanged |
 * | skip this one | course: the lesson after it, same morning; daily: the morning after | follow on
 * | a queued lesson is the one that is skipped |
 * | undo a skip | course: the skipped lesson, on the morning that is waited for; daily: the
 * inspiration, on its own date | follow on | none is: see below |
 * | restart | day 1, first free morning | day 2 and on | is not sent |
 * | leave | none | none | is not sent |
 *
 * "Free": no lesson of the course, and no inspiration of the daily, has that date, neither in the
 * zone it was sent in nor in the zone that is chosen now. With "every other day" the date after a
 * taken one is not free either. A skip can be undone until the next mail of its series has been
 * planned; in a daily, until the hour of the skipped date has come. docs/rhythm.md tells the same
 * to readers.
 */
import type { Rhythm } from './rhythm.ts'
import { dateAfter, morningAhead, morningFrom, morningOn, type SendWindow } from './schedule.ts'
import { dateIn, HOUR, isBefore, latest } from './time.ts'

/** The last mail that has taken a date: sent, or in SMTP's hands. */
export interface Last {
  readonly on: Temporal.PlainDate
  /** When it was due, and when it left; null for one that is leaving now. */
  readonly at: Temporal.Instant
  readonly leftAt: Temporal.Instant | null
}

/** The first time of day still ahead, on an allowed date that no mail has taken. */
export function firstFree(rhythm: Rhythm, last: Last | null, now: Temporal.Instant): SendWindow {
  const today = dateIn(rhythm.zone, now)
  if (!last) return morningAhead(rhythm, today, now)
  const there = [last.at, last.leftAt ?? now].map((at) => dateIn(rhythm.zone, at))
  return morningAhead(rhythm, dateAfter(rhythm, there.reduce(latest, last.on)), now)
}

/** After a pause: the morning that was waited for, if it is ahead or still open. */
export function firstAfterPause(
  rhythm: Rhythm,
  dueOn: Temporal.PlainDate,
  last: Last | null,
  now: Temporal.Instant,
): SendWindow {
  const morning = morningOn(rhythm, dueOn)
  return morning && isBefore(now, morning.until) ? morning : firstFree(rhythm, last, now)
}

/** How long a mail that was asked for may take to leave, past midnight too: its reader is awake. */
const ASKED_WINDOW = HOUR

/** The "morning" of a mail that is asked for now. */
export const rightNow = (rhythm: Rhythm, now: Temporal.Instant): SendWindow => ({
  on: dateIn(rhythm.zone, now),
  at: now,
  until: now.add({ milliseconds: ASKED_WINDOW }),
})

/**
 * The morning after a lesson asked for now: the one there was, but not on a date that has just had
 * one.
 */
export function firstAfterAsked(
  rhythm: Rhythm,
  dueOn: Temporal.PlainDate,
  now: Temporal.Instant,
): SendWindow {
  const free = dateAfter(rhythm, dateIn(rhythm.zone, now))
  const today = dateIn(rhythm.zone, now)
  return morningFrom(rhythm, Temporal.PlainDate.compare(dueOn, today) > 0 ? dueOn : free, now)
}

/** The morning after one that is skipped. */
export const firstAfterSkipped = (
  rhythm: Rhythm,
  skipped: SendWindow,
  now: Temporal.Instant,
): SendWindow => morningFrom(rhythm, dateAfter(rhythm, skipped.on), now)
