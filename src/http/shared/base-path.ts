/**
 * A site below a path, such as https://example.org/mail. Pages and routes are written as if the
 * site had a host to itself; only this file knows about the base path.
 */
import type { MiddlewareHandler } from 'hono'

/** Returns the path below which readers find the site, without a trailing slash; empty if none. */
export const basePathOf = (siteUrl: string) => new URL(siteUrl).pathname.replace(/\/$/, '')

/** Returns a path as the site knows it, whether or not a proxy has stripped the base. */
export const withoutBase = (path: string, base: string) =>
  base !== '' && (path === base || path.startsWith(`${base}/`))
    ? path.slice(base.length) || '/'
    : path

/** Addresses in our own HTML. Text by anybody else is escaped, including its quotes. */
const ADDRESS = /\b(href|src|action|data-[a-z-]+)="\/(?!\/)/g

/** Prefixes the addresses in pages and redirects with the base. */
export const belowBase =
  (base: string): MiddlewareHandler =>
  async (c, next) => {
    await next()
    const to = c.res.headers.get('Location')
    if (to?.startsWith('/')) c.res.headers.set('Location', base + to)
    if (!c.res.headers.get('Content-Type')?.startsWith('text/html')) return
    const html = await c.res.text()
    c.res = new Response(
      html.replace(ADDRESS, (_, name: string) => `${name}="${base}/`),
      c.res,
    )
  }
