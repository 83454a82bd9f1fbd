/** Public blocklists of addresses and domains that send spam, queried by DNS. */
import { type DoctorFinding, error, info, ok } from './finding.ts'
import { reversedAddress } from './ip.ts'

/** Lists that many receivers use, by DNS zone. */
export const ADDRESS_LISTS = ['zen.spamhaus.org', 'bl.spamcop.net', 'psbl.surriel.com'] as const
export const DOMAIN_LISTS = ['dbl.spamhaus.org'] as const

export interface BlocklistAnswer {
  readonly list: string
  /** The address or the domain. */
  readonly what: string
  /** Its answers; null if it gave none. */
  readonly codes: readonly string[] | null
}

export const blocklistQueryName = (what: string, list: string) =>
  `${reversedAddress(what) ?? what}.${list}`

/** Answers of a list that refuses the one who asks: public resolvers are turned away. */
const REFUSED = /^127\.255\.255\./

export function judgeListings(listings: readonly BlocklistAnswer[]): DoctorFinding[] {
  const isRefused = (listing: BlocklistAnswer) =>
    (listing.codes ?? ['127.255.255.255']).some((code) => REFUSED.test(code))
  const silent = listings.filter(isRefused)
  const listed = listings.filter((listing) => !isRefused(listing) && listing.codes?.length)
  const clean = listings.filter((listing) => listing.codes?.length === 0)
  return [
    ...listed.map(({ what, list, codes }) =>
      error('dns.blocklist.listed', `${what} is on the list ${list} (${codes?.join(', ')}).`, {
        subject: what,
        why: 'Receivers that use the list refuse your mail.',
        fix: 'Look up the reason on the website of the list, fix it, and request removal there.',
      }),
    ),
    ...silent.map(({ what, list }) =>
      info('dns.blocklist.unanswered', `${list} did not answer for ${what}.`, {
        subject: what,
        why: 'These lists refuse queries from public resolvers, such as 8.8.8.8.',
        fix: 'Use a resolver of your own (--resolver 127.0.0.1), or look it up on the website of the list.',
      }),
    ),
    ...(clean.length > 0
      ? [
          ok(
            'dns.blocklist.clean',
            `Not listed: ${clean.map(({ what, list }) => `${what} at ${list}`).join(', ')}.`,
          ),
        ]
      : []),
  ]
}
