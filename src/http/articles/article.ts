/** An article's page, and its picture for other sites. */
import { type Context, Hono } from 'hono'
import { articlePath, type LiveArticle } from '../../domain/article.ts'
import { Problem } from '../../domain/problem.ts'
import { ENROLL_FORM } from '../readers/sent-form.ts'
import { cacheablePage, etagMatches } from '../shared/cacheable.ts'
import { localized, useLanguage } from '../shared/language.ts'
import type { Pages } from '../shared/pages.ts'
import { redisplayedForm, statusOf } from '../shared/redisplayed-form.ts'
import type { CommentSite } from '../shared/site.ts'
import { articlePage, stampsOn } from './article-page.ts'
import { openPictures } from './picture.ts'

export function articlePages(app: CommentSite, pages: Pages) {
  const pictures = openPictures(app)
  const find = (c: Context): LiveArticle => {
    const article = app.articles.get(c.req.param('slug') ?? '')
    if (!article) throw notFound()
    useLanguage(c, article, app)
    return article
  }

  return new Hono()
    .get('/articles/:slug', async (c) => {
      const moved = app.articles.movedTo(c.req.param('slug'))
      if (moved !== undefined) {
        c.header('Cache-Control', 'public, max-age=60')
        return c.redirect(articlePath(moved), 301)
      }
      const article = find(c)
      const [html, picture] = await Promise.all([
        app.articles.textOf(article.slug),
        pictures.addressOf(article),
      ])
      if (html === null) throw notFound()
      const given = redisplayedForm(app, ENROLL_FORM, c)
      const page = await articlePage(c, localized(app, c), { article, html, picture, given })
      if (given) return c.html(pages(c, 'article', page), statusOf(given))
      return cacheablePage(c, pages(c, 'article', page), {
        stamps: stampsOn(page),
        now: app.now,
      })
    })
    .get('/articles/:slug/:name{[0-9a-f]{16}\\.png}', async (c) => {
      const article = find(c)
      const name = pictures.nameOf(article)
      // The title has changed: an old address redirects to the current picture.
      if (c.req.param('name') !== `${name}.png`)
        return c.redirect(`${articlePath(article.slug)}/${name}.png`)
      const tag = `"${name}"`
      c.header('ETag', tag)
      c.header('Cache-Control', 'public, max-age=31536000, immutable')
      if (etagMatches(c, tag)) return c.body(null, 304)
      const bytes = await pictures.bytesOf(article)
      if (!bytes) throw notFound()
      return c.body(new Uint8Array(bytes), 200, { 'Content-Type': 'image/png' })
    })
}

const notFound = () => new Problem('not_found', 'page.article.not-found')
