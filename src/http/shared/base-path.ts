/**
 * A site below a path, such as https://example.org/mail: our pages and paths are written as if they
 * had a host of their own, and this is the one place that knows better.
 */
import type { MiddlewareHandler } from 'hono'

/** The path below which readers find the site, without a slash at its end; empty for none. */
export const basePathOf = (siteUrl: string) => new URL(siteUrl).pathname.replace(/\/$/, '')

/** A path as the site knows it, whether a proxy has taken the base off it or not. */
export const withoutBase = (path: string, base: string) =>
  base !== '' && (path === base || path.startsWith(`${base}/`))
    ? path.slice(base.length) || '/'
    : path

/** Addresses in our own HTML: what anybody else has written is escaped, quotes and all. */
const ADDRESS = /\b(href|src|action|data-[a-z-]+)="\/(?!\/)/g

/** Puts the base before the addresses of pages and redirects. */
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
