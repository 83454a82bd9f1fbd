import { FOUND, type LiveArticle } from '../../domain/article.ts'
import { isUnspaced } from '../../domain/likeness.ts'
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

export interface Found {
  readonly slug: string
  /** Plain text in which FOUND marks the words; must be escaped. */
  readonly excerpt: string
}

const MOST_CHARACTERS = 200
const MOST_WORDS = 8
const MOST_FOUND = 20
/** Characters of an excerpt before the first word found, and in total. */
const AROUND = { before: 80, all: 240 }

/**
 * Finds articles by words as people type them: "in quotes" together, -word without it, or. Best
 * first, at most 20; only the first 200 characters of a query count. If the grammar of a language
 * finds nothing, or there are no spaces to separate words, searches for the words literally.
 */
export async function search(
  asked: string,
  { language }: SearchOptions,
  { db, stores, live }: Deps,
): Promise<readonly Found[]> {
  const words = plainly(asked)
  const languages = [...new Set(live.all(language).map((article) => article.language))].map(
    (tag) => ({
      language: tag,
      configuration: configurationOf(tag),
    }),
  )
  if (words === '' || languages.length === 0) return []
  const within = { languages, limit: MOST_FOUND }
  const hits = isUnspaced(words)
    ? []
    : await stores.articles.search(db, { words, marks: FOUND, ...within })
  if (hits.length > 0) return hits.map(({ slug, excerpt }) => ({ slug, excerpt: tidy(excerpt) }))
  const each = partsOf(words)
  if (each.length === 0) return []
  const rows = await stores.articles.containing(db, { words: each, ...within })
  return rows.map(({ slug, text }) => ({ slug, excerpt: excerptOf(text, each) }))
}

/** Removes what no text contains. */
const plainly = (asked: string) =>
  asked
    .slice(0, MOST_CHARACTERS)
    .toWellFormed()
    .replace(/[\p{Cc}\uFFFD]/gu, ' ')
    .trim()

const partsOf = (words: string) =>
  words
    .split(/[\s"“”„«»]+/)
    .map((word) => word.replace(/^[-+]/, ''))
    .filter((word) => /[\p{L}\p{N}]/u.test(word))
    .slice(0, MOST_WORDS)

const tidy = (excerpt: string) => excerpt.replace(/\s+/g, ' ').trim()

/** Returns the text around the first word found, with all of them marked. */
function excerptOf(text: string, words: readonly string[]): string {
  const pattern = new RegExp(words.map((word) => RegExp.escape(word)).join('|'), 'giu')
  const first = Math.max(0, text.search(pattern))
  const from = first <= AROUND.before ? 0 : startOfWord(text, first - AROUND.before)
  const cut = text.slice(from, from + AROUND.all).toWellFormed()
  const marked = tidy(cut).replace(pattern, (word) => `${FOUND.begin}${word}${FOUND.end}`)
  return `${from > 0 ? '… ' : ''}${marked}${from + AROUND.all < text.length ? ' …' : ''}`
}

function startOfWord(text: string, at: number): number {
  const space = text.slice(at, at + AROUND.before / 2).search(/\s/)
  return space < 0 ? at : at + space + 1
}
