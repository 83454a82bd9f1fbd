/** The newest articles for feed readers: Atom, RFC 4287. */
import { Hono } from 'hono'
import { articlePath, type LiveArticle } from '../../domain/article.ts'
import { ARTICLES_PATH, withQuery } from '../../domain/article-paths.ts'
import { cacheableFile } from '../shared/cacheable.ts'
import { localeOf } from '../shared/language.ts'
import type { Pages } from '../shared/pages.ts'
import type { VisitorSite } from '../shared/site.ts'
import { feedPath } from './list-page.ts'
import { shelfOf, shelvesOf } from './shelves.ts'

const ENTRIES = 20

export const feedPages = (app: VisitorSite, pages: Pages) =>
  new Hono().get(`${ARTICLES_PATH}/feed`, async (c) => {
    const shelf = shelfOf(c, shelvesOf(app.articles.all(), app), app)
    const newest = shelf.articles.slice(0, ENTRIES)
    const texts = await Promise.all(newest.map(({ slug }) => app.articles.textOf(slug)))
    const entries = newest.flatMap((article, index) => {
      const html = texts[index]
      return html ? [entryOf(article, html, app)] : []
    })
    const feed = pages(c, 'articles-feed', {
      title: `${app.letterhead.siteName}: ${localeOf(c).t('page.articles.heading')}`,
      language: shelf.language,
      self: app.siteUrl + feedPath(shelf),
      home: app.siteUrl + withQuery(ARTICLES_PATH, shelf.query),
      updated:
        entries
          .map(({ updated }) => updated)
          .toSorted()
          .at(-1) ?? '',
      entries,
    })
    return cacheableFile(c, feed, 'application/atom+xml; charset=utf-8')
  })

function entryOf(article: LiveArticle, html: string, { siteUrl }: VisitorSite) {
  const { id, slug, title, summary, author, tags, date, publishedAt, updatedAt } = article
  const url = siteUrl + articlePath(slug)
  return {
    // The original slug, so that an article that moved is not reported as new.
    id: siteUrl + articlePath(id),
    url,
    title,
    summary,
    author,
    tags,
    published: `${date}T00:00:00Z`,
    updated: String(Temporal.Instant.compare(publishedAt, updatedAt) > 0 ? publishedAt : updatedAt),
    html: wholeAddresses(html, url, siteUrl),
  }
}

/** Makes addresses absolute: a feed reader shows the text on its own page. */
const wholeAddresses = (html: string, url: string, siteUrl: string) =>
  html.replace(/\b(href|src)="(#|\/(?!\/))/g, (_, name: string, begins: string) =>
    begins === '#' ? `${name}="${url}#` : `${name}="${siteUrl}/`,
  )
