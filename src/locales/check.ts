/**
 * Finds what is wrong with a catalog: with Dawnpost's own, in tests, and with a site's, in
 * `dawnpost check` and before the site is opened.
 */
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import { type Catalogs, canonicalTag, ENGLISH, fallbackChain, isKey, type Key } from './catalogs.ts'
import { type MessageElement, parseMessage } from './locale.ts'

/** A position in a catalog's file, and what is wrong there. Lines and columns count from 1. */
export interface CatalogFault {
  readonly line: number
  readonly column: number
  /** An error would prevent a page or a mail from being made. */
  readonly severity: 'error' | 'warning'
  readonly rule: 'format' | 'message' | 'placeholder' | 'plural' | 'foreign-key' | 'missing-key'
  readonly message: string
}

/** A catalog as written. `tag` is the name of its file without `.json`. */
export interface WrittenCatalog {
  readonly tag: string
  readonly text: string
  /** The shipped languages: the catalog may omit sentences that they have. */
  readonly shipped: Catalogs
}

/** Groups of sentences that stay English: commands are typed in English, too. */
const ENGLISH_ONLY = /^(cli|operator)\./

/** An entry of a file, in the order of the file. */
interface Entry {
  readonly key: string
  readonly value: unknown
  readonly line: number
  readonly column: number
}

/** Returns everything that is wrong with a catalog, from top to bottom. */
export function catalogFaults({ tag, text, shipped }: WrittenCatalog): CatalogFault[] {
  const whole = (message: string): CatalogFault => ({
    line: 1,
    column: 1,
    severity: 'error',
    rule: 'format',
    message,
  })
  if (canonicalTag(tag) === null)
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
  // JSON is YAML, whose parser reports the position of a key.
  const { contents } = parseDocument(text, { lineCounter: lines, uniqueKeys: false })
  if (!isMap(contents)) return { fault: { message: 'must be one object of keys and sentences' } }
  const all = contents.items.map(({ key, value }): Entry => {
    const { line, col } = lines.linePos(isScalar(key) ? (key.range?.[0] ?? 0) : 0)
    const known = isScalar(value) ? value.value : undefined
    return { key: String(isScalar(key) ? key.value : key), value: known, line, column: col }
  })
  return { all }
}

function faultsIn({ key, value }: Entry, tag: string): Found[] {
  if (!isKey(key)) {
    const message = `${key}: is not a key of this version; remove it`
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

/** Compares a sentence with the English one in its placeholders, and checks its plurals. */
function comparisonOf(key: Key, elements: readonly MessageElement[], tag: string): Found[] {
  const englishSlots = slotsOf(parseMessage(ENGLISH[key]))
  const slots = slotsOf(elements)
  const without = [...englishSlots].filter((slot) => !slots.has(slot))
  const besides = [...slots].filter((slot) => !englishSlots.has(slot))
  const found: Found[] = []
  if (besides.length > 0) {
    const message = `${key}: has ${besides.join(', ')}, but the English sentence has ${listed([...englishSlots])}`
    found.push({ severity: 'error', rule: 'placeholder', message })
  }
  if (without.length > 0) {
    const message = `${key}: lacks ${without.join(', ')}`
    found.push({ severity: 'error', rule: 'placeholder', message })
  }
  for (const missing of missingPlurals(elements, tag)) {
    const message = `${key}: lacks the plural form “${missing}”, which this language has`
    found.push({ severity: 'warning', rule: 'plural', message })
  }
  return found
}

const listed = (slots: readonly string[]) => (slots.length > 0 ? slots.join(', ') : 'none')

/** Returns the placeholders of a sentence, `{name}` and `<tag>`, at any depth. */
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

/** The parser's numbers for text, and for the # that stands for the number of a plural. */
const TEXT = 0
const POUND = 7

/** Numbers that a sentence may contain; none of them counts millions. */
const COUNTED = Array.from({ length: 1_001 }, (_, number) => number)

/** In Unicode's order. */
const CATEGORIES = ['zero', 'one', 'two', 'few', 'many', 'other'] as const

/** Returns the plural forms that whole numbers have in the language and a sentence lacks. */
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

/** Most keys named in one message. */
const MAX_NAMED_KEYS = 20

/** If no shipped catalog covers a language, a site's own has to, or sentences appear in English. */
function missingIn(entries: readonly Entry[], tag: string, shipped: Catalogs): CatalogFault[] {
  const otherTags = Object.keys(shipped).filter((other) => other !== tag)
  if (fallbackChain(tag, otherTags).length > 0) return []
  const worded = new Set(entries.map(({ key }) => key))
  const missing = Object.keys(ENGLISH).filter((key) => !worded.has(key) && !ENGLISH_ONLY.test(key))
  if (missing.length === 0) return []
  const more = missing.length > MAX_NAMED_KEYS ? ` and ${missing.length - MAX_NAMED_KEYS} more` : ''
  const sentences = missing.length === 1 ? 'sentence' : 'sentences'
  const message = `lacks ${missing.length} ${sentences}, shown in English: ${missing.slice(0, MAX_NAMED_KEYS).join(', ')}${more}`
  return [{ line: 1, column: 1, severity: 'warning', rule: 'missing-key', message }]
}

const CONSENT = /^consent\./
const VERSION = 'consent.version' satisfies Key

/**
 * A catalog that rewords what people agree to must number it, so that records tell which it was.
 */
function unversioned(entries: readonly Entry[]): CatalogFault[] {
  const first = entries.find(({ key }) => CONSENT.test(key))
  if (!first || entries.some(({ key }) => key === VERSION)) return []
  const { line, column } = first
  const message = `${first.key}: rewords a consent; add a ${VERSION} of its own, like "1"`
  return [{ line, column, severity: 'warning', rule: 'missing-key', message }]
}
