import { zoneNamed } from './time.ts'

/** ISO weekday: 1 is Monday, 7 is Sunday. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7

export const WEEKDAYS: readonly Weekday[] = [1, 2, 3, 4, 5, 6, 7]
export const WEEKDAY_NAMES = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
] as const

/** When a subscriber wants mail: a wall time, the zone it is read in, and the weekdays that count. */
export interface Rhythm {
  /** `HH:MM`, 00:00 to 23:59. */
  readonly time: string
  /** IANA zone id, canonical spelling. */
  readonly zone: string
  /** Ascending, at least one. */
  readonly weekdays: readonly Weekday[]
}

export interface RhythmText {
  readonly time: string
  readonly zone: string
  readonly weekdays: readonly string[]
}

/** Reads a rhythm from what a form or a command line gives; or says what is wrong, field by field. */
export function readRhythm(text: RhythmText): { rhythm: Rhythm } | { fields: Record<string, string> } {
  const fields: Record<string, string> = {}
  const time = /^([01]\d|2[0-3]):[0-5]\d$/.test(text.time) ? text.time : null
  if (!time) fields.time = 'Choose a time between 00:00 and 23:59, like 07:00.'
  const zone = zoneNamed(text.zone)
  if (!zone) fields.zone = 'Choose a time zone from the list.'
  const weekdays = WEEKDAYS.filter((day) => text.weekdays.includes(String(day)))
  const strangers = text.weekdays.filter((day) => !WEEKDAYS.some((known) => String(known) === day))
  if (weekdays.length === 0 || strangers.length > 0) fields.weekdays = 'Choose at least one weekday.'
  return time && zone && !fields.weekdays ? { rhythm: { time, zone, weekdays } } : { fields }
}

/** The weekdays in words: "every day", "Monday to Friday", "Monday, Wednesday and Sunday". */
export function weekdaysInWords(weekdays: readonly Weekday[]): string {
  const names = weekdays.map((day) => WEEKDAY_NAMES[day - 1] ?? '')
  if (names.length === 7) return 'every day'
  const runs = weekdays.every((day, index) => index === 0 || day === (weekdays[index - 1] ?? 0) + 1)
  if (runs && names.length > 2) return `${names[0]} to ${names.at(-1)}`
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
