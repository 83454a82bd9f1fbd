/** Where mail comes in, and the names of the hosts that send it. */

import { type MailExchange, plainDomain } from './dns.ts'
import {
  type DnsRecord,
  type DoctorFinding,
  error,
  errorIf,
  info,
  ok,
  record,
  warning,
} from './finding.ts'
import { isPublic, isSameAddress, readIp, reverseName } from './ip.ts'

/** What a domain is used for. */
export type DomainUse = 'from' | 'reply' | 'bounce'

const USED: Readonly<Record<DomainUse, string>> = {
  from: 'used in the From address',
  reply: 'used in REPLY_TO',
  bounce: 'used as BOUNCE_DOMAIN',
}

export interface Incoming {
  readonly domain: string
  readonly use: DomainUse
  readonly exchanges: readonly (MailExchange & { readonly addresses: readonly string[] })[]
  /** Those of the domain itself, where mail goes if there is no MX (RFC 5321, 5.1). */
  readonly addresses: readonly string[]
  /** The host to receive bounces. */
  readonly ownHost: string | null
}

/** Judges whether mail to a domain arrives anywhere (standards.md B11). */
export function judgeIncoming(incoming: Incoming): DoctorFinding[] {
  const { domain, use, exchanges, addresses } = incoming
  const subject = domain
  const why =
    use === 'bounce'
      ? 'Bounces go there. Bounces that nobody processes ruin the reputation of a sender within weeks.'
      : 'Readers reply, and providers test the address: mail from an address that accepts none is rated lower.'
  const more = { subject, why, fix: fixFor(use), records: [mxRecordFor(incoming)] }
  if (exchanges.some(({ exchange }) => ['', '.'].includes(exchange)))
    return [
      error('dns.mx.null', `${domain}, ${USED[use]}, accepts no mail: it has a null MX record.`, {
        ...more,
        fix: 'Remove that MX record, and publish one for a server that accepts the mail.',
      }),
    ]
  if (exchanges.length === 0 && addresses.length === 0)
    return [
      error(
        'dns.mx.missing',
        `${domain}, ${USED[use]}, has no MX record and no address in DNS.`,
        more,
      ),
    ]
  if (exchanges.length === 0)
    return [
      warning('dns.mx.none', `${domain}, ${USED[use]}, has no MX record.`, {
        ...more,
        why: 'Mail goes to the web server of that name instead, which may not accept any.',
      }),
    ]
  const dead = exchanges.filter((exchange) => exchange.addresses.length === 0)
  if (dead.length === exchanges.length)
    return [
      error('dns.mx.dead', `The mail servers of ${domain} have no address in DNS.`, {
        ...more,
        fix: `Correct the MX record; it names ${dead.map(({ exchange }) => exchange).join(', ')}.`,
        records: [],
      }),
    ]
  const names = exchanges.map(({ exchange }) => exchange).slice(0, 3)
  return [ok('dns.mx.ok', `Mail to ${domain} goes to ${names.join(', ')}.`, { subject })]
}

const fixFor = (use: DomainUse) =>
  use === 'bounce'
    ? 'Publish this record if Dawnpost receives bounces itself (BOUNCE_LISTEN). If a bounce mailbox receives them, name its server instead.'
    : 'Publish an MX record with the servers of your mailbox provider, or use an address of a domain that accepts mail.'

const mxRecordFor = ({ domain, use, ownHost }: Incoming): DnsRecord =>
  use === 'bounce' && ownHost
    ? record('MX', domain, `10 ${ownHost}.`)
    : record('MX', domain, '10 mail.provider.example.', {
        fillIn: 'the server of your mailbox provider',
      })

export interface SendingHost {
  /** Its name in EHLO. */
  readonly name: string
  /** Addresses of that name in DNS. */
  readonly addresses: readonly string[]
  /** Addresses that should lead back to it, with their names and where those lead. */
  readonly reverse: readonly ReverseLookup[]
  /** Whether providers see this host: it sends directly, or its address was given. */
  readonly isSeen: boolean
  /** A public address of this machine; null if unknown. */
  readonly ownAddress: string | null
}

