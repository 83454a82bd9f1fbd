/** Links of lessons that are counted: each leads on to where its author meant it to. */
import { Hono } from 'hono'
import type { ReaderSite } from '../shared/site.ts'

/**
 * What follows with HEAD looks for what is there, and counts nothing. The answer is kept by nobody,
 * and the next site is not told where somebody comes from: both headers are those of all our
 * answers.
 */
export const clickPages = (app: ReaderSite) =>
  new Hono().get('/to/:token', async (c) => {
    const noted = c.req.method === 'GET'
    return c.redirect(await app.reader.followClick(c.req.param('token'), { noted }), 302)
  })
