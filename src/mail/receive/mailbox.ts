/** The mailbox that bounces come back to, by IMAP (RFC 9051). */
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { ImapFlow, type SearchObject } from 'imapflow'
import { MINUTE, SECOND } from '../../domain/time.ts'
import type { ImapServer } from '../../platform/imap-url.ts'

export interface StoredMail {
  readonly uid: number
  /** Its bytes, or as many of them as are read. */
  readonly raw: Buffer
}

/** A folder that is open. Everything rejects with a MailboxFailure once it is not. */
export interface Mailbox extends AsyncDisposable {
  /** Mails that were not read yet, by UID, the oldest first. */
  unread(): Promise<number[]>
  /** Those of them that are still there. Nothing else may be asked for until it has ended. */
  read(uids: readonly number[]): AsyncIterable<StoredMail>
  /** They were understood: deletes, moves or marks them, as the setting says. */
  done(uids: readonly number[]): Promise<void>
  /** They were read, and stay where they are. */
  keep(uids: readonly number[]): Promise<void>
  /** Resolves when mail has come in, or after so many milliseconds. */
  news(ms: number, signal: AbortSignal): Promise<void>
}

/**
 * - `login`: the server does not let us in. `folder`: there is no such folder. `away`: all else.
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
  /** Bytes of a mail that are read. */
  readonly most: number
  /** What a silent server is waited for. Milliseconds. */
  readonly patienceMs?: number
}

/** What marks a mail as read by us, where the server lets us make flags of our own. */
const READ = '$DawnpostRead'
const PATIENCE = MINUTE
/** IDLE is begun again after so long: some servers end a session that says nothing. */
const IDLE_AT_MOST = 9 * MINUTE

/** Logs in and opens the folder. Throws a MailboxFailure. */
export async function openMailbox(
  server: ImapServer,
  { most, patienceMs = PATIENCE }: Terms,
): Promise<Mailbox> {
  const client = clientFor(server, { most, patienceMs })
  // What goes wrong is told by the command that fails of it.
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
    return using(client, { server, most, flag: ownFlags ? READ : '\\Flagged' })
  } catch (error) {
    client.close()
    throw new MailboxFailure(isRefusal(error) ? 'folder' : faultOf(error), error)
  }
}

function clientFor(
  { host, port, secure, loopback, auth }: ImapServer,
  { most, patienceMs }: Required<Terms>,
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
    maxIdleTime: IDLE_AT_MOST,
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    // It also counts while IDLE is silent, where the client asks whether the server is still there.
    socketTimeout: 2 * patienceMs,
    maxLiteralSize: 2 * most,
    maxResponseSize: 4 * most,
  })
}

interface Use {
  readonly server: ImapServer
  readonly most: number
  /** Marks what was read, and stays. */
  readonly flag: string
}

function using(client: ImapFlow, { server, most, flag }: Use): Mailbox {
  const unread: SearchObject = flag === READ ? { unKeyword: READ } : { flagged: false }
  const asked = async <T>(what: Promise<T>): Promise<T> => {
    try {
      return await what
    } catch (error) {
      throw new MailboxFailure('away', error)
    }
  }
  const must = async (what: Promise<unknown>, words: string) => {
    if (!(await asked(what))) throw new MailboxFailure('away', new Error(words))
  }
  const keep = (uids: readonly number[]) =>
    each(uids, (range) =>
      must(client.messageFlagsAdd(range, [flag], { uid: true }), 'it let no mail be marked'),
    )
  return {
    unread: async () => {
      const found = await asked(client.search({ ...unread, deleted: false }, { uid: true }))
      if (!found) throw new MailboxFailure('away', new Error('it answered no search'))
      return found.toSorted((a, b) => a - b)
    },
    read: (uids) => readBy(client, uids, most),
    done: async (uids) => {
      const { after } = server
      if (after.act === 'move') return move(client, uids, after.folder)
      if (after.act === 'keep') return keep(uids)
      return each(uids, (range) =>
        must(client.messageDelete(range, { uid: true }), 'it let no mail be deleted'),
      )
    },
    keep,
    news: (ms, signal) => newsFrom(client, ms, signal),
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
    // What whoever reads throws does not come by here.
    throw new MailboxFailure('away', error)
  }
}

/** The folder is made when there is none. */
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
    throw new MailboxFailure('folder', new Error(`it let no mail be moved to ${folder}`))
  })
}

const each = async (uids: readonly number[], act: (range: string) => Promise<void>) => {
  if (uids.length > 0) await act(uids.join(','))
}

/** A server without IDLE is asked now and then by the client; and all are when the time is over. */
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
