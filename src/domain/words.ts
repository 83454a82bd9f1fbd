/**
 * Times, dates and rhythms in words, the same on every page, in every mail and on the command line. A time of day is
 * told by 24 hours, as `07:00`: so it is chosen, kept, and read in every country alike.
 */
import type { Change } from './change.ts'
import type { Lesson } from './course.ts'
import { type Rhythm, weekdaysInWords } from './rhythm.ts'

/**
 * The language of what the program itself says round the texts of a series, dates among it: English, in the variety of
 * the series where that is English too. A page of several series has none of theirs.
 */
export const frameLanguage = (language = 'en') => (/^en\b/i.test(language) ? language : 'en')

/** "07:00": an instant on the clock of `zone`. */
export const timeInWords = (at: Temporal.Instant, zone: string): string =>
  at.toZonedDateTimeISO(zone).toPlainTime().toString({ smallestUnit: 'minute' })

/** "November 24, 2026" */
export function dayInWords(date: Temporal.PlainDate, language: string): string {
  const key = `${language} ${date}`
  const known = longDates.get(key)
  if (known !== undefined) return known
  const words = date.toLocaleString(language, { dateStyle: 'long' })
  if (longDates.size >= MOST_KNOWN) longDates.clear()
  longDates.set(key, words)
  return words
}
// Many people have begun on the same date, and finding the words takes longer than all the rest of their mail.
const longDates = new Map<string, string>()
const MOST_KNOWN = 1_000

/** "Wednesday, November 25, at 07:00 (Europe/Berlin)": a morning in the reader's own time. */
export function morningInWords(at: Temporal.Instant, zone: string, language: string): string {
  const on = at.toZonedDateTimeISO(zone).toPlainDate()
  const day = on.toLocaleString(language, { weekday: 'long', month: 'long', day: 'numeric' })
  return `${day}, at ${timeInWords(at, zone)} (${zone})`
}

/** "30 lessons came to you, and you did 17 of their practices." */
export function didInWords(came: number, practices: number): string {
  const lessons = `${came} ${came === 1 ? 'lesson' : 'lessons'} came to you`
  const done = practices === 1 ? 'one of their practices' : `${practices} of their practices`
  return practices > 0 ? `${lessons}, and you did ${done}.` : `${lessons}.`
}

/** "every day at 07:00 (Europe/Berlin)" */
export const rhythmInWords = ({ weekdays, time, zone }: Rhythm) =>
  `${weekdaysInWords(weekdays)} at ${time} (${zone})`

/** "1 reader", "12 readers" */
export const readersInWords = (count: number) => (count === 1 ? '1 reader' : `${count} readers`)

/** "day 9, “The body knows”" */
export const lessonInWords = ({ day, subject }: Lesson) => `day ${day}, “${subject}”`

/** "61 readers would never get day 9, “The body knows”" */
export function harmInWords(change: Change): string {
  if (change.kind === 'other')
    return `it is another kind of series now, and ${readersInWords(change.readers)} are on their way`
  if (change.kind === 'daily')
    return `${readersInWords(change.readers)} would get “${change.again[0]}” again within a month`
  const [never] = change.never
  const [twice] = change.twice
  if (never) return `${readersInWords(never.readers)} would never get ${lessonInWords(never.lesson)}`
  if (twice)
    return `${readersInWords(twice.readers)} would get ${lessonInWords(twice.lesson)} a second time (write aliases: [${twice.as}] into it)`
  return 'it harms nobody'
}
