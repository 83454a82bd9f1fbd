/**
 * What the program says, by key: `locales/en.json` holds the sentences, in ICU MessageFormat. A
 * sentence is made at the edge, in the language of whoever reads it; what goes there is its key and
 * its parameters.
 */
import { IntlMessageFormat } from 'intl-messageformat'
import en from '../../locales/en.json' with { type: 'json' }

export type Key = keyof typeof en
/** The sentences of one language. */
export type Catalog = Readonly<Record<Key, string>>
/** A date in a sentence, `YYYY-MM-DD`: told as its language tells dates. */
export interface DateParam {
  readonly date: string
}
/** Values for the arguments of a sentence, as JSON. Numbers choose its plural. */
export type Params = Readonly<Record<string, string | number | DateParam>>

/** A sentence that is still to be said. */
export interface Message {
  readonly key: Key
  readonly params?: Params
}

/** How a date is told: "November 24, 2026"; "Tuesday, November 24"; "Tuesday"; "Tue". */
const DATE_STYLES = {
  full: { dateStyle: 'long' },
  day: { weekday: 'long', month: 'long', day: 'numeric' },
  weekday: { weekday: 'long' },
  'short-weekday': { weekday: 'short' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>
export type DateStyle = keyof typeof DATE_STYLES

/** A language, as the program speaks it. */
export interface Locale {
  /** BCP 47, with its region: for dates. */
  readonly language: string
  date(on: Temporal.PlainDate, style: DateStyle): string
  /** The sentence as plain text. Throws when an argument of it has no value. */
  t(key: Key, params?: Params): string
  /** The same in parts, for html.ts, which puts its tags into elements. */
  parts(key: Key, values: Readonly<Record<string, unknown>>): MessagePart[]
}

export type MessagePart = ReturnType<IntlMessageFormat['formatToParts']>[number]

/** The languages that the program speaks. */
export interface Locales {
  /** The nearest to a BCP 47 tag: English where it speaks no such language. */
  of(language?: string): Locale
}

const FALLBACK = 'en'

/** Speaks the languages of `catalogs`, by their BCP 47 tags; English is one of them. */
export function openLocales(catalogs: Readonly<Record<string, Catalog>> = { en }): Locales {
  const known = new Map<string, Locale>()
  return {
    of: (language = FALLBACK) => {
      const locale = known.get(language) ?? openLocale(language, catalogs)
      known.set(language, locale)
      return locale
    },
  }
}

function openLocale(language: string, catalogs: Readonly<Record<string, Catalog>>): Locale {
  const subtags = language.split('-')
  const prefixes = subtags.map((_, index) => subtags.slice(0, subtags.length - index).join('-'))
  const spoken = prefixes.find((prefix) => Object.hasOwn(catalogs, prefix.toLowerCase()))
  const catalog = catalogs[spoken?.toLowerCase() ?? FALLBACK] ?? en
  // Dates as they are written where the series is at home: en-GB, also where the words are plain
  // English.
  const tag = spoken ? language : FALLBACK
  const compiled = new Map<Key, IntlMessageFormat>()
  const message = (key: Key) => {
    const format = compiled.get(key) ?? new IntlMessageFormat(catalog[key], tag)
    compiled.set(key, format)
    return format
  }
  const date = openDates(tag)
  return {
    language: tag,
    date,
    t: (key, params = {}) => String(message(key).format(withDates(params, date))),
    parts: (key, values) => message(key).formatToParts(withDates(values, date)),
  }
}

/** Kept by style, since making one takes longer than all else on a page with dates. */
function openDates(language: string): Locale['date'] {
  const formats = new Map<DateStyle, Intl.DateTimeFormat>()
  return (on, style) => {
    const format = formats.get(style) ?? new Intl.DateTimeFormat(language, DATE_STYLES[style])
    formats.set(style, format)
    return format.format(on)
  }
}

const isDate = (value: unknown): value is DateParam =>
  typeof value === 'object' && value !== null && 'date' in value

/** The values of a sentence, with its dates told. */
const withDates = (values: Readonly<Record<string, unknown>>, date: Locale['date']) =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      isDate(value) ? date(Temporal.PlainDate.from(value.date), 'full') : value,
    ]),
  ) as Values

type Values = Parameters<IntlMessageFormat['formatToParts']>[0]

/** What logs, commands and developers read. */
export const english = openLocales().of()

export const isKey = (text: string): text is Key => Object.hasOwn(en, text)
