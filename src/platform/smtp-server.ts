/** An SMTP server that mail is sent through, as its address describes it. */

import { isSelector, readSigningDomain } from '../domain/dkim.ts'
import { MAIL_PROVIDERS, type MailProvider, mailProviderAt } from '../domain/provider-id.ts'
import { parseDate } from '../domain/rhythm.ts'
import { readSmtpUrl } from './smtp-url.ts'

export interface SmtpServer {
  /** Names the server in the ledger and the log, without credentials. */
  readonly name: string
  readonly host: string
  readonly port: number
  /** TLS from the first byte. */
  readonly secure: boolean
  readonly auth: { readonly user: string; readonly pass: string } | null
  /** The server is on this machine and needs no TLS. */
  readonly loopback: boolean
  /** The name to send in EHLO; null: the name of this machine. */
  readonly ehloName: string | null
  /** Connections a worker process may have open to it, including those being closed. */
  readonly connections: number
  /**
   * Mails over one connection before it is replaced; null: as many as the server delivers
   * immediately.
   */
  readonly mailsPerConnection: number | null
  /** Servers with the lowest number are used; others only if none of those is up. */
  readonly priority: number
  /** Share of the mails among servers of the same priority. */
  readonly weight: number
  /** Mails per second and per day at most, of all workers together; null: no limit. */
  readonly perSecond: number | null
  readonly perDay: number | null
  /** The day its warm-up began (standards.md D22); null: it already has a reputation. */
  readonly warmUp: Temporal.PlainDate | null
  /**
   * The provider that runs the server, as set or known by its host name; null: none whose webhooks
   * are known.
   */
  readonly provider: MailProvider | null
  /**
   * The key that signs what goes through this server; null: the kept key of the sender's domain, if
   * one is in use (see dkim-keys.ts); `off`: the relay signs.
   */
  readonly dkim: DkimSettings | 'off' | null
}

export interface DkimSettings {
  readonly domain: string
  readonly selector: string
  readonly keyFile: string
}

/** Returns whether a host name means this machine. */
export const isLoopback = (hostname: string) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
const DEFAULT_CONNECTIONS = 10
const SETTINGS = [
  'name',
  'connections',
  'mailsPerConnection',
  'priority',
  'weight',
  'perSecond',
  'perDay',
  'warmUp',
  'provider',
  'dkimDomain',
  'dkimSelector',
  'dkimKey',
  'dkim',
]

/**
 * Reads `smtp://user:password@host:port` or `smtps://…`, with settings after a `?`: name;
 * connections, mailsPerConnection, priority, weight; perSecond, perDay and warmUp (a date);
 * provider; dkimDomain, dkimSelector and dkimKey (a file), or dkim (off). Throws a RangeError that
 * says what is wrong.
 */
export function readServer(address: string): SmtpServer {
  const { secure, hostname, port, auth, settings } = readSmtpUrl(address, SETTINGS)
  const stranger = [...settings.keys()].find((name) => !SETTINGS.includes(name))
  if (stranger)
    throw new RangeError(`${stranger} is not a setting; use one of ${SETTINGS.join(', ')}`)
  return {
    name: `${hostname}:${port}`,
    host: hostname.replace(/^\[|\]$/g, ''),
    port,
    secure,
    auth,
    loopback: isLoopback(hostname),
    ehloName: nameFrom(settings),
    connections: wholeFrom(settings, 'connections') ?? DEFAULT_CONNECTIONS,
    mailsPerConnection: wholeFrom(settings, 'mailsPerConnection'),
    priority: wholeFrom(settings, 'priority') ?? 1,
    weight: wholeFrom(settings, 'weight') ?? 1,
    perSecond: wholeFrom(settings, 'perSecond'),
    perDay: wholeFrom(settings, 'perDay'),
    warmUp: dateFrom(settings, 'warmUp'),
    provider: providerFrom(settings) ?? mailProviderAt(hostname),
    dkim: dkimFrom(settings),
  }
}

/** Uses the host of our pages as the EHLO name unless the server's address gives another. */
export const withEhloName = (siteHost: string, server: SmtpServer): SmtpServer => ({
  ...server,
  ehloName: server.ehloName ?? nameInEhlo(siteHost),
})

function nameFrom(settings: URLSearchParams): string | null {
  const text = settings.get('name')
  if (text === null) return null
  const name = nameInEhlo(text)
  if (name) return name
  throw new RangeError('name must be a host like courses.example.com, or an IP address')
}

/**
 * Returns a host in the form that EHLO takes (RFC 5321, 4.1.3 and 4.1.1.1): a domain name of two
 * labels or more, or an address in brackets; null if it is neither.
 */
function nameInEhlo(text: string): string | null {
  const bare = text.replace(/^\[(?:IPv6:)?(.*)\]$/i, '$1')
  const host = hostOf(bare.includes(':') ? `[${bare}]` : bare)
  if (/^\d+(\.\d+){3}$/.test(host)) return `[${host}]`
  if (host.startsWith('[')) return host.replace('[', '[IPv6:')
  return /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(host) ? host : null
}

const hostOf = (text: string) =>
  /^[^\s/?#@\\]+$/.test(text)
    ? (URL.parse(`http://${text}`)?.hostname ?? '').replace(/\.$/, '')
    : ''

function wholeFrom(settings: URLSearchParams, name: string): number | null {
  const text = settings.get(name)
  if (text === null) return null
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new RangeError(`${name} must be a whole number from 1`)
  return Number(text)
}

function dateFrom(settings: URLSearchParams, name: string): Temporal.PlainDate | null {
  const text = settings.get(name)
  if (text === null) return null
  const date = parseDate(text)
  if (date) return date
  throw new RangeError(`${name} must be a date like 2027-03-20`)
}

function providerFrom(settings: URLSearchParams): MailProvider | null {
  const text = settings.get('provider')
  if (text === null) return null
  const provider = MAIL_PROVIDERS.find((name) => name === text)
  if (provider) return provider
  throw new RangeError(`provider must be one of ${MAIL_PROVIDERS.join(', ')}`)
}

function dkimFrom(settings: URLSearchParams): SmtpServer['dkim'] {
  const [domain, selector, keyFile] = ['dkimDomain', 'dkimSelector', 'dkimKey'].map((name) =>
    settings.get(name),
  )
  const dkim = settings.get('dkim')
  if (dkim !== null && dkim !== 'off') throw new RangeError('dkim can only be off')
  if (!domain && !selector && !keyFile) return dkim
  if (dkim) throw new RangeError('dkim=off does not go with dkimDomain, dkimSelector and dkimKey')
  if (!domain || !selector || !keyFile)
    throw new RangeError('DKIM needs dkimDomain, dkimSelector and dkimKey')
  const name = readSigningDomain(domain)
  if (!name) throw new RangeError('dkimDomain must be a domain like courses.example.com')
  if (!isSelector(selector))
    throw new RangeError('dkimSelector must be of letters, digits and hyphens, like dp202611')
  return { domain: name, selector, keyFile }
}
