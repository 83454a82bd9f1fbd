/** DMARC (RFC 9989): which record applies to a domain, what is wrong with it, and alignment. */

import { type DnsResolver, domainIn, isWithin, plainDomain, readTags } from './dns.ts'
import { type DoctorFinding, error, info, ok, record, warning } from './finding.ts'

/** RFC 9989, 4.10: for a longer name, it and then its last seven labels are queried. */
const MAX_LABELS = 7

interface DmarcRecord {
  readonly domain: string
  readonly texts: readonly string[]
  readonly tags: ReadonlyMap<string, string>
}

export interface DmarcWalk {
  readonly domain: string
  /** The record that applies, with the domain it was found at; null if there is none. */
  readonly record: DmarcRecord | null
  /** The organizational domain. */
  readonly organization: string
}

const isDmarc = (text: string) => /^v\s*=\s*DMARC1\b/.test(text)
const dmarcNameOf = (domain: string) => `_dmarc.${domain}`

/** Walks up from the domain, as receivers do (RFC 9989, 4.10). */
export async function walkDmarc(asked: string, names: DnsResolver): Promise<DmarcWalk> {
  const domain = plainDomain(asked)
  const found: DmarcRecord[] = []
  for (const at of lookupDomainsOf(domain)) {
    const texts = (await names.txt(dmarcNameOf(at))).filter(isDmarc)
    if (texts.length === 0) continue
    const tags = (texts.length === 1 && readTags(texts[0] ?? '')) || new Map<string, string>()
    found.push({ domain: at, texts, tags })
    if (['y', 'n'].includes(tags.get('psd') ?? '')) break
  }
  const organization = organizationOf(domain, found)
  const ownRecord = found.find((entry) => entry.domain === domain)
  const above = found.find((entry) => entry.domain === organization)
  return { domain, record: ownRecord ?? above ?? null, organization }
}

function lookupDomainsOf(domain: string): string[] {
  const labels = domain.split('.')
  const from = labels.length > MAX_LABELS + 1 ? labels.length - MAX_LABELS : 1
  return [domain, ...labels.map((_, at) => labels.slice(at).join('.')).slice(from)]
}

/**
 * Returns the highest domain with a record that does not claim to be a registry's (RFC 9989,
 * 4.10.2).
 */
function organizationOf(domain: string, found: readonly DmarcRecord[]): string {
  const last = found.at(-1)
  if (last?.tags.get('psd') === 'y' && last.domain !== domain) {
    const labels = domain.split('.')
    return labels.slice(-(last.domain.split('.').length + 1)).join('.')
  }
  return last?.domain ?? domain
}

interface Terms {
  /** Where reports go in a proposed record: an address that somebody reads. */
  readonly reportsTo: string
}

const WHY =
  'Gmail, Yahoo and Microsoft refuse bulk mail from a domain without DMARC. "p=none" blocks nothing.'

export function judgeDmarc(
  { domain, record: found }: DmarcWalk,
  { reportsTo }: Terms,
): DoctorFinding[] {
  const proposal = `v=DMARC1; p=none; rua=mailto:${reportsTo}`
  const more = {
    subject: domain,
    why: WHY,
    records: [record('TXT', dmarcNameOf(domain), proposal)],
  }
  if (found === null)
    return [
      error('dns.dmarc.missing', `${domain} has no DMARC record.`, {
        ...more,
        fix: 'Publish this record. Receivers send daily XML reports to the address in it; use another address of yours if you do not want them there.',
      }),
    ]
  const name = dmarcNameOf(found.domain)
  const corrected = {
    ...more,
    records: [record('TXT', name, proposal, { replaces: found.texts })],
  }
  if (found.texts.length > 1)
    return [
      error('dns.dmarc.several', `There are ${found.texts.length} DMARC records at ${name}.`, {
        ...corrected,
        why: 'Receivers treat several records as none.',
        fix: 'Remove all of them and publish this one.',
      }),
    ]
  const { tags } = found
  const policy = tags.get('p')?.toLowerCase()
  const isUsable = policy === undefined ? tags.has('rua') : isPolicy(policy)
  if (tags.size === 0 || !isUsable)
    return [
      error('dns.dmarc.syntax', `The DMARC record at ${name} cannot be used.`, {
        ...corrected,
        why: 'Its p= must be none, quarantine or reject. Receivers ignore a record that they cannot read.',
        fix: 'Publish this one in its place.',
      }),
    ]
  const inherited = found.domain === domain ? '' : `, from ${found.domain}`
  const effective = (found.domain !== domain && tags.get('sp')?.toLowerCase()) || policy || 'none'
  return [
    ok('dns.dmarc.ok', `DMARC of ${domain}: p=${effective}${inherited}.`, { subject: domain }),
    ...remarksOn(tags, name),
  ]
}

