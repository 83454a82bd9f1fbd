/** The mailbox that bounces come back to, over IMAP (RFC 9051). */
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { ImapFlow, type SearchObject } from 'imapflow'
import { MINUTE, SECOND } from '../../domain/time.ts'
import type { ImapServer } from '../../platform/imap-url.ts'

export interface StoredMail {
  readonly uid: number
  /** Its bytes, up to the size limit. */
  readonly raw: Buffer
}

/** An open folder. All methods reject with a MailboxFailure once it is closed. */
export interface Mailbox extends AsyncDisposable {
  /** Returns the UIDs of mails not read yet, oldest first. */
  unread(): Promise<number[]>
  /** Yields those that still exist. No other method may be called until this has ended. */
  read(uids: readonly number[]): AsyncIterable<StoredMail>
  /** Deletes, moves or marks mails that were understood, as configured. */
  markProcessed(uids: readonly number[]): Promise<void>
  /** Marks mails as read and leaves them where they are. */
  keep(uids: readonly number[]): Promise<void>
  /** Resolves when mail has arrived, or after this many milliseconds. */
  waitForMail(ms: number, signal: AbortSignal): Promise<void>
}

/**
 * `login`: the server rejects the login. `tls`: TLS fails. `folder`: there is no such folder.
 * `away`: everything else.
 */
export type MailboxFault = 'login' | 'tls' | 'folder' | 'away'

export class MailboxFailure extends Error {
  readonly fault: MailboxFault

  constructor(fault: MailboxFault, cause: unknown) {
    super(wordsOf(cause), { cause })
    this.fault = fault
  }
}

interface Terms {
  /** Maximum number of bytes read of a mail. */
  readonly most: number
  /** How long to wait for a silent server, in milliseconds. */
  readonly timeoutMs?: number
}

/** Marks a mail as read by Dawnpost, if the server permits custom flags. */
const READ = '$DawnpostRead'
const TIMEOUT_MS = MINUTE
/** IDLE is restarted after this time, because some servers end silent sessions. */
const MAX_IDLE_MS = 9 * MINUTE

/** Logs in and opens the folder. Throws a MailboxFailure. */
export async function openMailbox(
  server: ImapServer,
  { most, timeoutMs = TIMEOUT_MS }: Terms,
): Promise<Mailbox> {
  const client = clientFor(server, { most, timeoutMs })
  // Errors are reported by the command that fails because of them.
  client.on('error', () => {})
  try {
    await client.connect()
  } catch (error) {
    client.close()
    throw new MailboxFailure(faultOf(error), error)
  }
  try {
    const { permanentFlags } = await client.mailboxOpen(server.folder)
    const ownFlags = !permanentFlags || permanentFlags.has('\\*') || permanentFlags.has(READ)
    return createMailbox(client, { server, most, flag: ownFlags ? READ : '\\Flagged' })
  } catch (error) {
    client.close()
    throw new MailboxFailure(isRefusal(error) ? 'folder' : faultOf(error), error)
  }
}

function clientFor(
  { host, port, secure, loopback, auth }: ImapServer,
  { most, timeoutMs }: Required<Terms>,
) {
  return new ImapFlow({
    host,
    port,
    secure,
    ...(secure ? {} : { doSTARTTLS: !loopback }),
    auth,
    logger: false,
    disableAutoIdle: true,
    disableCompression: true,
    maxIdleTime: MAX_IDLE_MS,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    // Also runs while IDLE is silent; the client then checks whether the server is still there.
    socketTimeout: 2 * timeoutMs,
    maxLiteralSize: 2 * most,
    maxResponseSize: 4 * most,
  })
}

interface MailboxContext {
  readonly server: ImapServer
  readonly most: number
  /** The flag that marks a mail as read. */
  readonly flag: string
}

