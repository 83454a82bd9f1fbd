/** DNS of the domains that mail is from, bounces come back to, and links lead to. */

import { dkimRecordName } from '../../../domain/dkim.ts'
import {
  ADDRESS_LISTS,
  blocklistQueryName,
  DOMAIN_LISTS,
  judgeListings,
} from '../../../domain/doctor/blocklists.ts'
import {
  type DkimPublicKey,
  dkimByRelay,
  dkimUnused,
  judgeDkim,
} from '../../../domain/doctor/dkim-record.ts'
import {
  externalReportDomains,
  judgeAlignment,
  judgeDmarc,
  judgeReports,
  reportNameOf,
  walkDmarc,
} from '../../../domain/doctor/dmarc.ts'
import { type DnsResolver, plainDomain } from '../../../domain/doctor/dns.ts'
import { type DoctorFinding, info } from '../../../domain/doctor/finding.ts'
import { type DomainUse, judgeIncoming } from '../../../domain/doctor/judge-names.ts'
import { judgeSpf } from '../../../domain/doctor/judge-spf.ts'
import {
  bimiNameOf,
  isMtaSts,
  judgePolicies,
  mtaStsNameOf,
  mtaStsUrlOf,
  type PolicyFile,
  tlsRptNameOf,
} from '../../../domain/doctor/policies.ts'
import { includeFor } from '../../../domain/doctor/relays.ts'
import { walkSpf } from '../../../domain/doctor/spf.ts'
import type { SmtpServer } from '../../../platform/smtp-server.ts'
import type { Check } from './check.ts'
import { hostChecks } from './hosts.ts'

export interface Deps {
  readonly names: DnsResolver
  /** Returns the MTA-STS policy at a URL. */
  readonly policyAt: (url: string) => Promise<PolicyFile>
}

export interface SenderSetup {
  /** Sender of mail; null if not set. */
  readonly from: string | null
  readonly replyTo: string | null
  /** Domain that bounces come back to; null if they go to the sender. */
  readonly bounceDomain: string | null
  /** Host of PUBLIC_URL, if others can reach it. */
  readonly publicHost: string | null
  readonly servers: readonly SmtpServer[]
  readonly dkimKeys: readonly DkimPublicKey[]
  /** Address that mail leaves from, according to the operator; null if unknown. */
  readonly sendingIp: string | null
  /** Public address of this machine; null if it has none of its own. */
  readonly ownAddress: string | null
  readonly blocklists: boolean
}

export function dnsChecks(sending: SenderSetup, deps: Deps): Check[] {
  const { from, replyTo, bounceDomain } = sending
  if (from === null) return [check('the sender', async () => [NO_SENDER])]
  const domain = domainOf(from)
  const envelope = bounceDomain ?? domain
  const uses: [string, DomainUse][] = [
    [domain, 'from'],
    ...(replyTo && domainOf(replyTo) !== domain
      ? [[domainOf(replyTo), 'reply'] as [string, DomainUse]]
      : []),
    ...(bounceDomain ? [[bounceDomain, 'bounce'] as [string, DomainUse]] : []),
  ]
  return [
    ...uses.map(([name, use]) =>
      check(`the mail servers of ${name}`, () => incoming(name, use, sending, deps)),
    ),
    ...new Set([envelope, domain])
      .values()
      .map((name) => spf(name, name === envelope, sending, deps)),
    ...dkim(domain, sending, deps),
    check(`DMARC of ${domain}`, () => dmarc(domain, envelope, sending, deps)),
    ...hostChecks(sending, deps),
    check(`the policies of ${domain}`, () => policies(domain, deps)),
    ...(sending.blocklists ? [check('blocklists', () => listings(domain, sending, deps))] : []),
  ]
}

const check = (what: string, run: Check['run']): Check => ({ group: 'dns', what, run })
const domainOf = (address: string) => plainDomain(address.slice(address.lastIndexOf('@') + 1))

const NO_SENDER = info('dns.sender', 'MAIL_FROM is not set: there is no domain to check yet.', {
  why: 'Mailbox providers judge mail by the domain it comes from.',
  fix: 'Set MAIL_FROM to an address of a domain of your own.',
  settings: ['MAIL_FROM'],
})