export interface ReverseLookup {
  readonly address: string
  readonly names: readonly { readonly name: string; readonly addresses: readonly string[] }[]
}

const WHY_NAMED =
  'Providers look up the EHLO name of a server, and the PTR name of its address. Gmail refuses mail from an address without a PTR name that resolves back to it.'
const WHY_MAY =
  'Some relays, and servers behind them, look up the EHLO name. Readers’ providers see only the relay.'

/**
 * Judges the name in EHLO, and whether each address leads back to itself (FCrDNS; standards.md B6).
 */
export function judgeHost(host: SendingHost): DoctorFinding[] {
  const { name, addresses, isSeen, ownAddress, reverse } = host
  const why = isSeen ? WHY_NAMED : WHY_MAY
  const bad = errorIf(isSeen)
  if (addresses.length === 0)
    return [
      bad('dns.ehlo.missing', `The EHLO name ${name} has no address in DNS.`, {
        subject: name,
        why,
        fix: 'Publish this record, or set another name with ?name=… in SMTP_URL.',
        records: [addressRecord(name, ownAddress)],
      }),
    ]
  const local = addresses.filter((address) => !isPublic(address))
  const found: DoctorFinding[] =
    local.length > 0
      ? [
          warning(
            'dns.ehlo.private',
            `EHLO: ${name} resolves to ${local.join(', ')}, not to a public address.`,
            {
              subject: name,
              why,
              fix: 'Make it resolve to the public address of this server.',
              records: [addressRecord(name, ownAddress)],
            },
          ),
        ]
      : [ok('dns.ehlo.ok', `EHLO: ${name} resolves to ${addresses.join(', ')}.`, { subject: name })]
  return [...found, ...reverse.flatMap((lookup) => judgeReverse(lookup, host))]
}

function judgeReverse({ address, names }: ReverseLookup, host: SendingHost): DoctorFinding[] {
  const { name, addresses, isSeen } = host
  const bad = errorIf(isSeen)
  const more = {
    subject: address,
    why: isSeen ? WHY_NAMED : WHY_MAY,
    fix: 'The provider of the address publishes this: set it in the console of your server’s provider, as "reverse DNS" or "PTR".',
    records: [record('PTR', reverseName(address), `${name}.`)],
  }
  if (names.length === 0) return [bad('dns.ptr.missing', `${address} has no PTR record.`, more)]
  const forward = names.filter((ptr) => ptr.addresses.some((to) => isSameAddress(to, address)))
  if (forward.length === 0)
    return [
      bad(
        'dns.ptr.no-forward',
        `${address} has the PTR name ${namesOf(names)}, which does not resolve back.`,
        {
          ...more,
          records: addresses.some((hostAddress) => isSameAddress(hostAddress, address))
            ? more.records
            : [...more.records, addressRecord(name, address)],
        },
      ),
    ]
  const isOwn = forward.some((ptr) => plainDomain(ptr.name) === plainDomain(name))
  return [
    isOwn || !isSeen
      ? ok('dns.ptr.ok', `${address} has the PTR name ${namesOf(forward)}, which resolves back.`, {
          subject: address,
        })
      : info(
          'dns.ptr.other-name',
          `${address} has the PTR name ${namesOf(forward)}, not ${name}.`,
          {
            ...more,
            why: 'The address and its name match, which is what counts; one name for PTR and EHLO is better.',
          },
        ),
  ]
}

const namesOf = (names: readonly { readonly name: string }[]) =>
  names.map(({ name }) => name).join(', ')

/** Address record of one of our hosts, with a placeholder if the address is unknown. */
export const addressRecord = (name: string, address: string | null): DnsRecord =>
  record(
    address !== null && readIp(address)?.version === 6 ? 'AAAA' : 'A',
    name,
    address ?? '192.0.2.1',
    { fillIn: address === null ? 'the public address of this server' : null },
  )
