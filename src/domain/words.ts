/**
 * Times, dates and rhythms in words, the same on every page, in every mail and on the command line.
 * A time of day is stored as `07:00` and shown as its language does, with 24 hours or 12.
 */
import type { Locale } from '../locales/locale.ts'
import type { Change } from './change.ts'
import type { Lesson, Series } from './course.ts'
import { openMemo } from './memo.ts'
import { seriesDaysInWords } from './pace-words.ts'
import { type Rhythm, weekdaysInWords } from './rhythm.ts'

/** "07:00", "7:00 AM": an instant on the clock of `zone`. */
export const timeInWords = (at: Temporal.Instant, zone: string, locale: Locale): string =>
  locale.time(at.toZonedDateTimeISO(zone).toPlainTime())

/** The same for a time of day, `HH:MM`. */
export const clockInWords = (time: string, locale: Locale): string =>
  locale.time(Temporal.PlainTime.from(time))

/** "November 24, 2026" */
export function dayInWords(date: Temporal.PlainDate, locale: Locale): string {
  return longDates(`${locale.language} ${date}`, () => locale.date(date, 'full'))
}
// Many people began on the same date, and wording it takes ten times as long as a lookup.
const longDates = openMemo<string>()

/** "Wednesday, November 25, at 07:00 (Europe/Berlin)": a morning in the reader's own time. */
export function morningInWords(at: Temporal.Instant, zone: string, locale: Locale): string {
  const on = at.toZonedDateTimeISO(zone).toPlainDate()
  const day = locale.date(on, 'day')
  return locale.t('date.morning', { day, time: timeInWords(at, zone, locale), zone })
}

/** "You received 30 lessons and did 17 practices." */
export const didInWords = (lessons: number, practices: number, locale: Locale): string =>
  locale.t('course.did', { lessons, practices })

/** "every day at 07:00 (Europe/Berlin)"; of a weekly series, "one a week at 07:00 …" */
export const rhythmInWords = ({ weekdays, time, zone }: Rhythm, locale: Locale, series?: Series) =>
  locale.t('schedule.words', {
    weekdays: series
      ? seriesDaysInWords(series, weekdays, locale)
      : weekdaysInWords(weekdays, locale),
    time: clockInWords(time, locale),
    zone,
  })

/** "1 reader", "12 readers" */
export const readersInWords = (count: number) => (count === 1 ? '1 reader' : `${count} readers`)

/** "lesson 9, “The body knows”" */
export const lessonInWords = ({ day, subject }: Lesson) => `lesson ${day}, “${subject}”`

/** "61 readers would never get lesson 9, “The body knows”" */
export function harmInWords(change: Change): string {
  if (change.kind === 'other')
    return `it has become another kind of series, and ${readersInWords(change.readers)} are in progress`
  if (change.kind === 'letter') return 'it is safe'
  if (change.kind === 'daily')
    return `${readersInWords(change.readers)} would get “${change.again[0]}” again within a month`
  const [never] = change.never
  const [twice] = change.twice
  if (never)
    return `${readersInWords(never.readers)} would never get ${lessonInWords(never.lesson)}`
  if (twice)
    return `${readersInWords(twice.readers)} would get ${lessonInWords(twice.lesson)} a second time (add aliases: [${twice.as}] to it)`
  return 'it is safe'
}
