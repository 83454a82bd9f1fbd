/**
 * Sentences by language: those of `locales/*.json`, and those that a site words itself. A file is
 * named by the BCP 47 tag of its language and read when that language is first requested.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import en from '../../locales/en.json' with { type: 'json' }

export type Key = keyof typeof en
/** The sentences of one language. */
export type Catalog = Readonly<Record<Key, string>>
/**
 * The same, possibly incomplete: missing sentences are taken from the next catalog in the chain.
 */
export type Sentences = Readonly<Partial<Record<Key, string>>>
/** By tag: the sentences, or a function that reads them. */
export type Catalogs = Readonly<Record<string, Sentences | (() => Sentences)>>

export const ENGLISH: Catalog = en
/** The language that has every sentence. */
export const FALLBACK_LANGUAGE = 'en'

const SHIPPED = fileURLToPath(new URL('../../locales/', import.meta.url))
const EXTENSION = '.json'

/**
 * Returns the tags and files of a folder's catalogs, sorted by name. Throws if there is no folder.
 */
export const catalogFiles = (folder: string): [tag: string, file: string][] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(EXTENSION))
    .sort()
    .map((name) => [name.slice(0, -EXTENSION.length), join(folder, name)])

const readCatalog = (file: string): Sentences => JSON.parse(readFileSync(file, 'utf8'))

let shipped: Catalogs | undefined

/** Returns the languages that Dawnpost ships with; the same object each time. */
export function shippedCatalogs(): Catalogs {
  shipped ??= readableCatalogs()
  return shipped
}

function readableCatalogs(): Catalogs {
  const files = catalogFiles(SHIPPED).map(([tag, file]) => [tag, () => readCatalog(file)])
  return { ...Object.fromEntries(files), [FALLBACK_LANGUAGE]: en }
}

/**
 * Returns the catalogs merged with those in a site's own folder: some sentences of a language, or
 * another language. These files are few, and read immediately. Throws a SyntaxError for one that is
 * not JSON, and as `catalogFiles` does.
 */
export function withOwnCatalogs(catalogs: Catalogs, folder: string): Catalogs {
  const merged: Record<string, Catalogs[string]> = { ...catalogs }
  for (const [name, file] of catalogFiles(folder)) {
    const sentences = readCatalog(file)
    const tag = canonicalTag(name) ?? name
    const shipped = catalogs[tag]
    merged[tag] = shipped ? () => ({ ...sentencesOf(shipped), ...sentences }) : sentences
  }
  return merged
}

export const sentencesOf = (catalog: Catalogs[string]): Sentences =>
  typeof catalog === 'function' ? catalog() : catalog

/** A language and the subtags of BCP 47 that may follow it, as far as Dawnpost understands them. */
const TAG = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/

/** Returns a tag in its canonical spelling; null if it is not one. */
export function canonicalTag(tag: string): string | null {
  if (!TAG.test(tag)) return null
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null
  } catch {
    return null
  }
}

interface Parts {
  readonly language: string
  readonly script: string | undefined
  /** As the tag names it. */
  readonly region: string | undefined
  /** The likely one if the tag names none. */
  readonly likely: string | undefined
  /** What follows `-x-`, such as `formal`. */
  readonly own: string
}

const parts = new Map<string, Parts | null>()

function partsOf(tag: string): Parts | null {
  const known = parts.get(tag)
  if (known !== undefined) return known
  const spelled = canonicalTag(tag)
  const locale = spelled === null ? null : new Intl.Locale(spelled)
  const found = locale && {
    language: locale.language,
    script: locale.maximize().script,
    region: locale.region,
    likely: locale.maximize().region,
    own: /-x-(.+)$/.exec(spelled ?? '')?.[1] ?? '',
  }
  parts.set(tag, found)
  return found
}

/**
 * Returns the tags of `tags` that can serve `language`, nearest first: its own manner (`-x-formal`)
 * before its region, the language at large before another region, and the region where most speak
 * it before the others. Another script is another language. Empty if none fits.
 */
export function fallbackChain(language: string, tags: readonly string[]): string[] {
  const wanted = partsOf(language)
  if (!wanted) return []
  const rank = (tag: string): number | null => {
    const have = partsOf(tag)
    if (have?.language !== wanted.language || have.script !== wanted.script) return null
    if (have.own !== '' && have.own !== wanted.own) return null
    const manner = have.own === wanted.own ? 0 : 10
    if (have.region === wanted.region) return manner
    if (have.region === undefined) return manner + 1
    return manner + (have.region === wanted.likely ? 2 : 3)
  }
  return tags
    .map((tag) => ({ tag, rank: rank(tag) }))
    .filter((ranked): ranked is { tag: string; rank: number } => ranked.rank !== null)
    .sort((a, b) => a.rank - b.rank)
    .map(({ tag }) => tag)
}

/** Whether two tags are of one language, whatever their region, script or manner. */
export const isSameLanguage = (a: string, b: string): boolean => {
  const language = partsOf(a)?.language
  return language !== undefined && language === partsOf(b)?.language
}

export const isKey = (text: string): text is Key => Object.hasOwn(en, text)
