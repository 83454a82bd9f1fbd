/**
 * How a language formats dates, times and numbers, and with which day its week begins: by the
 * Unicode CLDR, by language tag. English without a country keeps Dawnpost's international form: 24
 * hours, and Monday first.
 */
const INTERNATIONAL = 'en'
const MONDAY = 1

/**
 * Date styles: "Tuesday, November 24, 2026"; "November 24, 2026"; "Tuesday, November 24";
 * "Tuesday"; "Tue"; "T".
 */
const DATE_STYLES = {
  whole: { dateStyle: 'full' },
  full: { dateStyle: 'long' },
  day: { weekday: 'long', month: 'long', day: 'numeric' },
  weekday: { weekday: 'long' },
  'short-weekday': { weekday: 'short' },
  'narrow-weekday': { weekday: 'narrow' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>
export type DateStyle = keyof typeof DATE_STYLES

export interface Formats {
  date(on: Temporal.PlainDate, style: DateStyle): string
  /** "07:00", "7:00 AM" */
  time(at: Temporal.PlainTime): string
  /** 1 is Monday. */
  readonly firstWeekday: number
  /** Formats a number that stands alone in a sentence; null if the language uses ASCII digits. */
  readonly number: ((value: number) => string) | null
}

/**
 * Opens the formats of a language. Formatters are cached, since creating one takes longer than
 * everything else on a page with dates.
 */
export function openFormats(language: string): Formats {
  const dates = new Map<DateStyle, Intl.DateTimeFormat>()
  const isInternational = language === INTERNATIONAL
  let clock: Intl.DateTimeFormat | undefined
  const date: Formats['date'] = (on, style) => {
    const format = dates.get(style) ?? new Intl.DateTimeFormat(language, DATE_STYLES[style])
    dates.set(style, format)
    const words = format.format(on)
    // Arabic has no short name but the letter, and a calendar has no room for the whole one.
    const isWhole = style === 'short-weekday' && words === date(on, 'weekday')
    return isWhole ? date(on, 'narrow-weekday') : words
  }
  return {
    date,
    time: (at) => {
      if (isInternational) return at.toString({ smallestUnit: 'minute' })
      clock ??= new Intl.DateTimeFormat(language, { timeStyle: 'short' })
      return clock.format(at)
    },
    firstWeekday: isInternational ? MONDAY : new Intl.Locale(language).getWeekInfo().firstDay,
    number: isInternational ? null : ownNumbers(language),
  }
}

function ownNumbers(language: string): Formats['number'] {
  const numbers = new Intl.NumberFormat(language, { useGrouping: false })
  const { numberingSystem } = numbers.resolvedOptions()
  return numberingSystem === 'latn' ? null : (value) => numbers.format(value)
}