function createMailbox(client: ImapFlow, { server, most, flag }: MailboxContext): Mailbox {
  const unread: SearchObject = flag === READ ? { unKeyword: READ } : { flagged: false }
  const request = async <T>(what: Promise<T>): Promise<T> => {
    try {
      return await what
    } catch (error) {
      throw new MailboxFailure('away', error)
    }
  }
  const requireSuccess = async (what: Promise<unknown>, words: string) => {
    if (!(await request(what))) throw new MailboxFailure('away', new Error(words))
  }
  const keep = (uids: readonly number[]) =>
    each(uids, (range) =>
      requireSuccess(
        client.messageFlagsAdd(range, [flag], { uid: true }),
        'it let no mail be marked',
      ),
    )
  return {
    unread: async () => {
      const found = await request(client.search({ ...unread, deleted: false }, { uid: true }))
      if (!found) throw new MailboxFailure('away', new Error('it did not answer a search'))
      return found.toSorted((a, b) => a - b)
    },
    read: (uids) => readBy(client, uids, most),
    markProcessed: async (uids) => {
      const { after } = server
      if (after.act === 'move') return move(client, uids, after.folder)
      if (after.act === 'keep') return keep(uids)
      return each(uids, (range) =>
        requireSuccess(client.messageDelete(range, { uid: true }), 'it let no mail be deleted'),
      )
    },
    keep,
    waitForMail: (ms, signal) => newsFrom(client, ms, signal),
    [Symbol.asyncDispose]: async () => {
      const late = pause(SECOND, undefined, { ref: false })
      await Promise.race([client.logout().catch(() => {}), late])
      client.close()
    },
  }
}

async function* readBy(client: ImapFlow, uids: readonly number[], most: number) {
  if (uids.length === 0) return
  try {
    const query = { uid: true, source: { start: 0, maxLength: most } }
    for await (const { uid, source } of client.fetch(uids.join(','), query, { uid: true }))
      if (source) yield { uid, raw: source }
  } catch (error) {
    // Errors thrown by the consumer of the generator do not reach this.
    throw new MailboxFailure('away', error)
  }
}

/** Moves mails, creating the folder if there is none. */
async function move(client: ImapFlow, uids: readonly number[], folder: string): Promise<void> {
  const moved = (range: string) => client.messageMove(range, folder, { uid: true })
  await each(uids, async (range) => {
    try {
      if (await moved(range)) return
      await client.mailboxCreate(folder)
      if (await moved(range)) return
    } catch (error) {
      throw new MailboxFailure(isRefusal(error) ? 'folder' : 'away', error)
    }
    throw new MailboxFailure('folder', new Error(`it did not move a mail to ${folder}`))
  })
}

const each = async (uids: readonly number[], act: (range: string) => Promise<void>) => {
  if (uids.length > 0) await act(uids.join(','))
}

/** Without IDLE, the client polls the server; in any case this ends when the time is over. */
async function newsFrom(client: ImapFlow, ms: number, signal: AbortSignal): Promise<void> {
  const stop = new AbortController()
  const both = AbortSignal.any([signal, stop.signal])
  const come = once(client, 'exists', { signal: both }).catch(() => {})
  const closed = once(client, 'close', { signal: both }).catch(() => {})
  const over = pause(ms, undefined, { signal: both }).catch(() => {})
  // Ended by the next command, or by the server.
  client.idle().catch(() => {})
  await Promise.race([come, closed, over])
  stop.abort()
  if (!client.usable) throw new MailboxFailure('away', new Error('the connection was closed'))
}

const TLS =
  /^(CERT_|ERR_SSL_|ERR_TLS_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA$|EPROTO$)|STARTTLS/

interface ImapFault {
  readonly authenticationFailed?: boolean
  readonly mailboxMissing?: boolean
  readonly responseStatus?: string
  readonly responseText?: string
  readonly code?: string
  readonly message: string
}

const faultOf = (error: unknown): MailboxFault => {
  const { authenticationFailed, code = '', message } = error as ImapFault
  if (authenticationFailed) return 'login'
  return TLS.test(code) || /STARTTLS/.test(message) ? 'tls' : 'away'
}

const isRefusal = (error: unknown) => {
  const { mailboxMissing, responseStatus } = error as ImapFault
  return mailboxMissing === true || responseStatus === 'NO'
}

const wordsOf = (cause: unknown) => {
  const { responseText, message } = cause as ImapFault
  return (responseText || message).replace(/[^\x20-\x7e]+/g, ' ').slice(0, 300)
}
