/** Optional policies of a domain: MTA-STS (RFC 8461), TLS-RPT (RFC 8460), BIMI. */

import { type MailExchange, plainDomain, readTags } from './dns.ts'
import { type DoctorFinding, error, info, ok, warning } from './finding.ts'

export const tlsRptNameOf = (domain: string) => `_smtp._tls.${domain}`
export const mtaStsNameOf = (domain: string) => `_mta-sts.${domain}`
export const mtaStsUrlOf = (domain: string) => `https://mta-sts.${domain}/.well-known/mta-sts.txt`
export const bimiNameOf = (domain: string) => `default._bimi.${domain}`

/** Outcome of fetching the MTA-STS policy. */
export type PolicyFile = { readonly text: string } | { readonly failed: string }

export interface Policies {
  readonly domain: string
  readonly mtaSts: readonly string[]
  /** Null if it was not requested. */
  readonly policy: PolicyFile | null
  readonly exchanges: readonly MailExchange[]
  readonly tlsRpt: readonly string[]
  readonly bimi: readonly string[]
  /** What DMARC asks receivers to do with mail that fails it. */
  readonly dmarc: string | null
}

export const isMtaSts = (text: string) => /^v\s*=\s*STSv1\s*;/.test(text)
const isTlsRpt = (text: string) => /^v\s*=\s*TLSRPTv1\s*;/.test(text)
const isBimi = (text: string) => /^v\s*=\s*BIMI1\s*;/.test(text)

export function judgePolicies(policies: Policies): DoctorFinding[] {
  const found = [...mtaSts(policies), ...tlsRpt(policies), ...bimi(policies)]
  if (found.length > 0) return found
  const { domain } = policies
  return [
    ok('dns.policies.none', `${domain} has no MTA-STS, TLS-RPT or BIMI; none is needed to send.`, {
      subject: domain,
    }),
  ]
}

function mtaSts({ domain, mtaSts: texts, policy, exchanges }: Policies): DoctorFinding[] {
  const records = texts.filter(isMtaSts)
  if (texts.length === 0) return []
  const why =
    'A broken policy can keep mail from reaching your own mailbox: replies of readers, and bounces.'
  const bad = (id: `dns.${string}`, what: string, fix: string) => [
    error(id, what, { subject: domain, why, fix }),
  ]
  if (
    records.length !== 1 ||
    !/^[a-z0-9]{1,32}$/i.test(readTags(records[0] ?? '')?.get('id') ?? '')
  )
    return bad(
      'dns.mta-sts.syntax',
      `The MTA-STS record at ${mtaStsNameOf(domain)} is invalid.`,
      'Publish exactly one, such as "v=STSv1; id=20270320", or remove it.',
    )
  if (policy === null) return []
  if ('failed' in policy)
    return bad(
      'dns.mta-sts.no-policy',
      `The MTA-STS policy at ${mtaStsUrlOf(domain)} cannot be read: ${policy.failed}.`,
      'Serve the policy there over https, with a valid certificate and without a redirect, or remove the record.',
    )
  const lines = policy.text.split(/\r?\n/).map((line) => line.split(/:\s*/, 2))
  const values = (key: string) =>
    lines.flatMap(([name, value = '']) => (name === key ? [value] : []))
  const [mode = ''] = values('mode')
  if (values('version')[0] !== 'STSv1' || !['enforce', 'testing', 'none'].includes(mode))
    return bad(
      'dns.mta-sts.policy',
      `The MTA-STS policy of ${domain} is invalid.`,
      'It needs the lines "version: STSv1", "mode: enforce" or "mode: testing", "max_age:" and "mx:".',
    )
  const patterns = values('mx').map((pattern) => pattern.trim())
  const strangers = exchanges.filter(
    ({ exchange }) => !patterns.some((pattern) => matchesMxPattern(exchange, pattern)),
  )
  if (mode !== 'none' && strangers.length > 0)
    return bad(
      'dns.mta-sts.mx',
      `The MTA-STS policy of ${domain} does not name ${strangers.map(({ exchange }) => exchange).join(', ')}.`,
      'Add a line "mx:" for every mail server of the domain, and change the id in the record.',
    )
  return [ok('dns.mta-sts.ok', `MTA-STS of ${domain}: mode ${mode}.`, { subject: domain })]
}

/** `*.example.org` stands for exactly one label (RFC 8461, 4.1). */
const matchesMxPattern = (host: string, pattern: string) =>
  pattern.startsWith('*.')
    ? plainDomain(host).replace(/^[^.]+/, '*') === plainDomain(pattern)
    : plainDomain(host) === plainDomain(pattern)

function tlsRpt({ domain, tlsRpt: texts }: Policies): DoctorFinding[] {
  if (texts.length === 0) return []
  const [text, ...more] = texts.filter(isTlsRpt)
  const usable = text !== undefined && more.length === 0 && /^(mailto|https):/.test(ruaOf(text))
  return [
    usable
      ? ok('dns.tls-rpt.ok', `TLS-RPT of ${domain}: reports go to ${ruaOf(text)}.`, {
          subject: domain,
        })
      : warning('dns.tls-rpt.syntax', `The TLS-RPT record at ${tlsRptNameOf(domain)} is invalid.`, {
          subject: domain,
          why: 'You get no reports when mail to you cannot be encrypted.',
          fix: 'Publish exactly one, such as "v=TLSRPTv1; rua=mailto:reports@…", or remove it.',
        }),
  ]
}

const ruaOf = (text: string) => readTags(text)?.get('rua') ?? ''

function bimi({ domain, bimi: texts, dmarc }: Policies): DoctorFinding[] {
  const [text] = texts.filter(isBimi)
  if (text === undefined) return []
  const logo = readTags(text)?.get('l') ?? ''
  // An empty value says that there is no logo.
  if (logo !== '' && !logo.startsWith('https://'))
    return [
      warning('dns.bimi.syntax', `The BIMI record of ${domain} names no https:// address.`, {
        subject: domain,
        why: 'No mailbox shows the logo.',
        fix: 'Set l= to the https:// address of an SVG, or remove the record.',
      }),
    ]
  return [
    dmarc === 'quarantine' || dmarc === 'reject'
      ? ok('dns.bimi.ok', `BIMI of ${domain}: ${logo || 'no logo'}.`, { subject: domain })
      : info('dns.bimi.dmarc', `${domain} has BIMI, but its DMARC policy is ${dmarc ?? 'none'}.`, {
          subject: domain,
          why: 'Mailboxes show a logo only if the DMARC policy is quarantine or reject.',
          fix: 'Do nothing until DMARC has had no failures for some weeks.',
        }),
  ]
}
