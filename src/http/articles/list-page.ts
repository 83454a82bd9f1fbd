import Handlebars from 'handlebars/dist/handlebars.min.js'
import { HIT_MARKERS, type LiveArticle } from '../../domain/article.ts'
import { ARTICLES_PATH, type ListKind, listPath, withQuery } from '../../domain/article-paths.ts'
import { Problem } from '../../domain/problem.ts'
import { escaped } from '../../locales/html.ts'
import type { Locale } from '../../locales/locale.ts'
import { cardOf, newestCards } from '../shared/article-card.ts'
import { type Localized, languageName, publicTag } from '../shared/language.ts'
import type { VisitorSite } from '../shared/site.ts'
import { linksTo } from './cards.ts'
import type { Shelf, Shelves } from './shelves.ts'
import { openGraphLocale } from './structured-data.ts'

const PAGE_SIZE = 20

export interface List {
  readonly path: string
  /** Null for the list of all. */
  readonly kind: ListKind | null
  /** The tag, author or year. */
  readonly name: string
  readonly shelf: Shelf
  /** All shelves that hold articles of this list. */
  readonly shelves: Shelves
  /** Counted from 1. */
  readonly page: number
}

/** Returns the data of a list's page. Throws a Problem if the list has no such page. */
export function listPage(app: Localized<VisitorSite>, list: List) {
  const { path, kind, shelf, shelves, page } = list
  const { locale, siteUrl } = app
  const pages = Math.ceil(shelf.articles.length / PAGE_SIZE)
  if (page > pages) throw new Problem('not_found', 'page.articles.none')
  const at = (number: number) => address(path, shelf, number)
  const pageArticles = shelf.articles.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE)
  const newer = page > 1 ? at(page - 1) : ''
  const older = page < pages ? at(page + 1) : ''
  const heading = headingOf(list, locale)
  return {
    ...frameOf(shelf),
    heading,
    isAll: kind === null,
    cards: pageArticles.map((article) => cardOf(article, locale)),
    number: page,
    total: pages,
    newer,
    older,
    ...languagesOf(list, siteUrl),
    meta: {
      type: 'website',
      title: heading,
      description: '',
      author: '',
      canonical: siteUrl + at(page),
      language: openGraphLocale(shelf.language),
      picture: null,
      published: '',
      modified: '',
      tags: [],
      previous: newer && siteUrl + newer,
      next: older && siteUrl + older,
      feed: feedPath(shelf),
      jsonLd: '',
    },
    shelves: kind === null && page === 1 && shelves.size > 0 ? waysOn(shelf) : null,
  }
}

interface Found {
  readonly shelf: Shelf
  readonly words: string
  readonly found: readonly { readonly slug: string; readonly excerpt: string }[]
  /** The maximum length of a search in characters, if this one exceeds it; else null. */
  readonly most: number | null
}

/** Returns the data of a page with search results. */
export function searchPage(app: Localized<VisitorSite>, { shelf, words, found, most }: Found) {
  const { locale, articles } = app
  const cards = found.flatMap(({ slug, excerpt }) => {
    const article = articles.get(slug)
    return article ? [{ ...cardOf(article, locale), summary: marked(excerpt) }] : []
  })
  return {
    ...frameOf(shelf),
    q: words,
    most,
    heading: locale.t('page.articles.heading'),
    isAll: true,
    isSearch: true,
    count: cards.length,
    cards: cards.length > 0 ? cards : newestCards(shelf.articles, locale),
    number: 1,
    total: 1,
    newer: '',
    older: '',
    translations: [],
    alternates: [],
    meta: null,
    shelves: null,
  }
}

/** Data that all these pages have. */
const frameOf = (shelf: Shelf) => ({
  q: '',
  most: null as number | null,
  isSearch: false,
  count: 0,
  language: shelf.language,
  query: shelf.query,
  feedPath: feedPath(shelf),
})

export const feedPath = ({ query }: Pick<Shelf, 'query'>) =>
  withQuery(`${ARTICLES_PATH}/feed`, query)

const address = (path: string, { query }: Shelf, page: number) =>
  withQuery(path, page === 1 ? query : { ...query, page: String(page) })

function headingOf({ kind, name }: List, { t }: Locale): string {
  if (kind === 'authors') return t('page.articles.by', { author: name })
  if (kind === 'years') return t('page.articles.of-year', { year: name })
  return kind === 'tags' ? name : t('page.articles.heading')
}

/** The same list in other languages. */
function languagesOf({ path, shelf, shelves, page }: List, siteUrl: string) {
  const all = [...shelves.keys()].map((language) => ({
    language,
    name: languageName(language),
    hreflang: publicTag(language),
    path: withQuery(path, { language }),
    href: siteUrl + withQuery(path, { language }),
  }))
  return {
    translations: all.filter(({ language }) => language !== shelf.language),
    alternates:
      all.length > 1 && page === 1 ? [...all, { hreflang: 'x-default', href: siteUrl + path }] : [],
  }
}

/** Links to the lists that the articles of a shelf are in. A single author or year is no choice. */
function waysOn({ articles, query }: Shelf) {
  const names = <T>(of: (article: LiveArticle) => T) => articles.map(of)
  const authors = linksTo('authors', { names: names(({ author }) => author), query })
  const years = [...new Set(names(({ date }) => String(date.year)))].map((year) => ({
    href: withQuery(listPath('years', year), query),
    words: year,
  }))
  return {
    tags: linksTo('tags', { names: names(({ tags }) => tags).flat(), query }),
    authors: authors.length > 1 ? authors : [],
    years: years.length > 1 ? years : [],
  }
}

/** Marks what was found in an excerpt; the text itself is escaped. */
const marked = (excerpt: string) =>
  new Handlebars.SafeString(
    escaped(excerpt).replaceAll(HIT_MARKERS.begin, '<mark>').replaceAll(HIT_MARKERS.end, '</mark>'),
  )
