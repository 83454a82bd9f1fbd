/** Dates and times on a page: in its own language and one form, on the clock of whose they are. */
import { frameLanguage, timeInWords } from '../../domain/words.ts'

const LANGUAGE = frameLanguage()
/** Kept, since making one takes longer than all else on a page with a calendar. */
const LONG = new Intl.DateTimeFormat(LANGUAGE, { weekday: 'long', month: 'long', day: 'numeric' })
const DATED = new Intl.DateTimeFormat(LANGUAGE, { month: 'long', day: 'numeric', year: 'numeric' })
const WEEKDAY = new Intl.DateTimeFormat(LANGUAGE, { weekday: 'short' })

/** A moment on its reader's wall clock. `near` is empty, or "today" or "tomorrow". */
export function momentWords(at: Temporal.Instant, zone: string, today: Temporal.PlainDate) {
  const on = at.toZonedDateTimeISO(zone).toPlainDate()
  const time = timeInWords(at, zone)
  const days = today.until(on).days
  return {
    near: days === 0 ? 'today' : days === 1 ? 'tomorrow' : '',
    words: `${longDay(on)}, at ${time}`,
    at: at.toString({ smallestUnit: 'minute' }),
    zone,
    time,
  }
}

/** "Friday, March 19": a date without a time. */
export const dayWords = (on: Temporal.PlainDate) => ({ words: longDay(on), on: String(on) })

/** "March 19, 2027": a date that may be of another year. */
export const dateWords = (on: Temporal.PlainDate) => ({ words: DATED.format(on), on: String(on) })

/** A cell of a calendar. */
export const shortDay = (on: Temporal.PlainDate) => ({
  on: String(on),
  weekday: WEEKDAY.format(on),
  number: on.day,
  words: longDay(on),
})

const longDay = (on: Temporal.PlainDate) => LONG.format(on)
