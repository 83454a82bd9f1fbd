/** Judges SPF of the envelope's domain, as findings for an operator. */
import { type DoctorFinding, error, errorIf, info, ok, record, warning } from './finding.ts'
import { readIp } from './ip.ts'
import { MAX_LOOKUPS, MAX_VOID_LOOKUPS, type SpfWalk, spfWith } from './spf.ts'

/** How mail leaves, as far as known. */
export interface OutboundRoutes {
  /** Domains that relays are known to need as an `include:`. */
  readonly includes: readonly string[]
  /** Hosts that send directly, for an `a:`. */
  readonly hosts: readonly string[]
  /** The address our connections come from; null if unknown. */
  readonly address: string | null
}

interface Terms {
  readonly domain: string
  readonly exits: OutboundRoutes
  /**
   * Whether it is the domain of MAIL FROM, or only that of From, where SPF is merely good to have.
   */
  readonly isEnvelope: boolean
}

const WHY =
  'Gmail, Yahoo and Microsoft refuse bulk mail from a domain that does not say which servers may send for it (SPF, RFC 7208).'
const ENDS = { pass: '+all', fail: '-all', softfail: '~all', neutral: '?all', none: '' } as const
const UNUSABLE = 'With an invalid record SPF fails for every mail.'

export function judgeSpf(walk: SpfWalk, terms: Terms): DoctorFinding[] {
  const { domain, isEnvelope } = terms
  const [text, ...more] = walk.records
  const bad = errorIf(isEnvelope)
  const wanted = (base?: string) => [record('TXT', domain, spfWith(base, termsFor(terms.exits)))]
  if (text === undefined)
    return [
      bad('dns.spf.missing', `${domain} has no SPF record.`, {
        subject: domain,
        why: WHY,
        fix: 'Publish this record. If your relay requires an include: of its own, use that in place of a:. If other servers also send for the domain, add them.',
        records: wanted(),
      }),
    ]
  if (more.length > 0)
    return [
      bad('dns.spf.several', `${domain} has ${walk.records.length} SPF records.`, {
        subject: domain,
        why: UNUSABLE,
        fix: 'Remove all of them and publish this one, which combines them.',
        records: [
          record('TXT', domain, spfWith(merged(walk.records), []), { replaces: walk.records }),
        ],
      }),
    ]
  const faults = faultsOf(walk, domain, bad)
  const gaps = faults.length > 0 ? [] : gapsOf(walk, text, terms)
  if (faults.length + gaps.length > 0) return [...faults, ...gaps]
  const says = walk.end ? `ends in ${ENDS[walk.end]}` : 'has no "all"'
  const permits = walk.result === 'pass' ? `, permits ${terms.exits.address}` : ''
  return [
    ok(
      'dns.spf.ok',
      `SPF of ${domain}: one record, ${walk.lookups} of ${MAX_LOOKUPS} DNS lookups, ${says}${permits}.`,
      { subject: domain },
    ),
  ]
}

function faultsOf(walk: SpfWalk, domain: string, bad: ReturnType<typeof errorIf>): DoctorFinding[] {
  const found: DoctorFinding[] = []
  const add = (id: `dns.${string}`, what: string, fix: string) =>
    found.push(bad(id, what, { subject: domain, why: UNUSABLE, fix }))
  for (const fault of walk.faults)
    add('dns.spf.syntax', `SPF of ${domain} is invalid: ${fault}.`, 'Correct or remove it.')
  if (walk.lookups > MAX_LOOKUPS)
    add(
      'dns.spf.too-many-lookups',
      `SPF of ${domain} needs ${walk.lookups} DNS lookups; ${MAX_LOOKUPS} are allowed.`,
      'Remove each include: of a service that no longer sends for you, or write its networks as ip4: and ip6:.',
    )
  if (walk.voids > MAX_VOID_LOOKUPS)
    add(
      'dns.spf.void-lookups',
      `SPF of ${domain} names ${walk.voids} hosts that do not exist; ${MAX_VOID_LOOKUPS} are allowed.`,
      'Remove the terms that name them.',
    )
  return found
}

/** How to close the open end of a record. */
function closing({ redirectedTo }: SpfWalk, domain: string, text: string) {
  if (redirectedTo !== null)
    return { fix: `It redirects to ${redirectedTo}: make the record there end in ~all.` }
  const closed = spfWith(text.replace(/ (?:[+?]?all\b|redirect=\S*)/gi, ''), [])
  return {
    fix: 'Publish this record in its place.',
    records: [record('TXT', domain, closed, { replaces: [text] })],
  }
}

/** What a usable record does not say, or allows too widely. */
function gapsOf(
  walk: SpfWalk,
  text: string,
  { domain, exits, isEnvelope }: Terms,
): DoctorFinding[] {
  const found: DoctorFinding[] = []
  const missing = exits.includes.filter((include) => !walk.includes.includes(include))
  const corrected = (additions: readonly string[]) => [
    record('TXT', domain, spfWith(text, additions), { replaces: [text] }),
  ]
  if (walk.end === 'pass')
    found.push(
      error('dns.spf.anybody', `SPF of ${domain} ends in +all: anybody may send for it.`, {
        subject: domain,
        why: 'Mailbox providers treat that as a sign of spam.',
        ...closing(walk, domain, text),
      }),
    )
  else if (walk.end === null || walk.end === 'neutral')
    found.push(
      warning('dns.spf.open-end', `SPF of ${domain} does not end in ~all or -all.`, {
        subject: domain,
        why: 'Without it the record forbids nothing, and does little for your own mail.',
        ...closing(walk, domain, text),
      }),
    )
  if (exits.address !== null && walk.result !== null && walk.result !== 'pass')
    found.push(
      errorIf(isEnvelope)(
        'dns.spf.not-permitted',
        `SPF of ${domain} does not permit ${exits.address}.`,
        {
          subject: domain,
          why: WHY,
          fix: 'Publish this record in its place: it includes the address.',
          records: corrected(addressTerm(exits.address)),
        },
      ),
    )
  else if (missing.length > 0)
    found.push(
      (isEnvelope ? warning : info)(
        'dns.spf.relay-missing',
        `SPF of ${domain} does not include ${missing.join(', ')}.`,
        {
          subject: domain,
          why: 'The relay in SMTP_URL sends from those networks; unless it puts its own domain in the envelope, SPF fails.',
          fix: 'If the documentation of your relay asks for it, publish this record in its place.',
          records: corrected(missing.map((include) => `include:${include}`)),
        },
      ),
    )
  return found
}

const addressTerm = (address: string) => [`ip${readIp(address)?.version ?? 4}:${address}`]

const termsFor = ({ includes, hosts, address }: OutboundRoutes): string[] => [
  ...(address ? addressTerm(address) : []),
  ...includes.map((include) => `include:${include}`),
  ...(address ? [] : hosts.map((host) => `a:${host}`)),
]

/** All terms of several records in one, each once. */
function merged(records: readonly string[]): string {
  const terms = records.flatMap((text) => text.split(/ +/).slice(1)).filter(Boolean)
  const kept = terms
    .filter((term) => !/^[+~?-]?all$/i.test(term))
    // A redirect has no effect next to an `all`.
    .map((term) => term.replace(/^redirect=/i, 'include:'))
  return ['v=spf1', ...new Set(kept), '~all'].join(' ')
}
