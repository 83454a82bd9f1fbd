/**
 * Dates and times on a page: in the page's language, in one format, in the time zone of the reader.
 */
import { timeInWords } from '../../domain/words.ts'
import type { Locale } from '../../locales/locale.ts'

/** A moment on the reader's wall clock. `near` is "today", "tomorrow" or empty. */
export function momentWords(
  at: Temporal.Instant,
  zone: string,
  today: Temporal.PlainDate,
  locale: Locale,
) {
  const on = at.toZonedDateTimeISO(zone).toPlainDate()
  const time = timeInWords(at, zone, locale)
  const days = today.until(on).days
  return {
    near: days === 0 ? locale.t('date.today') : days === 1 ? locale.t('date.tomorrow') : '',
    words: locale.t('date.time', { day: locale.date(on, 'day'), time }),
    at: at.toString({ smallestUnit: 'minute' }),
    zone,
    time,
  }
}

/** "Friday, March 19": a date without a time. */
export const dayWords = (on: Temporal.PlainDate, locale: Locale) => ({
  words: locale.date(on, 'day'),
  on: String(on),
})

/** "March 19, 2027": a date that may be in another year. */
export const dateWords = (on: Temporal.PlainDate, locale: Locale) => ({
  words: locale.date(on, 'full'),
  on: String(on),
})

/** A cell of a calendar. */
export const shortDay = (on: Temporal.PlainDate, locale: Locale) => ({
  on: String(on),
  weekday: locale.date(on, 'short-weekday'),
  number: on.day,
  words: locale.date(on, 'day'),
})
