/**
 * The sentences by language: those of `locales/*.json`, and those that a site words itself. A file
 * is named by the BCP 47 tag of its language and read when somebody first asks for that language.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import en from '../../locales/en.json' with { type: 'json' }

export type Key = keyof typeof en
/** The sentences of one language. */
export type Catalog = Readonly<Record<Key, string>>
/** The same, as far as they are worded: for the rest, the next in the chain is asked. */
export type Sentences = Readonly<Partial<Record<Key, string>>>
/** By tag, or by what reads them. */
export type Catalogs = Readonly<Record<string, Sentences | (() => Sentences)>>

export const ENGLISH: Catalog = en
/** The language that knows every sentence. */
export const FALLBACK = 'en'

const SHIPPED = fileURLToPath(new URL('../../locales/', import.meta.url))
const EXTENSION = '.json'

/** The tags and files of a folder's catalogs, in order of name. Throws when there is no folder. */
export const catalogFiles = (folder: string): [tag: string, file: string][] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(EXTENSION))
    .sort()
    .map((name) => [name.slice(0, -EXTENSION.length), join(folder, name)])

const readCatalog = (file: string): Sentences => JSON.parse(readFileSync(file, 'utf8'))

let shipped: Catalogs | undefined

/** The languages that the program comes with; the same object each time. */
export function shippedCatalogs(): Catalogs {
  shipped ??= readableCatalogs()
  return shipped
}

function readableCatalogs(): Catalogs {
  const files = catalogFiles(SHIPPED).map(([tag, file]) => [tag, () => readCatalog(file)])
  return { ...Object.fromEntries(files), [FALLBACK]: en }
}

/**
 * The same with what a site words itself in the files of its own folder: some sentences of a
 * language, or a language more. These files are few, and read at once. Throws a SyntaxError for
 * one that is no JSON, and as `catalogFiles` does.
 */
export function withOwnCatalogs(catalogs: Catalogs, folder: string): Catalogs {
  const merged: Record<string, Catalogs[string]> = { ...catalogs }
  for (const [name, file] of catalogFiles(folder)) {
    const sentences = readCatalog(file)
    const tag = canonical(name) ?? name
    const shipped = catalogs[tag]
    merged[tag] = shipped ? () => ({ ...sentencesOf(shipped), ...sentences }) : sentences
  }
  return merged
}

export const sentencesOf = (catalog: Catalogs[string]): Sentences =>
  typeof catalog === 'function' ? catalog() : catalog

/** A language with what more a tag of BCP 47 may say, as far as the program understands it. */
const TAG = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/

/** A tag as it is spelled; null for what is none. */
export function canonical(tag: string): string | null {
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
  /** The one that it means when it names none. */
  readonly likely: string | undefined
  /** What stands behind `-x-`: `formal`. */
  readonly own: string
}

const parts = new Map<string, Parts | null>()

function partsOf(tag: string): Parts | null {
  const known = parts.get(tag)
  if (known !== undefined) return known
  const spelled = canonical(tag)
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
 * The tags of `tags` that speak for `language`, nearest first: its own manner (`-x-formal`) before
 * its region, the language at large before another region, and the region where most speak it
 * before the others. What is written in another script is another language. Empty where nobody
 * speaks it.
 */
export function chainOf(language: string, tags: readonly string[]): string[] {
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

/** Whether two tags are of one language, whatever the region, the script or the manner. */
export const areOfOneLanguage = (a: string, b: string): boolean => {
  const language = partsOf(a)?.language
  return language !== undefined && language === partsOf(b)?.language
}

export const isKey = (text: string): text is Key => Object.hasOwn(en, text)
