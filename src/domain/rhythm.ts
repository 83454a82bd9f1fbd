import type { Locale, Message } from '../locales/locale.ts'
import type { Fields } from './problem.ts'
import { zoneNamed } from './time.ts'

/** ISO weekday: 1 is Monday, 7 is Sunday. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7

export const WEEKDAYS: readonly Weekday[] = [1, 2, 3, 4, 5, 6, 7]

/** The hour that forms propose where a site names no other. */
export const MORNING = '07:00'

/** The weekdays that a series is meant for; its readers may choose others. */
export const weekdaysOf = ({ weekdays = WEEKDAYS }: { readonly weekdays?: readonly Weekday[] }) =>
  weekdays

/** The same hour, zone and quiet dates, on every day of the week. */
export const everyDay = ({ time, zone, quiet = null }: Rhythm): Rhythm => ({
  time,
  zone,
  weekdays: WEEKDAYS,
  quiet,
})

/** Dates from the first to the last, both among them. */
export interface DateRange {
  readonly from: Temporal.PlainDate
  readonly to: Temporal.PlainDate
}

/** When a subscriber wants mail: a wall time, the zone it is read in, and the dates that count. */
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

export interface RhythmText {
  readonly time: string
  readonly zone: string
  readonly weekdays: readonly string[]
  /** `2` for every other day. */
  readonly pace?: string
  /** `YYYY-MM-DD`; both empty for no quiet dates, the same twice for one. */
  readonly quietFrom?: string
  readonly quietTo?: string
}

/** Quiet dates and pauses end within this: what is meant for ever is leaving. */
export const LONGEST_REST_DAYS = 366

/**
 * Reads a rhythm from what a form or a command line gives; or says what is wrong, field by field.
 */
export function readRhythm(text: RhythmText): { rhythm: Rhythm } | { fields: Fields } {
  const fields: Record<string, Message> = {}
  const time = timeOf(text.time)
  if (!time) fields.time = { key: 'form.time.invalid' }
  const zone = zoneNamed(text.zone)
  if (!zone) fields.zone = { key: 'form.zone.invalid' }
  const weekdays = WEEKDAYS.filter((day) => text.weekdays.includes(String(day)))
  const strangers = text.weekdays.filter((day) => !WEEKDAYS.some((known) => String(known) === day))
  if (weekdays.length === 0 || strangers.length > 0) fields.weekdays = { key: 'form.weekdays.none' }
  const quiet = readQuiet(text.quietFrom ?? '', text.quietTo ?? '', fields)
  if (!time || !zone || Object.keys(fields).length > 0) return { fields }
  const everyOther = text.pace === '2' && { everyOther: true }
  return { rhythm: { time, zone, weekdays, ...everyOther, ...(quiet && { quiet }) } }
}

/** Quiet dates, or null when none are given or they cannot be used; then `fields` says so. */
function readQuiet(from: string, to: string, fields: Record<string, Message>): DateRange | null {
  if (from === '' && to === '') return null
  const quiet = { from: dateOf(from), to: dateOf(to) }
  // What was typed in part comes as nothing: it is no single day.
  if (!quiet.from) fields.quietFrom = { key: from ? 'form.quiet.first' : 'form.quiet.half' }
  if (!quiet.to) fields.quietTo = { key: to ? 'form.quiet.last' : 'form.quiet.half' }
  if (!quiet.from || !quiet.to) return null
  const days = quiet.from.until(quiet.to).days
  if (days < 0) fields.quietTo = { key: 'form.quiet.order' }
  if (days > LONGEST_REST_DAYS) fields.quietTo = { key: 'form.quiet.too-long' }
  return { from: quiet.from, to: quiet.to }
}

/**
 * What people write for a time of day, as `HH:MM`: `7:00`, `07.00`, `7:00 pm`, `19h30`; or null.
 */
export function timeOf(text: string): string | null {
  if (text.length > 20) return null
  const [, hour = '', minute = '', half = ''] =
    /^(\d{1,2})[:.h](\d{2})(?:\s*([ap])\.?m\.?)?$/i.exec(text.trim()) ?? []
  const hours = half ? (Number(hour) % 12) + (/p/i.test(half) ? 12 : 0) : Number(hour)
  const isTime =
    hour !== '' && hours < 24 && Number(minute) < 60 && !(half && !/^(0?[1-9]|1[0-2])$/.test(hour))
  return isTime ? `${String(hours).padStart(2, '0')}:${minute}` : null
}

/**
 * Dates that somebody can mean. PostgreSQL has no year 0, and a calendar of ours ends somewhere.
 */
const YEARS = { first: 2000, last: 2100 }

/** The date in `YYYY-MM-DD`, from 2000 to 2100; or null. */
export function dateOf(text: string): Temporal.PlainDate | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null
  try {
    const date = Temporal.PlainDate.from(text, { overflow: 'reject' })
    return date.year >= YEARS.first && date.year <= YEARS.last ? date : null
  } catch {
    return null
  }
}

/** The name of a weekday, as it stands alone. */
export const weekdayName = (day: Weekday, locale: Locale) =>
  locale.date(A_MONDAY.add({ days: day - 1 }), 'weekday')
const A_MONDAY = Temporal.PlainDate.from('2024-01-01')

/** All weekdays, in the order in which a week has them where the language is spoken. */
export const weekOf = ({ firstWeekday }: Pick<Locale, 'firstWeekday'>): Weekday[] => [
  ...WEEKDAYS.filter((day) => day >= firstWeekday),
  ...WEEKDAYS.filter((day) => day < firstWeekday),
]

/** The weekdays in words: "every day", "Monday to Friday", "Monday, Wednesday and Sunday". */
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
