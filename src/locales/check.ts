/**
 * What is wrong with a catalog: of the program's own, which tests look at, and of a site's, for
 * `dawnpost check` and before the site is opened.
 */
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import { type Catalogs, canonical, chainOf, ENGLISH, isKey, type Key } from './catalogs.ts'
import { type MessageElement, parseMessage } from './locale.ts'

/** A place in a catalog's file, and what is wrong there. Lines and columns count from 1. */
export interface CatalogFault {
  readonly line: number
  readonly column: number
  /** An error is one that a page or a mail could not be made with. */
  readonly severity: 'error' | 'warning'
  readonly rule: 'format' | 'message' | 'placeholder' | 'plural' | 'foreign-key' | 'missing-key'
  readonly message: string
}

/** A catalog as it was written. `tag` is its file's name without `.json`. */
export interface WrittenCatalog {
  readonly tag: string
  readonly text: string
  /** The languages that the program speaks without it: what they word, it may leave out. */
  readonly shipped: Catalogs
}

/** Groups of sentences that stay English: commands are typed in English, too. */
const ENGLISH_ONLY = /^(cli|operator)\./

/** What a file words, by its keys, in the order of the file. */
interface Entry {
  readonly key: string
  readonly value: unknown
  readonly line: number
  readonly column: number
}

/** All that is wrong with a catalog, from its top to its bottom. */
export function faultsOf({ tag, text, shipped }: WrittenCatalog): CatalogFault[] {
  const whole = (message: string): CatalogFault => ({
    line: 1,
    column: 1,
    severity: 'error',
    rule: 'format',
    message,
  })
  if (canonical(tag) === null)
    return [whole(`is not named by a language tag; name it like de.json or pt-BR.json`)]
  const entries = entriesOf(text)
  if ('fault' in entries) return [{ ...whole(entries.fault.message), ...entries.fault.at }]
  const found = entries.all.flatMap((entry) => {
    const { line, column } = entry
    return faultsIn(entry, tag).map((fault): CatalogFault => ({ line, column, ...fault }))
  })
  const missing = missingIn(entries.all, tag, shipped)
  return [...missing, ...(missing.length > 0 ? [] : unversioned(entries.all)), ...found].toSorted(
    (a, b) => a.line - b.line || a.column - b.column,
  )
}

type Found = Omit<CatalogFault, 'line' | 'column'>

const WHERE = /line (\d+) column (\d+)/

function entriesOf(
  text: string,
):
  | { all: Entry[] }
  | { fault: { message: string; at?: Pick<CatalogFault, 'line' | 'column'> | undefined } } {
  try {
    JSON.parse(text)
  } catch (error) {
    const [, line, column] = WHERE.exec(String(error)) ?? []
    const at = line ? { line: Number(line), column: Number(column) } : undefined
    return { fault: { message: `is not JSON: ${(error as Error).message}`, at } }
  }
  const lines = new LineCounter()
  // JSON is YAML, whose parser tells where a key stands.
  const { contents } = parseDocument(text, { lineCounter: lines, uniqueKeys: false })
  if (!isMap(contents)) return { fault: { message: 'must hold one object, of keys and sentences' } }
  const all = contents.items.map(({ key, value }): Entry => {
    const { line, col } = lines.linePos(isScalar(key) ? (key.range?.[0] ?? 0) : 0)
    const known = isScalar(value) ? value.value : undefined
    return { key: String(isScalar(key) ? key.value : key), value: known, line, column: col }
  })
  return { all }
}

function faultsIn({ key, value }: Entry, tag: string): Found[] {
  if (!isKey(key)) {
    const message = `${key}: is no key of this version; remove it`
    return [{ severity: 'warning', rule: 'foreign-key', message }]
  }
  if (typeof value !== 'string' || value === '') {
    const message = `${key}: must be a sentence in quotes`
    return [{ severity: 'error', rule: 'message', message }]
  }
  try {
    return comparisonOf(key, parseMessage(value), tag)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const message = `${key}: cannot be read as ICU MessageFormat: ${error.message}`
    return [{ severity: 'error', rule: 'message', message }]
  }
}

