/** Pictures and files of courses: in mails, on pages, and for years. */
import { Hono } from 'hono'
import { Problem } from '../../domain/problem.ts'
import type { VisitorSite } from '../shared/site.ts'

/** Nothing that such a file holds may act on our site. */
const INERT = "default-src 'none'; sandbox"
const SHOWN = /^(image\/|application\/pdf|text\/plain)/

/**
 * Serves each by what names its content, so that what lies at an address never changes; the name
 * behind it is for whoever saves the file.
 */
export const mediaPages = ({ visitor }: VisitorSite) =>
  new Hono().get('/media/:hash{[0-9a-f]{32}}/:name', async (c) => {
    const { hash } = c.req.param()
    const media = await visitor.media(hash)
    if (!media) throw new Problem('not_found', 'site.not-found')
    const tag = `"${hash}"`
    c.header('ETag', tag)
    c.header('Cache-Control', 'public, max-age=31536000, immutable')
    c.header('Content-Security-Policy', INERT)
    if (c.req.header('If-None-Match')?.includes(tag)) return c.body(null, 304)
    c.header('Content-Disposition', SHOWN.test(media.type) ? 'inline' : 'attachment')
    return c.body(new Uint8Array(media.bytes), 200, { 'Content-Type': media.type })
  })
