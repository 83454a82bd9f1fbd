/** Contacts for reporting vulnerabilities: RFC 9116. */

import { Hono } from 'hono'
import { Problem } from '../../domain/problem.ts'
import type { PageSite } from './site.ts'

/** Validity of the file, which is generated per request; the RFC recommends less than a year. */
const GOOD_FOR = { hours: 24 * 180 }

export function securityPages({ config, siteUrl, now }: PageSite) {
  return new Hono().get('/.well-known/security.txt', (c) => {
    const { securityContacts } = config.http
    if (securityContacts.length === 0) throw new Problem('not_found', 'site.no-security-contact')
    const lines = [
      ...securityContacts.map((contact) => `Contact: ${contact}`),
      `Expires: ${now().add(GOOD_FOR).round('second')}`,
      'Preferred-Languages: en',
      // The RFC requires an https address.
      ...(siteUrl.startsWith('https:') ? [`Canonical: ${siteUrl}/.well-known/security.txt`] : []),
    ]
    return c.text(`${lines.join('\n')}\n`)
  })
}
