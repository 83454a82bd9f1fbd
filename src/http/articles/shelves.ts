/** A site's articles by language: each list is in one language. */
import type { Context } from 'hono'
import type { LiveArticle } from '../../domain/article.ts'
import { Problem } from '../../domain/problem.ts'
import { isSameLanguage } from '../../locales/catalogs.ts'
import { localeOf, useLanguage } from '../shared/language.ts'
import type { VisitorSite } from '../shared/site.ts'

/** By BCP 47 tag, newest first; texts from Austria and from Switzerland share a shelf. */
export type Shelves = ReadonlyMap<string, readonly LiveArticle[]>

/**
 * Articles seldom change, but every page needs the shelves: they are rebuilt only for a new list.
 */
const shelvesCache = new WeakMap<readonly LiveArticle[], Shelves>()

/** Returns the shelves, the site's own languages first, in their order. */
export function shelvesOf(
  articles: readonly LiveArticle[],
  { languages }: Pick<VisitorSite, 'languages'>,
): Shelves {
  const made = shelvesCache.get(articles) ?? shelved(articles, languages)
  shelvesCache.set(articles, made)
  return made
}

function shelved(articles: readonly LiveArticle[], languages: readonly string[]): Shelves {
  const tags = [...new Set([...languages, ...articles.map(({ language }) => language)])]
  const first = (tag: string) => tags.find((candidate) => isSameLanguage(candidate, tag)) ?? tag
  const shelf = new Map(tags.map((tag) => [tag, first(tag)]))
  const byShelf = Map.groupBy(articles, ({ language }) => shelf.get(language) ?? language)
  return new Map(
    [...new Set(shelf.values())].flatMap((tag) => {
      const found = byShelf.get(tag)
      return found ? [[tag, found] as const] : []
    }),
  )
}

export interface Shelf {
  readonly language: string
  readonly articles: readonly LiveArticle[]
  /** What distinguishes it from other shelves in an address; empty if it is the only one. */
  readonly query: Readonly<Record<string, string>>
}

/** Returns the shelf for a language; undefined if there is none. */
export function shelfFor(shelves: Shelves, language: string): Shelf | undefined {
  const [tag, articles] = [...shelves].find(([tag]) => isSameLanguage(tag, language)) ?? []
  return tag === undefined || !articles
    ? undefined
    : { language: tag, articles, query: queryOf(tag, shelves) }
}

const queryOf = (language: string, shelves: Shelves) => (shelves.size > 1 ? { language } : {})

/**
 * Returns the shelf that the query names, else the visitor's, else the first, and switches the
 * response to its language. Throws a Problem if there is none.
 */
export function shelfOf(c: Context, shelves: Shelves, app: VisitorSite): Shelf {
  const asked = c.req.query('language')
  const visitors = localeOf(c).language
  const language =
    asked ??
    [...shelves.keys()].find((tag) => isSameLanguage(tag, visitors)) ??
    [...shelves.keys()][0] ??
    ''
  const articles = shelves.get(language)
  if (!articles) throw new Problem('not_found', 'page.articles.none')
  if (asked === undefined && app.languages.length > 1)
    c.header('Vary', 'Accept-Language', { append: true })
  useLanguage(c, { language }, app)
  return { language, articles, query: queryOf(language, shelves) }
}
