/**
 * What each control does to the dates that follow. One rule underlies all of them: *a lesson is
 * never lost and a date never has two*: a control leads to the first time of day that is still
 * ahead, on a date that the rhythm allows and no mail has taken. What has not left yet counts as
 * still to come.
 *
 * For each control: the next mail; those after it; a mail already queued.
 *
 * - Time, zone, weekdays, every other day, quiet dates: first free morning of the new rhythm;
 *   follow the new rhythm; a lesson follows the new rhythm, an inspiration keeps its date.
 * - Pause until D: first allowed morning on or after D; follow on; held.
 * - Pause: none until resumed; none; held.
 * - Resume: the morning it waited for, if that is ahead or still open, else first free morning;
 *   follow on; leaves if its window is open, else a lesson comes next and an inspiration is
 *   dropped.
 * - Next lesson now: the one after it: unchanged, but never on today's date; unchanged; a queued
 *   lesson is the next, and leaves now.
 * - Send the last again: all unchanged.
 * - Skip this one: in a course the lesson after it, on the same morning, in a daily the morning
 *   after; follow on; a queued lesson is the one that is skipped.
 * - Undo a skip: in a course the skipped lesson, on the morning being waited for, in a daily the
 *   inspiration, on its own date; follow on; there is none, see below.
 * - Restart: day 1, first free morning; day 2 and on; not sent.
 * - Leave: none; none; not sent.
 *
 * A date is "free" if no lesson of the course and no inspiration of the daily has it, neither in
 * the zone it was sent in nor in the current one. With "every other day" the date after a taken one
 * is not free either. A skip can be undone until the next mail of its series has been planned; in a
 * daily, until the hour of the skipped date. docs/rhythm.md explains the same to readers.
 */
import type { Rhythm } from './rhythm.ts'
import { dateAfter, morningAhead, morningFrom, morningOn, type SendWindow } from './schedule.ts'
import { dateIn, HOUR, isBefore, latest } from './time.ts'

/** The last mail that took a date: sent, or in SMTP's hands. */
export interface LastMail {
  readonly on: Temporal.PlainDate
  /** When it was due, and when it left; null while it is leaving. */
  readonly at: Temporal.Instant
  readonly leftAt: Temporal.Instant | null
}

/** Returns the first time of day still ahead, on an allowed date that no mail has taken. */
export function firstFreeMorning(
  rhythm: Rhythm,
  last: LastMail | null,
  now: Temporal.Instant,
): SendWindow {
  const today = dateIn(rhythm.zone, now)
  if (!last) return morningAhead(rhythm, today, now)
  const there = [last.at, last.leftAt ?? now].map((at) => dateIn(rhythm.zone, at))
  return morningAhead(rhythm, dateAfter(rhythm, there.reduce(latest, last.on)), now)
}

/**
 * Returns the first morning after a pause: the one that was waited for if it is ahead or still
 * open, else the first free one.
 */
export function firstAfterPause(
  rhythm: Rhythm,
  dueOn: Temporal.PlainDate,
  last: LastMail | null,
  now: Temporal.Instant,
): SendWindow {
  const morning = morningOn(rhythm, dueOn)
  return morning && isBefore(now, morning.until) ? morning : firstFreeMorning(rhythm, last, now)
}

/** Milliseconds in which a requested mail may leave, past midnight too: its reader is awake. */
const REQUESTED_WINDOW_MS = HOUR

/** The "morning" of a mail that is requested now. */
export const immediateWindow = (rhythm: Rhythm, now: Temporal.Instant): SendWindow => ({
  on: dateIn(rhythm.zone, now),
  at: now,
  until: now.add({ milliseconds: REQUESTED_WINDOW_MS }),
})

/**
 * Returns the morning after a lesson that is requested now: the planned one, but not on a date that
 * has just had a lesson.
 */
export function firstAfterRequested(
  rhythm: Rhythm,
  dueOn: Temporal.PlainDate,
  now: Temporal.Instant,
): SendWindow {
  const free = dateAfter(rhythm, dateIn(rhythm.zone, now))
  const today = dateIn(rhythm.zone, now)
  return morningFrom(rhythm, Temporal.PlainDate.compare(dueOn, today) > 0 ? dueOn : free, now)
}

/** Returns the morning after a skipped one. */
export const firstAfterSkipped = (
  rhythm: Rhythm,
  skipped: SendWindow,
  now: Temporal.Instant,
): SendWindow => morningFrom(rhythm, dateAfter(rhythm, skipped.on), now)
