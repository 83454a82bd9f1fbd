/** Pictures and files of courses: in mails, on pages, kept for years. */
import { Hono } from 'hono'
import { Problem } from '../../domain/problem.ts'
import type { VisitorSite } from '../shared/site.ts'

/** Nothing in such a file may act on our site. */
const INERT = "default-src 'none'; sandbox"
const INLINE_TYPES = /^(image\/|application\/pdf|text\/plain)/

/**
 * Serves each file by a hash of its content, so that the content of an address never changes; the
 * trailing name is for saving the file.
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
    c.header('Content-Disposition', INLINE_TYPES.test(media.type) ? 'inline' : 'attachment')
    return c.body(new Uint8Array(media.bytes), 200, { 'Content-Type': media.type })
  })