/** How a sentence differs from the English one in what is put into it, and in its plurals. */
function comparisonOf(key: Key, elements: readonly MessageElement[], tag: string): Found[] {
  const englishSlots = slotsOf(parseMessage(ENGLISH[key]))
  const slots = slotsOf(elements)
  const without = [...englishSlots].filter((slot) => !slots.has(slot))
  const besides = [...slots].filter((slot) => !englishSlots.has(slot))
  const found: Found[] = []
  if (besides.length > 0) {
    const message = `${key}: has ${besides.join(', ')}, and the English sentence has ${listed([...englishSlots])}`
    found.push({ severity: 'error', rule: 'placeholder', message })
  }
  if (without.length > 0) {
    const message = `${key}: says nothing of ${without.join(', ')}`
    found.push({ severity: 'error', rule: 'placeholder', message })
  }
  for (const missing of missingPlurals(elements, tag)) {
    const message = `${key}: has no plural for “${missing}”, which this language has`
    found.push({ severity: 'warning', rule: 'plural', message })
  }
  return found
}

const listed = (slots: readonly string[]) => (slots.length > 0 ? slots.join(', ') : 'none')

/** What is put into a sentence: `{name}` and `<tag>`, wherever it stands. */
const slotsOf = (elements: readonly MessageElement[]): Set<string> =>
  new Set(
    elements.flatMap((element): string[] => {
      if ('children' in element) return [`<${element.value}>`, ...slotsOf(element.children)]
      if ('options' in element) {
        const within = Object.values(element.options).flatMap(({ value }) => [...slotsOf(value)])
        return [`{${element.value}}`, ...within]
      }
      return element.type === TEXT || element.type === POUND ? [] : [`{${element.value}}`]
    }),
  )

/** As the parser numbers them: text, and the # that stands for the number of a plural. */
const TEXT = 0
const POUND = 7

/** Numbers that a sentence of ours may tell; a million of something it never does. */
const COUNTED = Array.from({ length: 1_001 }, (_, number) => number)

/** As Unicode lists them. */
const CATEGORIES = ['zero', 'one', 'two', 'few', 'many', 'other'] as const

/** The plural forms that whole numbers have in the language, and a sentence leaves out. */
function missingPlurals(elements: readonly MessageElement[], tag: string): string[] {
  return elements.flatMap((element): string[] => {
    if ('children' in element) return missingPlurals(element.children, tag)
    if (!('options' in element)) return []
    const within = Object.values(element.options).flatMap(({ value }) => missingPlurals(value, tag))
    if (!('pluralType' in element)) return within
    const has = (name: string) => Object.hasOwn(element.options, name)
    const rules = new Intl.PluralRules(tag, { type: element.pluralType ?? 'cardinal' })
    const categories = COUNTED.filter((number) => !has(`=${number}`)).map((n) => rules.select(n))
    const wanted = CATEGORIES.filter((category) => categories.includes(category))
    return [...wanted.filter((category) => !has(category)), ...within]
  })
}

/** The most keys that are named at once. */
const NAMED = 20

/**
 * Where no catalog of the program's words a language, one of a site's has to, or says it in
 * English.
 */
function missingIn(entries: readonly Entry[], tag: string, shipped: Catalogs): CatalogFault[] {
  const otherTags = Object.keys(shipped).filter((other) => other !== tag)
  if (chainOf(tag, otherTags).length > 0) return []
  const worded = new Set(entries.map(({ key }) => key))
  const missing = Object.keys(ENGLISH).filter((key) => !worded.has(key) && !ENGLISH_ONLY.test(key))
  if (missing.length === 0) return []
  const more = missing.length > NAMED ? ` and ${missing.length - NAMED} more` : ''
  const message = `lacks ${missing.length} sentences, which are said in English: ${missing.slice(0, NAMED).join(', ')}${more}`
  return [{ line: 1, column: 1, severity: 'warning', rule: 'missing-key', message }]
}

const CONSENT = /^consent\./
const VERSION = 'consent.version' satisfies Key

/** Whoever words anew what people agree to has to number it, so that records tell which it was. */
function unversioned(entries: readonly Entry[]): CatalogFault[] {
  const first = entries.find(({ key }) => CONSENT.test(key))
  if (!first || entries.some(({ key }) => key === VERSION)) return []
  const { line, column } = first
  const message = `${first.key}: words a consent anew; add a ${VERSION} of its own, like "1"`
  return [{ line, column, severity: 'warning', rule: 'missing-key', message }]
}
