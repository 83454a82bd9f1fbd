/** Lists of articles: all, by tag, by author, by year, and search results. */
import { type Context, Hono } from 'hono'
import type { LiveArticle } from '../../domain/article.ts'
import { ARTICLES_PATH, type ListKind, listPath, nameInPath } from '../../domain/article-paths.ts'
import { Problem } from '../../domain/problem.ts'
import { cacheablePage } from '../shared/cacheable.ts'
import { type Localized, localized } from '../shared/language.ts'
import type { Pages } from '../shared/pages.ts'
import type { VisitorSite } from '../shared/site.ts'
import { type List, listPage, searchPage } from './list-page.ts'
import { type Shelf, type Shelves, shelfOf, shelvesOf } from './shelves.ts'

/** In characters; no real search is longer. */
const MAX_SEARCH_LENGTH = 100

export function listPages(app: VisitorSite, pages: Pages) {
  const shelves = () => shelvesOf(app.articles.all(), app)
  const answer = (c: Context, page: object) =>
    cacheablePage(c, pages(c, 'articles', page), { now: app.now })
  /** Responds with one list, on those shelves that have articles in it. */
  const listed = (
    c: Context,
    kind: ListKind,
    named: (article: LiveArticle) => readonly string[],
  ) => {
    const asked = nameInPath(c.req.param('name') ?? '')
    const has = (article: LiveArticle) => named(article).some((name) => nameInPath(name) === asked)
    const found: Shelves = new Map(
      [...shelves()].flatMap(([language, articles]) => {
        const some = asked === '' ? [] : articles.filter(has)
        return some.length > 0 ? [[language, some] as const] : []
      }),
    )
    const shelf = shelfOf(c, found, app)
    const [first] = shelf.articles
    const name = first && named(first).find((name) => nameInPath(name) === asked)
    if (name === undefined) throw new Problem('not_found', 'page.articles.none')
    return list(c, shelf, found, { path: listPath(kind, name), kind, name })
  }
  const list = (c: Context, shelf: Shelf, found: Shelves, about: About) =>
    answer(c, listPage(localized(app, c), { ...about, shelf, shelves: found, page: pageAsked(c) }))

  return new Hono()
    .get(ARTICLES_PATH, async (c) => {
      const words = c.req.query('q')?.trim() ?? ''
      const shelf = shelfOf(c, shelves(), app)
      if (words !== '') return search(c, pages, { app: localized(app, c), shelf, words })
      return list(c, shelf, shelves(), { path: ARTICLES_PATH, kind: null, name: '' })
    })
    .get('/articles/tags/:name', (c) => listed(c, 'tags', ({ tags }) => tags))
    .get('/articles/authors/:name', (c) => listed(c, 'authors', ({ author }) => [author]))
    .get('/articles/years/:name{[0-9]{4}}', (c) =>
      listed(c, 'years', ({ date }) => [String(date.year)]),
    )
}

type About = Pick<List, 'path' | 'kind' | 'name'>

/** Returns the requested page number. Throws a Problem if it is not one. */
function pageAsked(c: Context): number {
  const page = c.req.query('page') ?? '1'
  if (!/^[1-9]\d{0,4}$/.test(page)) throw new Problem('not_found', 'page.articles.none')
  return Number(page)
}

interface Search {
  readonly app: Localized<VisitorSite>
  readonly shelf: Shelf
  readonly words: string
}

/** Searches are private: responses are not cached, and search engines may not index them. */
async function search(c: Context, pages: Pages, { app, shelf, words }: Search) {
  c.header('X-Robots-Tag', 'noindex')
  const isTooLong = words.length > MAX_SEARCH_LENGTH
  const found = isTooLong ? [] : await app.articles.search(words, { language: shelf.language })
  const page = searchPage(app, { shelf, words, found, most: isTooLong ? MAX_SEARCH_LENGTH : null })
  return c.html(pages(c, 'articles', page), isTooLong ? 422 : 200)
}
