/** Whom to tell of a hole: RFC 9116. */

import { Hono } from 'hono'
import { Problem } from '../../domain/problem.ts'
import type { PageSite } from './site.ts'

/** The file is made anew for each that asks; the RFC wants less than a year. */
const GOOD_FOR = { hours: 24 * 180 }

export function securityPages({ config, siteUrl, now }: PageSite) {
  return new Hono().get('/.well-known/security.txt', (c) => {
    const { securityContacts } = config.http
    if (securityContacts.length === 0) throw new Problem('not_found', 'site.no-security-contact')
    const lines = [
      ...securityContacts.map((contact) => `Contact: ${contact}`),
      `Expires: ${now().add(GOOD_FOR).round('second')}`,
      'Preferred-Languages: en',
      // The RFC wants an address by https.
      ...(siteUrl.startsWith('https:') ? [`Canonical: ${siteUrl}/.well-known/security.txt`] : []),
    ]
    return c.text(`${lines.join('\n')}\n`)
  })
}
