import type { Context } from 'hono'
import type { PageSite } from '../shared/site.ts'

/**
 * Where a form was sent from, according to the browser: `ours`, or another site (`elsewhere`).
 * `hidden`: it does not say, as older ones for a page that sends no Referer. `untold`: no such
 * header at all, from a program.
 */
export type RequestSender = 'ours' | 'elsewhere' | 'hidden' | 'untold'

/** `Sec-Fetch-Site` takes precedence; it is missing over plain http and from older browsers. */
export function senderOf(c: Context, { siteUrl }: Pick<PageSite, 'siteUrl'>): RequestSender {
  const site = c.req.header('sec-fetch-site')
  if (site !== undefined) return site === 'same-origin' || site === 'none' ? 'ours' : 'elsewhere'
  const origin = c.req.header('origin')
  if (origin === undefined) return 'untold'
  if (origin === 'null') return 'hidden'
  const ownHosts = [new URL(siteUrl).host, c.req.header('host')]
  return ownHosts.includes(URL.parse(origin)?.host) ? 'ours' : 'elsewhere'
}