const isPolicy = (text: string) => ['none', 'quarantine', 'reject'].includes(text)

/** A record with `pct` is usable all the same (standards.md B10). */
function remarksOn(tags: ReadonlyMap<string, string>, name: string): DoctorFinding[] {
  const found: DoctorFinding[] = []
  const pct = tags.get('pct')
  if (pct !== undefined)
    found.push(
      info('dns.dmarc.pct', `The DMARC record at ${name} has pct=${pct}.`, {
        subject: name,
        why: 'pct= was removed from DMARC in 2026 (RFC 9989); newer receivers ignore it.',
        fix: 'Remove it; to mark a policy as being tested, use t=y.',
      }),
    )
  if (!tags.get('rua'))
    found.push(
      info('dns.dmarc.no-reports', `The DMARC record at ${name} asks for no reports (rua=).`, {
        subject: name,
        why: 'Without reports you do not learn who else sends in your name, or which of your mails fail.',
        fix: 'Add rua=mailto: with an address of yours.',
      }),
    )
  return found
}

/** Returns the domains outside its organization to which a record sends reports. */
export const externalReportDomains = ({ record: found, organization }: DmarcWalk): string[] => {
  const uris = (found?.tags.get('rua') ?? '').split(',')
  const domains = uris.map((uri) => plainDomain(domainIn(uri.trim().replace(/!.*$/, ''))))
  return [...new Set(domains)].filter((domain) => domain !== '' && !isWithin(domain, organization))
}

/** Returns the name at which the other domain has to agree to receive them (RFC 9990, 4). */
export const reportNameOf = (domain: string, other: string) => `${domain}._report._dmarc.${other}`

export const judgeReports = (agrees: boolean, domain: string, other: string): DoctorFinding[] =>
  agrees
    ? []
    : [
        warning(
          'dns.dmarc.reports-refused',
          `${other} does not accept DMARC reports for ${domain}.`,
          {
            subject: other,
            why: 'Receivers send reports to another domain only if that domain agrees in DNS.',
            fix: `Ask whoever runs ${other} to publish this record, or use an address of your own domain in rua=.`,
            records: [record('TXT', reportNameOf(domain, other), 'v=DMARC1')],
          },
        ),
      ]

export interface Alignment {
  readonly from: DmarcWalk
  /** The domain of the envelope and each d=, with their organizational domains. */
  readonly envelope: { readonly domain: string; readonly organization: string }
  readonly signatures: readonly { readonly domain: string; readonly organization: string }[]
}

/** Judges whether SPF or DKIM authenticates the domain that readers see (RFC 9989, 4.4). */
export function judgeAlignment({ from, envelope, signatures }: Alignment): DoctorFinding[] {
  const strict = (tag: string) => from.record?.tags.get(tag) === 's'
  const aligned = (identifier: Alignment['envelope'], isStrict: boolean) =>
    isStrict
      ? plainDomain(identifier.domain) === from.domain
      : identifier.organization === from.organization ||
        isWithin(identifier.domain, from.organization)
  const bySpf = aligned(envelope, strict('aspf'))
  const byDkim = signatures.filter((signature) => aligned(signature, strict('adkim')))
  const ways = [
    ...(bySpf ? [`SPF (${envelope.domain})`] : []),
    ...byDkim.map(({ domain }) => `DKIM (d=${domain})`),
  ]
  const subject = from.domain
  if (ways.length > 0)
    return [
      ok(
        'dns.alignment.ok',
        `${from.domain} is aligned with ${[...new Set(ways)].join(' and ')}.`,
        {
          subject,
        },
      ),
    ]
  return [
    error('dns.alignment.none', `Neither SPF nor DKIM is aligned with ${from.domain}.`, {
      subject,
      why: `DMARC requires the domain of the envelope (${envelope.domain}) or of the signature to match the From address. Gmail, Yahoo and Microsoft require DMARC.`,
      fix: `Use a BOUNCE_DOMAIN under ${from.domain}, or sign with a DKIM key for ${from.domain}.`,
      settings: ['BOUNCE_DOMAIN'],
    }),
  ]
}
