/** The mailbox that receives bounces, as its address describes it. */

import { isLoopback } from './smtp-server.ts'
import { readLogin } from './smtp-url.ts'

/** What happens to a mail in the mailbox that was read and understood. */
export type AfterReading =
  | { readonly act: 'delete' | 'keep' }
  | { readonly act: 'move'; readonly folder: string }

export interface ImapServer {
  /** Names the server and the folder in the log, without credentials. */
  readonly name: string
  readonly host: string
  readonly port: number
  /** TLS from the first byte; otherwise STARTTLS is required. */
  readonly secure: boolean
  /** The server is on this machine and needs no TLS. */
  readonly loopback: boolean
  readonly auth: { readonly user: string; readonly pass: string }
  readonly folder: string
  readonly after: AfterReading
}

const SHAPE = 'must be an address like imaps://user:password@host:993/INBOX'
const ENCODE = 'in its user and password, write % as %25, # as %23, / as %2F, ? as %3F and @ as %40'
const ACTS = 'read must be delete, keep, or move:Folder'
const PORTS = { imap: 143, imaps: 993 } as const
const SERVER =
  /^(?<host>\[[^\]]+\]|[^\s/?#@:[\]\\]+)(?::(?<port>\d{1,5}))?(?:\/(?<folder>[^?#]*))?(?:\?(?<query>[^#]*))?$/

/**
 * Reads `imaps://user:password@host:993/INBOX`, or `imap://…` for STARTTLS, with `?read=` after it.
 * Throws a RangeError that says what is wrong and never repeats a password.
 */
export function readImapUrl(address: string): ImapServer {
  const [, scheme, rest = ''] = /^(imaps?):\/\/(.*)$/i.exec(address) ?? []
  if (!scheme) throw new RangeError(SHAPE)
  const end = rest.lastIndexOf('@')
  const { host, port, folder, query } = SERVER.exec(rest.slice(end + 1))?.groups ?? {}
  const hostname = host && URL.parse(`http://${host}`)?.hostname
  if (!hostname) throw new RangeError(`${SHAPE}; ${ENCODE}`)
  const auth = readLogin(rest.slice(0, Math.max(end, 0)))
  if (!auth?.pass) throw new RangeError(`${SHAPE}; the user or the password is missing`)
  const secure = scheme.toLowerCase() === 'imaps'
  const number = port ? Number(port) : PORTS[secure ? 'imaps' : 'imap']
  if (number < 1 || number > 65_535)
    throw new RangeError(`${SHAPE}; a port is a number from 1 to 65535`)
  const inbox = decoded(folder ?? '') || 'INBOX'
  return {
    name: `${hostname}:${number}/${inbox}`,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: number,
    secure,
    loopback: isLoopback(hostname),
    auth,
    folder: inbox,
    after: afterFrom(new URLSearchParams(query)),
  }
}

function decoded(folder: string): string {
  try {
    return decodeURIComponent(folder)
  } catch {
    throw new RangeError('in the name of its folder, write % as %25')
  }
}

function afterFrom(settings: URLSearchParams): AfterReading {
  const stranger = [...settings.keys()].find((name) => name !== 'read')
  if (stranger !== undefined) throw new RangeError(`${stranger} is not a setting; use read`)
  const text = settings.get('read') ?? 'delete'
  if (text === 'delete' || text === 'keep') return { act: text }
  const [, folder] = /^move:(.+)$/.exec(text) ?? []
  if (folder) return { act: 'move', folder }
  throw new RangeError(ACTS)
}
