/** What search engines read: sitemap.xml (sitemaps.org) and robots.txt (RFC 9309). */
import { Hono } from 'hono'
import { articlePath, type LiveArticle } from '../../domain/article.ts'
import { ARTICLES_PATH, listPath, withQuery } from '../../domain/article-paths.ts'
import { translationsOf } from '../../domain/relations.ts'
import { dateIn, latest } from '../../domain/time.ts'
import { escaped } from '../../locales/html.ts'
import { basePathOf } from '../shared/base-path.ts'
import { cacheableFile } from '../shared/cacheable.ts'
import { versionsOf } from '../shared/language.ts'
import type { VisitorSite } from '../shared/site.ts'
import { linksTo } from './cards.ts'
import { type Shelf, type Shelves, shelvesOf } from './shelves.ts'
import { modifiedOn } from './structured-data.ts'

/**
 * Maximum number of addresses in one file. A larger site would need several files and an index;
 * until one exists, the oldest articles are left out: lists lead to them.
 */
const MAX_URLS = 50_000

/** Paths with a reader's link, or that follow a form: nothing for search engines. */
const PRIVATE_PATHS = [
  '/address/',
  '/answers/',
  '/confirm/',
  '/data/',
  '/days/',
  '/enrolled',
  '/erase',
  '/lessons/',
  '/link',
  '/member',
  '/moderation/',
  '/practice/',
  '/preferences/',
  '/sign-in',
  '/to/',
  '/undo/',
  '/unsubscribe/',
] as const

export const sitemapPages = (app: VisitorSite) =>
  new Hono()
    .get('/sitemap.xml', (c) => {
      const front = { url: `${app.siteUrl}/` }
      const entries = [front, ...series(app), ...articleEntries(app)].slice(0, MAX_URLS)
      return cacheableFile(c, sitemap(entries), 'application/xml; charset=utf-8')
    })
    .get('/robots.txt', (c) => {
      const base = basePathOf(app.siteUrl)
      const lines = [
        'User-agent: *',
        ...PRIVATE_PATHS.map((path) => `Disallow: ${base}${path}`),
        `Disallow: ${base}/courses/*/embed`,
        // Search results contain nothing that the lists do not.
        `Disallow: ${base}${ARTICLES_PATH}?*q=`,
        `Allow: ${base}/`,
        '',
        `Sitemap: ${app.siteUrl}/sitemap.xml`,
      ]
      return cacheableFile(c, `${lines.join('\n')}\n`, 'text/plain; charset=utf-8')
    })

interface Entry {
  readonly url: string
  readonly changed?: string
  readonly alternates?: readonly { readonly hreflang: string; readonly href: string }[]
}

function sitemap(entries: readonly Entry[]): string {
  const urls = entries.map(({ url, changed, alternates = [] }) => {
    const links = alternates.map(
      ({ hreflang, href }) =>
        `<xhtml:link rel="alternate" hreflang="${escaped(hreflang)}" href="${escaped(href)}"/>`,
    )
    const lastmod = changed === undefined ? '' : `<lastmod>${changed}</lastmod>`
    return `<url><loc>${escaped(url)}</loc>${lastmod}${links.join('')}</url>\n`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">
${urls.join('')}</urlset>
`
}

/** Returns the date of the newest change among them. */
const changedOf = (all: readonly LiveArticle[]) => all.map(modifiedOn).reduce(latest).toString()

/** A thousand articles take a while, so entries are rebuilt only for a new list of articles. */
const entriesCache = new WeakMap<readonly LiveArticle[], readonly Entry[]>()

function articleEntries(app: VisitorSite): readonly Entry[] {
  const all = app.articles.all()
  const made = entriesCache.get(all) ?? [...lists(all, app), ...articles(all, app)]
  entriesCache.set(all, made)
  return made
}

/** The first page of every list. */
function lists(all: readonly LiveArticle[], app: VisitorSite): Entry[] {
  const shelves = shelvesOf(all, app)
  return [...shelves.keys()].flatMap((language) => listsOf(language, shelves, app.siteUrl))
}

function listsOf(language: string, shelves: Shelves, siteUrl: string): Entry[] {
  const all = shelves.get(language) ?? []
  const query = shelves.size > 1 ? { language } : {}
  const entry = (href: string, found: readonly LiveArticle[]) => ({
    url: siteUrl + href,
    changed: changedOf(found),
  })
  const holding = all.flatMap((article) =>
    listsHolding(article, query).map((href) => ({ href, article })),
  )
  return [
    entry(withQuery(ARTICLES_PATH, query), all),
    ...[...Map.groupBy(holding, ({ href }) => href)].map(([href, found]) =>
      entry(
        href,
        found.map(({ article }) => article),
      ),
    ),
  ]
}

const listsHolding = ({ tags, author, date }: LiveArticle, query: Shelf['query']) => [
  ...linksTo('tags', { names: tags, query }).map(({ href }) => href),
  ...linksTo('authors', { names: [author], query }).map(({ href }) => href),
  withQuery(listPath('years', String(date.year)), query),
]

/** Courses and dailies, by their own pages; a daily's page for today changes every day. */
function series(app: VisitorSite): Entry[] {
  const all = [...app.series.values()]
  return all.flatMap((series) => {
    const { alternates } = versionsOf(series, translationsOf(series, all), {
      pathOf: (slug) => `/courses/${slug}`,
      siteUrl: app.siteUrl,
      languages: app.languages,
    })
    const page = { url: `${app.siteUrl}/courses/${series.slug}`, alternates }
    if (series.kind !== 'daily') return [page]
    const changed = String(dateIn('UTC', app.now()))
    return [page, { url: `${app.siteUrl}/daily/${series.slug}`, changed }]
  })
}

function articles(all: readonly LiveArticle[], app: VisitorSite): Entry[] {
  // Few articles have translations; only those are compared with each other.
  const named = new Set(all.flatMap(({ translations }) => translations))
  const several = all.filter(({ slug, translations }) => translations.length > 0 || named.has(slug))
  return all.map((article) => ({
    url: app.siteUrl + articlePath(article.slug),
    changed: String(modifiedOn(article)),
    alternates: several.includes(article)
      ? versionsOf(article, translationsOf(article, several), {
          pathOf: articlePath,
          siteUrl: app.siteUrl,
          languages: app.languages,
        }).alternates
      : [],
  }))
}
