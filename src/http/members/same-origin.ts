import type { Context } from 'hono'
import type { PageSite } from '../shared/site.ts'

/**
 * What a browser says of the page that a form was sent from: `ours`, or of another site
 * (`elsewhere`). `hidden`: it keeps that to itself, as old ones do for a page that sends no
 * Referer. `untold`: a program that says nothing at all.
 */
export type RequestSender = 'ours' | 'elsewhere' | 'hidden' | 'untold'

/**
 * `Sec-Fetch-Site` counts where there is one; it does not come with plain http, nor from older
 * browsers.
 */
export function senderOf(c: Context, { siteUrl }: Pick<PageSite, 'siteUrl'>): RequestSender {
  const site = c.req.header('sec-fetch-site')
  if (site !== undefined) return site === 'same-origin' || site === 'none' ? 'ours' : 'elsewhere'
  const origin = c.req.header('origin')
  if (origin === undefined) return 'untold'
  if (origin === 'null') return 'hidden'
  const ownHosts = [new URL(siteUrl).host, c.req.header('host')]
  return ownHosts.includes(URL.parse(origin)?.host) ? 'ours' : 'elsewhere'
}
