/** Counted links of lessons: each redirects to the author's target. */
import { Hono } from 'hono'
import type { ReaderSite } from '../shared/site.ts'

/**
 * HEAD only checks a link and is not counted. The headers of every response apply: no caching, and
 * no referrer for the target site.
 */
export const clickPages = (app: ReaderSite) =>
  new Hono().get('/to/:token', async (c) => {
    const noted = c.req.method === 'GET'
    return c.redirect(await app.reader.followClick(c.req.param('token'), { noted }), 302)
  })