async function incoming(
  domain: string,
  use: DomainUse,
  { publicHost }: SenderSetup,
  { names }: Deps,
) {
  const [exchanges, addresses] = await Promise.all([names.mx(domain), names.addresses(domain)])
  const resolved = await Promise.all(
    exchanges.slice(0, 10).map(async (mx) => ({
      ...mx,
      addresses: await names.addresses(mx.exchange),
    })),
  )
  return judgeIncoming({ domain, use, exchanges: resolved, addresses, ownHost: publicHost })
}

function spf(domain: string, isEnvelope: boolean, sending: SenderSetup, { names }: Deps): Check {
  const { servers, sendingIp } = sending
  const ownServers = servers.filter(({ host }) => includeFor(host) === null)
  const exits = {
    includes: [...new Set(servers.flatMap(({ host }) => includeFor(host) ?? []))],
    hosts: [...new Set(ownServers.flatMap((server) => hostOf(server) ?? []))],
    address: sendingIp,
  }
  return check(`SPF of ${domain}`, async () =>
    judgeSpf(await walkSpf(domain, names, sendingIp), { domain, exits, isEnvelope }),
  )
}

/** Returns the name of the host that sends: the relay's, or our own if it is on this machine. */
const hostOf = ({ loopback, host, ehloName }: SmtpServer) => {
  const name = loopback || !/[a-z]/i.test(host) || !host.includes('.') ? ehloName : host
  return name?.startsWith('[') ? null : name
}

function dkim(domain: string, { dkimKeys, servers }: SenderSetup, { names }: Deps): Check[] {
  const checks = dkimKeys.map((key) =>
    check(`the DKIM record ${dkimRecordName(key)}`, async () => [
      ...dkimUnused(key, domain),
      ...judgeDkim(await names.txt(dkimRecordName(key)), key),
    ]),
  )
  const isSigned = dkimKeys.length > 0 || servers.length === 0
  return isSigned ? checks : [check('DKIM', async () => [dkimByRelay(domain, [])])]
}

async function dmarc(domain: string, envelope: string, sending: SenderSetup, { names }: Deps) {
  const walk = await walkDmarc(domain, names)
  const organized = async (name: string) => ({
    domain: name,
    organization: (await walkDmarc(name, names)).organization,
  })
  const signing = [...new Set(sending.dkimKeys.map((key) => plainDomain(key.domain)))]
  const [envelopes, ...signatures] = await Promise.all([envelope, ...signing].map(organized))
  const foreignDomains = externalReportDomains(walk)
  const reports = await Promise.all(
    foreignDomains.map(async (other) => {
      const texts = await names.txt(reportNameOf(domain, other))
      return judgeReports(
        texts.some((text) => /^v\s*=\s*DMARC1\b/.test(text)),
        domain,
        other,
      )
    }),
  )
  return [
    ...judgeDmarc(walk, { reportsTo: sending.from ?? `postmaster@${domain}` }),
    ...reports.flat(),
    ...(envelopes ? judgeAlignment({ from: walk, envelope: envelopes, signatures }) : []),
  ]
}

async function policies(domain: string, { names, policyAt }: Deps): Promise<DoctorFinding[]> {
  const [mtaSts, tlsRpt, bimi, exchanges, { record }] = await Promise.all([
    names.txt(mtaStsNameOf(domain)),
    names.txt(tlsRptNameOf(domain)),
    names.txt(bimiNameOf(domain)),
    names.mx(domain),
    walkDmarc(domain, names),
  ])
  const policy = mtaSts.some(isMtaSts) ? await policyAt(mtaStsUrlOf(domain)) : null
  const dmarc = record?.tags.get('p')?.toLowerCase() ?? null
  return judgePolicies({ domain, mtaSts, policy, exchanges, tlsRpt, bimi, dmarc })
}

async function listings(
  domain: string,
  sending: SenderSetup,
  { names }: Deps,
): Promise<DoctorFinding[]> {
  const { sendingIp, ownAddress } = sending
  const address = sendingIp ?? ownAddress
  const asked = [
    ...(address ? ADDRESS_LISTS.map((list) => ({ list, what: address })) : []),
    ...DOMAIN_LISTS.map((list) => ({ list, what: domain })),
  ]
  const answers = asked.map(async ({ list, what }) => ({
    list,
    what,
    codes: await names.addresses(blocklistQueryName(what, list)).catch(() => null),
  }))
  return judgeListings(await Promise.all(answers))
}
