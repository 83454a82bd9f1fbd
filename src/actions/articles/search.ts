import { HIT_MARKERS, type LiveArticle } from '../../domain/article.ts'
import { isUnspaced } from '../../domain/similarity.ts'
import { configurationOf } from '../../domain/text-search.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly stores: { readonly articles: Pick<typeof stores.articles, 'search' | 'containing'> }
  readonly live: { all(language?: string): readonly LiveArticle[] }
}

export interface SearchOptions {
  /** Only in articles of this language; by default in all, each by its own grammar. */
  readonly language?: string
}

export interface SearchHit {
  readonly slug: string
  /** Plain text in which HIT_MARKERS marks the words; must be escaped. */
  readonly excerpt: string
}

const MAX_QUERY_CHARACTERS = 200
const MAX_QUERY_WORDS = 8
const MAX_RESULTS = 20
/** Characters of an excerpt before the first word found, and in total. */
const EXCERPT_CHARACTERS = { before: 80, all: 240 }

/**
 * Finds articles by words as people type them: "in quotes" together, -word without it, or. Best
 * first, at most 20; only the first 200 characters of a query count. If the grammar of a language
 * finds nothing, or there are no spaces to separate words, searches for the words literally.
 */
export async function search(
  query: string,
  { language }: SearchOptions,
  { db, stores, live }: Deps,
): Promise<readonly SearchHit[]> {
  const words = sanitizeQuery(query)
  const languages = [...new Set(live.all(language).map((article) => article.language))].map(
    (tag) => ({
      language: tag,
      configuration: configurationOf(tag),
    }),
  )
  if (words === '' || languages.length === 0) return []
  const within = { languages, limit: MAX_RESULTS }
  const hits = isUnspaced(words)
    ? []
    : await stores.articles.search(db, { words, marks: HIT_MARKERS, ...within })
  if (hits.length > 0) return hits.map(({ slug, excerpt }) => ({ slug, excerpt: tidy(excerpt) }))
  const each = partsOf(words)
  if (each.length === 0) return []
  const rows = await stores.articles.containing(db, { words: each, ...within })
  return rows.map(({ slug, text }) => ({ slug, excerpt: excerptOf(text, each) }))
}

/** Removes what no text contains. */
const sanitizeQuery = (asked: string) =>
  asked
    .slice(0, MAX_QUERY_CHARACTERS)
    .toWellFormed()
    .replace(/[\p{Cc}\uFFFD]/gu, ' ')
    .trim()

const partsOf = (words: string) =>
  words
    .split(/[\s"“”„«»]+/)
    .map((word) => word.replace(/^[-+]/, ''))
    .filter((word) => /[\p{L}\p{N}]/u.test(word))
    .slice(0, MAX_QUERY_WORDS)

const tidy = (excerpt: string) => excerpt.replace(/\s+/g, ' ').trim()

/** Returns the text around the first word found, with all of them marked. */
function excerptOf(text: string, words: readonly string[]): string {
  const pattern = new RegExp(words.map((word) => RegExp.escape(word)).join('|'), 'giu')
  const first = Math.max(0, text.search(pattern))
  const from =
    first <= EXCERPT_CHARACTERS.before ? 0 : startOfWord(text, first - EXCERPT_CHARACTERS.before)
  const cut = text.slice(from, from + EXCERPT_CHARACTERS.all).toWellFormed()
  const marked = tidy(cut).replace(
    pattern,
    (word) => `${HIT_MARKERS.begin}${word}${HIT_MARKERS.end}`,
  )
  return `${from > 0 ? '… ' : ''}${marked}${from + EXCERPT_CHARACTERS.all < text.length ? ' …' : ''}`
}

function startOfWord(text: string, at: number): number {
  const space = text.slice(at, at + EXCERPT_CHARACTERS.before / 2).search(/\s/)
  return space < 0 ? at : at + space + 1
}
