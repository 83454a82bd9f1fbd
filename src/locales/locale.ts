/**
 * What Dawnpost says, by key: `locales/*.json` holds the sentences, in ICU MessageFormat. A
 * sentence is worded at the edge, in the language of its reader; until then only its key and its
 * parameters are passed on.
 */
import { IntlMessageFormat } from 'intl-messageformat'
import {
  type Catalog,
  type Catalogs,
  ENGLISH,
  FALLBACK_LANGUAGE,
  fallbackChain,
  isKey,
  type Key,
  type Sentences,
  sentencesOf,
  shippedCatalogs,
} from './catalogs.ts'
import { type DateStyle, openFormats } from './formats.ts'

export { type Catalog, type Catalogs, type DateStyle, isKey, type Key }

/** A date in a sentence, `YYYY-MM-DD`; formatted as its language does. */
export interface DateParam {
  readonly date: string
}
/** Arguments of a sentence, as JSON. Numbers choose its plural. */
export type Params = Readonly<Record<string, string | number | DateParam>>

/** A sentence that is yet to be worded. */
export interface Message {
  readonly key: Key
  readonly params?: Params
}

/** A language, as Dawnpost speaks it. */
export interface Locale {
  /** BCP 47 tag with region and manner: for dates, and for the declared language of a text. */
  readonly language: string
  /** The day a week begins with; 1 is Monday. */
  readonly firstWeekday: number
  date(on: Temporal.PlainDate, style: DateStyle): string
  /** A time of day, with 24 hours or 12. */
  time(at: Temporal.PlainTime): string
  /** Returns the sentence as plain text. Throws if one of its arguments has no value. */
  t(key: Key, params?: Params): string
  /** The same in parts, for html.ts, which turns its tags into elements. */
  parts(key: Key, values: Readonly<Record<string, unknown>>): MessagePart[]
}

export type MessagePart = ReturnType<IntlMessageFormat['formatToParts']>[number]

/** The languages that Dawnpost speaks. */
export interface Locales {
  /** Returns the nearest to a BCP 47 tag; English if it speaks no such language. */
  of(language?: string): Locale
}

/**
 * Opens the languages of `catalogs`, by their BCP 47 tags. A sentence that the nearest of them
 * lacks is taken from the next, and finally from English.
 */
export function openLocales(catalogs: Catalogs = shippedCatalogs()): Locales {
  const locales = opened.get(catalogs) ?? localesOf(catalogs)
  opened.set(catalogs, locales)
  return locales
}

/** Each sentence is parsed once, however many apps a process opens. */
const opened = new WeakMap<Catalogs, Locales>()

function localesOf(catalogs: Catalogs): Locales {
  const known = new Map<string, Locale>()
  const read = new Map<string, Sentences>()
  const sentencesIn = (tag: string) => {
    const sentences = read.get(tag) ?? sentencesOf(catalogs[tag] ?? {})
    read.set(tag, sentences)
    return sentences
  }
  return {
    of: (language = FALLBACK_LANGUAGE) => {
      const locale = known.get(language) ?? openLocale(language, Object.keys(catalogs), sentencesIn)
      known.set(language, locale)
      return locale
    },
  }
}

type Read = (tag: string) => Sentences

function openLocale(language: string, tags: readonly string[], read: Read): Locale {
  const chain = fallbackChain(language, tags)
  // Dates follow the region of the requested tag: en-GB, even if the words are plain English.
  const homeTag =
    chain.length > 0 ? (Intl.getCanonicalLocales(language)[0] ?? language) : FALLBACK_LANGUAGE
  const { number, ...formats } = openFormats(homeTag)
  const worded = (key: Key): [text: string, language: string] => {
    for (const tag of chain) {
      const text = read(tag)[key]
      if (text !== undefined) return [text, homeTag]
    }
    return [
      read(FALLBACK_LANGUAGE)[key] ?? ENGLISH[key],
      chain.includes(FALLBACK_LANGUAGE) ? homeTag : FALLBACK_LANGUAGE,
    ]
  }
  const compiled = new Map<Key, IntlMessageFormat>()
  const message = (key: Key) => {
    const format = compiled.get(key) ?? compile(...worded(key))
    compiled.set(key, format)
    return format
  }
  const compile = (text: string, language: string) =>
    new IntlMessageFormat(number ? withNumbers(parseMessage(text)) : text, language)
  const valuesFor = (values: Readonly<Record<string, unknown>>) =>
    valuesInWords(values, formats.date, number)
  return {
    language: homeTag,
    ...formats,
    t: (key, params = {}) => String(message(key).format(valuesFor(params))),
    parts: (key, values) => message(key).formatToParts(valuesFor(values)),
  }
}

export type MessageElement = Exclude<
  ConstructorParameters<typeof IntlMessageFormat>[0],
  string
>[number]

/** Parses a sentence. Throws a SyntaxError with a `location` if it is malformed. */
export function parseMessage(text: string): MessageElement[] {
  const parse = IntlMessageFormat.__parse
  if (!parse) throw new Error('intl-messageformat has come without its parser')
  return parse(text) as MessageElement[]
}

/** Suffix of an argument's name where its number is shown rather than chooses a plural. */
const SHOWN_SUFFIX = ' in digits'

/**
 * Numbers in a sentence are formatted by String(), in ASCII digits. If the language has other
 * digits, each argument that is shown gets a name of its own.
 */
const withNumbers = (elements: readonly MessageElement[]): MessageElement[] =>
  elements.map((element) => {
    if ('children' in element) return { ...element, children: withNumbers(element.children) }
    if ('options' in element) {
      const options = Object.entries(element.options).map(([name, option]) => [
        name,
        { ...option, value: withNumbers(option.value) },
      ])
      return { ...element, options: Object.fromEntries(options) }
    }
    const isArgument = element.type === ARGUMENT
    return isArgument ? { ...element, value: element.value + SHOWN_SUFFIX } : element
  })

/** The parser's number for an argument: its enum is in a package installed only for its types. */
const ARGUMENT = 1

const isDate = (value: unknown): value is DateParam =>
  typeof value === 'object' && value !== null && 'date' in value

/**
 * Returns the values of a sentence with its dates formatted, and its numbers if they have other
 * digits.
 */
function valuesInWords(
  values: Readonly<Record<string, unknown>>,
  date: Locale['date'],
  number: ((value: number) => string) | null,
) {
  const entries = Object.entries(values).flatMap(([name, value]): [string, unknown][] => {
    const words = isDate(value) ? date(Temporal.PlainDate.from(value.date), 'full') : value
    if (!number) return [[name, words]]
    const display = typeof words === 'number' ? number(words) : words
    return [
      [name, words],
      [name + SHOWN_SUFFIX, display],
    ]
  })
  return Object.fromEntries(entries) as Values
}

type Values = Parameters<IntlMessageFormat['formatToParts']>[0]

/** For logs, commands and developers. */
export const english = openLocales({ en: ENGLISH }).of()
