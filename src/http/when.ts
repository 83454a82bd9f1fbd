/**
 * Dates and times for a page: words that anyone can read, and what a script needs to tell them the way the
 * browser's language does (templates/pages/assets/when.js).
 */

const LANGUAGE = 'en'
/** Kept, since making one takes longer than all else on a page with a calendar. */
const LONG = new Intl.DateTimeFormat(LANGUAGE, { weekday: 'long', month: 'long', day: 'numeric' })
const DATED = new Intl.DateTimeFormat(LANGUAGE, { month: 'long', day: 'numeric', year: 'numeric' })
const WEEKDAY = new Intl.DateTimeFormat(LANGUAGE, { weekday: 'short' })

/** A moment on its reader's wall clock. `near` is empty, or "today" or "tomorrow". */
export function momentWords(at: Temporal.Instant, zone: string, today: Temporal.PlainDate) {
  const local = at.toZonedDateTimeISO(zone)
  const time = local.toPlainTime().toString({ smallestUnit: 'minute' })
  const days = today.until(local.toPlainDate()).days
  return {
    near: days === 0 ? 'today' : days === 1 ? 'tomorrow' : '',
    words: `${longDay(local.toPlainDate())}, at ${time}`,
    at: at.toString({ smallestUnit: 'minute' }),
    ...{ zone, time },
  }
}

/** A date without a time. */
export const dayWords = (on: Temporal.PlainDate) => ({ words: longDay(on), on: String(on), show: 'date' })

/** A date that may be of another year. */
export const dateWords = (on: Temporal.PlainDate) => ({
  words: DATED.format(on),
  on: String(on),
  show: 'dated',
})

/** A cell of a calendar. */
export const shortDay = (on: Temporal.PlainDate) => ({
  on: String(on),
  weekday: WEEKDAY.format(on),
  number: on.day,
  words: longDay(on),
})

const longDay = (on: Temporal.PlainDate) => LONG.format(on)
