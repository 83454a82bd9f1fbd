import type { Locale, Message } from '../locales/locale.ts'
import type { FieldFaults } from './problem.ts'
import { canonicalZone } from './time.ts'

/** ISO weekday: 1 is Monday, 7 is Sunday. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7

export const WEEKDAYS: readonly Weekday[] = [1, 2, 3, 4, 5, 6, 7]

/** Time that forms propose if a site sets no other. */
export const DEFAULT_TIME = '07:00'

/** Weekdays that a series is meant for; its readers may choose others. */
export const weekdaysOf = ({ weekdays = WEEKDAYS }: { readonly weekdays?: readonly Weekday[] }) =>
  weekdays

/** Returns a rhythm with the same time, zone and quiet dates, on every day of the week. */
export const everyDay = ({ time, zone, quiet = null }: Rhythm): Rhythm => ({
  time,
  zone,
  weekdays: WEEKDAYS,
  quiet,
})

/** Dates from the first to the last, inclusive. */
export interface DateRange {
  readonly from: Temporal.PlainDate
  readonly to: Temporal.PlainDate
}

/** When a subscriber wants mail: a wall time, the zone it is read in, and the dates allowed. */
export interface Rhythm {
  /** `HH:MM`, 00:00 to 23:59. */
  readonly time: string
  /** IANA zone id, canonical spelling. */
  readonly zone: string
  /** Ascending, at least one. */
  readonly weekdays: readonly Weekday[]
  /** Every other day: at least one date stays free between two mails. */
  readonly everyOther?: boolean
  /** Dates on which nothing comes. */
  readonly quiet?: DateRange | null
}

export interface RhythmInput {
  readonly time: string
  readonly zone: string
  readonly weekdays: readonly string[]
  /** `2` for every other day. */
  readonly pace?: string
  /** `YYYY-MM-DD`; both empty for no quiet dates, both the same for a single one. */
  readonly quietFrom?: string
  readonly quietTo?: string
}

/** Most days that quiet dates or a pause may last; a stop without end is leaving. */
export const MAX_PAUSE_DAYS = 366

/** Reads a rhythm from a form or a command line, or returns what is wrong, field by field. */
export function readRhythm(text: RhythmInput): { rhythm: Rhythm } | { fields: FieldFaults } {
  const fields: Record<string, Message> = {}
  const time = parseTime(text.time)
  if (!time) fields.time = { key: 'form.time.invalid' }
  const zone = canonicalZone(text.zone)
  if (!zone) fields.zone = { key: 'form.zone.invalid' }
  const weekdays = WEEKDAYS.filter((day) => text.weekdays.includes(String(day)))
  const strangers = text.weekdays.filter((day) => !WEEKDAYS.some((known) => String(known) === day))
  if (weekdays.length === 0 || strangers.length > 0) fields.weekdays = { key: 'form.weekdays.none' }
  const quiet = readQuiet(text.quietFrom ?? '', text.quietTo ?? '', fields)
  if (!time || !zone || Object.keys(fields).length > 0) return { fields }
  const everyOther = text.pace === '2' && { everyOther: true }
  return { rhythm: { time, zone, weekdays, ...everyOther, ...(quiet && { quiet }) } }
}

/**
 * Reads quiet dates, and adds what is wrong to `fields`; null if none are given or one cannot be
 * read.
 */
function readQuiet(from: string, to: string, fields: Record<string, Message>): DateRange | null {
  if (from === '' && to === '') return null
  const quiet = { from: parseDate(from), to: parseDate(to) }
  // A browser sends a partly typed date as empty, so one date alone does not mean a single day.
  if (!quiet.from) fields.quietFrom = { key: from ? 'form.quiet.first' : 'form.quiet.half' }
  if (!quiet.to) fields.quietTo = { key: to ? 'form.quiet.last' : 'form.quiet.half' }
  if (!quiet.from || !quiet.to) return null
  const days = quiet.from.until(quiet.to).days
  if (days < 0) fields.quietTo = { key: 'form.quiet.order' }
  if (days > MAX_PAUSE_DAYS) fields.quietTo = { key: 'form.quiet.too-long' }
  return { from: quiet.from, to: quiet.to }
}

/**
 * Reads a time of day as people write it (`7:00`, `07.00`, `7:00 pm`, `19h30`), as `HH:MM`; null if
 * it is none.
 */
export function parseTime(text: string): string | null {
  if (text.length > 20) return null
  const [, hour = '', minute = '', half = ''] =
    /^(\d{1,2})[:.h](\d{2})(?:\s*([ap])\.?m\.?)?$/i.exec(text.trim()) ?? []
  const hours = half ? (Number(hour) % 12) + (/p/i.test(half) ? 12 : 0) : Number(hour)
  const isTime =
    hour !== '' && hours < 24 && Number(minute) < 60 && !(half && !/^(0?[1-9]|1[0-2])$/.test(hour))
  return isTime ? `${String(hours).padStart(2, '0')}:${minute}` : null
}

/** Plausible years. PostgreSQL has no year 0, and a calendar has to end somewhere. */
const YEARS = { first: 2000, last: 2100 }

/** Reads a date in `YYYY-MM-DD`, from 2000 to 2100; null if it is none. */
export function parseDate(text: string): Temporal.PlainDate | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null
  try {
    const date = Temporal.PlainDate.from(text, { overflow: 'reject' })
    return date.year >= YEARS.first && date.year <= YEARS.last ? date : null
  } catch {
    return null
  }
}

/** Returns the name of a weekday in the form used when it stands alone. */
export const weekdayName = (day: Weekday, locale: Locale) =>
  locale.date(A_MONDAY.add({ days: day - 1 }), 'weekday')
const A_MONDAY = Temporal.PlainDate.from('2024-01-01')

/** Returns all weekdays, in the order of a week where the language is spoken. */
export const weekOf = ({ firstWeekday }: Pick<Locale, 'firstWeekday'>): Weekday[] => [
  ...WEEKDAYS.filter((day) => day >= firstWeekday),
  ...WEEKDAYS.filter((day) => day < firstWeekday),
]

/** Returns weekdays in words: "every day", "Monday to Friday", "Monday, Wednesday and Sunday". */
export function weekdaysInWords(weekdays: readonly Weekday[], locale: Locale): string {
  if (weekdays.length === WEEKDAYS.length) return locale.t('schedule.every-day')
  const week = weekOf(locale)
  const inOrder = week.filter((day) => weekdays.includes(day))
  const names = inOrder.map((day) => weekdayName(day, locale))
  const [first = ''] = names
  const last = names.at(-1) ?? ''
  const begin = week.indexOf(inOrder[0] ?? 1)
  const runs = inOrder.every((day, index) => day === week[begin + index])
  if (runs && names.length > 2) return locale.t('schedule.weekday-range', { first, last })
  if (names.length < 2) return first
  return locale.t('list.last', { list: names.slice(0, -1).join(locale.t('list.separator')), last })
}
