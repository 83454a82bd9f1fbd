/** One SMTP server we send through, as its address describes it. */

import { dateOf } from './domain/rhythm.ts'

export interface SmtpServer {
  /** Names the server in the ledger and the log: never with its credentials. */
  readonly name: string
  readonly host: string
  readonly port: number
  /** TLS from the first byte. */
  readonly secure: boolean
  readonly auth: { readonly user: string; readonly pass: string } | null
  /** The server is on this machine: it needs no TLS. */
  readonly loopback: boolean
  /** Connections a worker process has open to it at most, those being closed included. */
  readonly connections: number
  /** Mails over one connection before it is replaced. */
  readonly mailsPerConnection: number
  /** Servers of the lowest number are used; others when none of those is up. */
  readonly priority: number
  /** Share of the mails among servers of one priority. */
  readonly weight: number
  /** Mails a second and a day at most, of all workers together; null: no limit. */
  readonly perSecond: number | null
  readonly perDay: number | null
  /** The day its warm-up began (standards.md D22); null: it has a name with the providers. */
  readonly warmUp: Temporal.PlainDate | null
  /** Signs what goes through this server; null: the relay signs, or nobody does. */
  readonly dkim: { readonly domain: string; readonly selector: string; readonly keyFile: string } | null
}

/** Whether a host name means this machine. */
export const isLoopback = (hostname: string) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
const CONNECTIONS = 10
/** What servers deliver at once: Exim leaves what follows the tenth to its next queue run. */
const MAILS_PER_CONNECTION = 10
const SETTINGS = [
  ...['connections', 'mailsPerConnection', 'priority', 'weight', 'perSecond', 'perDay', 'warmUp'],
  ...['dkimDomain', 'dkimSelector', 'dkimKey'],
]

/**
 * Reads `smtp://user:password@host:port` or `smtps://…`, with settings after a `?`: connections,
 * mailsPerConnection, priority, weight; perSecond, perDay and warmUp (a date); dkimDomain, dkimSelector and dkimKey (a file). Throws a RangeError
 * that says what is wrong.
 */
export function readServer(address: string): SmtpServer {
  const url = URL.parse(address)
  if (!url || !['smtp:', 'smtps:'].includes(url.protocol) || !url.hostname) {
    throw new RangeError('must be an address like smtp://user:password@host:587')
  }
  const stranger = [...url.searchParams.keys()].find((name) => !SETTINGS.includes(name))
  if (stranger) throw new RangeError(`${stranger} is not a setting; use one of ${SETTINGS.join(', ')}`)
  const secure = url.protocol === 'smtps:'
  const port = url.port ? Number(url.port) : secure ? 465 : 587
  const { username, password, hostname } = url
  return {
    name: `${hostname}:${port}`,
    host: hostname.replace(/^\[|\]$/g, ''),
    port,
    secure,
    auth: username ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) } : null,
    loopback: isLoopback(hostname),
    connections: wholeFrom(url, 'connections') ?? CONNECTIONS,
    mailsPerConnection: wholeFrom(url, 'mailsPerConnection') ?? MAILS_PER_CONNECTION,
    priority: wholeFrom(url, 'priority') ?? 1,
    weight: wholeFrom(url, 'weight') ?? 1,
    perSecond: wholeFrom(url, 'perSecond'),
    perDay: wholeFrom(url, 'perDay'),
    warmUp: dateFrom(url, 'warmUp'),
    dkim: dkimFrom(url),
  }
}

function wholeFrom({ searchParams }: URL, name: string): number | null {
  const text = searchParams.get(name)
  if (text === null) return null
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new RangeError(`${name} must be a whole number from 1`)
  return Number(text)
}

function dateFrom({ searchParams }: URL, name: string): Temporal.PlainDate | null {
  const text = searchParams.get(name)
  if (text === null) return null
  const date = dateOf(text)
  if (date) return date
  throw new RangeError(`${name} must be a date like 2027-03-20`)
}

function dkimFrom({ searchParams }: URL): SmtpServer['dkim'] {
  const [domain, selector, keyFile] = ['dkimDomain', 'dkimSelector', 'dkimKey'].map((name) =>
    searchParams.get(name),
  )
  if (!domain && !selector && !keyFile) return null
  if (!domain || !selector || !keyFile)
    throw new RangeError('DKIM needs dkimDomain, dkimSelector and dkimKey')
  return { domain, selector, keyFile }
}
