/** Times and rhythms in words: dates in the language of a series, the words between them in English. */
import { type Rhythm, weekdaysInWords } from './rhythm.ts'

/** "November 24, 2026" */
export function dayInWords(date: Temporal.PlainDate, language: string): string {
  let format = longDates.get(language)
  if (!format) {
    format = new Intl.DateTimeFormat(language, { dateStyle: 'long' })
    longDates.set(language, format)
  }
  return format.format(date)
}
// Making a format costs a hundred times what using it does, and every mail needs it.
const longDates = new Map<string, Intl.DateTimeFormat>()

/** "Wednesday, November 25, at 07:00 (Europe/Berlin)": a morning in the reader's own time. */
export function morningInWords(at: Temporal.Instant, zone: string, language: string): string {
  const local = at.toZonedDateTimeISO(zone)
  const day = local.toPlainDate().toLocaleString(language, { weekday: 'long', month: 'long', day: 'numeric' })
  return `${day}, at ${local.toPlainTime().toString({ smallestUnit: 'minute' })} (${zone})`
}

/** "every day at 07:00 (Europe/Berlin)" */
export const rhythmInWords = ({ weekdays, time, zone }: Rhythm) =>
  `${weekdaysInWords(weekdays)} at ${time} (${zone})`
