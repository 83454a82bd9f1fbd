/** Dates and times on a page: in its own language and one form, on the clock of whose they are. */
import { timeInWords } from '../../domain/words.ts'
import type { Locale } from '../../locales/locale.ts'

type Style = Intl.DateTimeFormatOptions
const LONG: Style = { weekday: 'long', month: 'long', day: 'numeric' }
const DATED: Style = { month: 'long', day: 'numeric', year: 'numeric' }
const WEEKDAY: Style = { weekday: 'short' }

/** Kept, since making one takes longer than all else on a page with a calendar. */
const formats = new Map<string, Intl.DateTimeFormat>()

function format(on: Temporal.PlainDate, style: Style, { language }: Locale): string {
  const name = `${language} ${Object.keys(style)}`
  const known = formats.get(name) ?? new Intl.DateTimeFormat(language, style)
  formats.set(name, known)
  return known.format(on)
}

/** A moment on its reader's wall clock. `near` is empty, or "today" or "tomorrow". */
export function momentWords(
  at: Temporal.Instant,
  zone: string,
  today: Temporal.PlainDate,
  locale: Locale,
) {
  const on = at.toZonedDateTimeISO(zone).toPlainDate()
  const time = timeInWords(at, zone)
  const days = today.until(on).days
  return {
    near: days === 0 ? locale.t('date.today') : days === 1 ? locale.t('date.tomorrow') : '',
    words: locale.t('date.time', { day: longDay(on, locale), time }),
    at: at.toString({ smallestUnit: 'minute' }),
    zone,
    time,
  }
}

/** "Friday, March 19": a date without a time. */
export const dayWords = (on: Temporal.PlainDate, locale: Locale) => ({
  words: longDay(on, locale),
  on: String(on),
})

/** "March 19, 2027": a date that may be of another year. */
export const dateWords = (on: Temporal.PlainDate, locale: Locale) => ({
  words: format(on, DATED, locale),
  on: String(on),
})

/** A cell of a calendar. */
export const shortDay = (on: Temporal.PlainDate, locale: Locale) => ({
  on: String(on),
  weekday: format(on, WEEKDAY, locale),
  number: on.day,
  words: longDay(on, locale),
})

const longDay = (on: Temporal.PlainDate, locale: Locale) => format(on, LONG, locale)
