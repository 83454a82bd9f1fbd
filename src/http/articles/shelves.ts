/** The articles of a site by their languages: a list is of one of them. */
import type { Context } from 'hono'
import type { LiveArticle } from '../../domain/article.ts'
import { Problem } from '../../domain/problem.ts'
import { areOfOneLanguage } from '../../locales/catalogs.ts'
import { localeOf, speakOf } from '../shared/language.ts'
import type { VisitorSite } from '../shared/site.ts'

/** By a BCP 47 tag, the newest first; texts of Austria and of Switzerland stand on one shelf. */
export type Shelves = ReadonlyMap<string, readonly LiveArticle[]>

/** Articles change seldom, and every page asks: made anew only for another list. */
const known = new WeakMap<readonly LiveArticle[], Shelves>()

/** Those of the site's own languages come first, in their order. */
export function shelvesOf(
  articles: readonly LiveArticle[],
  { languages }: Pick<VisitorSite, 'languages'>,
): Shelves {
  const made = known.get(articles) ?? shelved(articles, languages)
  known.set(articles, made)
  return made
}

function shelved(articles: readonly LiveArticle[], languages: readonly string[]): Shelves {
  const tags = [...new Set([...languages, ...articles.map(({ language }) => language)])]
  const first = (tag: string) => tags.find((candidate) => areOfOneLanguage(candidate, tag)) ?? tag
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
  /** What tells it from the others in an address; empty where there is no other. */
  readonly query: Readonly<Record<string, string>>
}

/** The shelf that articles of a language stand on; undefined where there are none. */
export function shelfFor(shelves: Shelves, language: string): Shelf | undefined {
  const [tag, articles] = [...shelves].find(([tag]) => areOfOneLanguage(tag, language)) ?? []
  return tag === undefined || !articles
    ? undefined
    : { language: tag, articles, query: queryOf(tag, shelves) }
}

const queryOf = (language: string, shelves: Shelves) => (shelves.size > 1 ? { language } : {})

/**
 * The shelf that is asked for by name, else the visitor's, else the first, and answers in its
 * language from here on. Throws a Problem where there is none.
 */
export function shelfOf(c: Context, shelves: Shelves, app: VisitorSite): Shelf {
  const asked = c.req.query('language')
  const visitors = localeOf(c).language
  const language =
    asked ??
    [...shelves.keys()].find((tag) => areOfOneLanguage(tag, visitors)) ??
    [...shelves.keys()][0] ??
    ''
  const articles = shelves.get(language)
  if (!articles) throw new Problem('not_found', 'page.articles.none')
  if (asked === undefined && app.languages.length > 1)
    c.header('Vary', 'Accept-Language', { append: true })
  speakOf(c, { language }, app)
  return { language, articles, query: queryOf(language, shelves) }
}
