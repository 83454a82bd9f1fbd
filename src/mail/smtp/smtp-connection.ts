/**
 * nodemailer's SMTP connection, adapted to messages built in advance: what nodemailer does byte by
 * byte in streams, because it knows nothing of the message, is a copy, a search and one write here.
 * The package is pinned to an exact version because the overridden members are not part of its
 * interface.
 */
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import { type PeerCertificate, TLSSocket } from 'node:tls'
import type NodemailerConnection from 'nodemailer/lib/smtp-connection'
import { SECOND } from '../../domain/time.ts'
import type { MimeMessage } from '../mail.ts'

/**
 * Loaded with `require` because nodemailer's ES module imports node:http for attachments from the
 * web, and that import also loads all of Node's fetch: 16 MB per sender.
 */
const Connection: typeof NodemailerConnection = createRequire(import.meta.url)(
  'nodemailer/lib/smtp-connection',
)

/** Members of nodemailer's connection that its types omit. */
interface NodemailerInternals {
  readonly _socket: Socket
  readonly _responseActions: ((reply: string) => void)[]
  /**
   * The login methods the server offered that nodemailer knows, in nodemailer's order of
   * preference.
   */
  readonly _supportedAuth: readonly string[]
  readonly _ehloLines?: readonly string[]
  readonly _supportedExtensions: readonly string[]
  readonly lastServerResponse: string | false
  _actionSMTPStream(reply: string, callback: (error: Error | null, reply?: string) => void): void
}

interface Outgoing {
  readonly message: MimeMessage
  /**
   * Called before the server can have the whole message. If it returns false, the server gets none
   * and the connection is closed.
   */
  readonly mayEnd: () => boolean
  /**
   * Called when all of the message has been written, if the server accepts the next mail's envelope
   * behind it (RFC 2920, 3.1). Returns true if one follows, in the next microtask.
   */
  readonly written: () => boolean
}

/** A mail being sent. */
export interface Sending {
  /** Whether the server may have accepted it: its final dot has left. */
  readonly handedOver: boolean
}

interface InFlightMessage extends Outgoing {
  handedOver: boolean
  /** Only the first call counts. */
  readonly done: SendCallback
}

interface PendingWrite {
  readonly socket: Socket
  readonly bytes: Buffer
  readonly sent: InFlightMessage
}

type SendCallback = Parameters<NodemailerConnection['send']>[2]

/** How long a server may take to answer QUIT, and then to close the connection. */
const QUIT_TIMEOUT_MS = SECOND
/** How long it may take to answer RSET. */
const RESET_TIMEOUT_MS = 10 * SECOND
/** Mails Exim takes over one connection before it leaves the rest to its next queue run. */
const MAILS_BEFORE_EXIM_QUEUES = 10
/** A new connection costs as much as several mails; spread over this many, that is little. */
const MAILS_PER_CONNECTION = 100
/** The first line of Exim's EHLO reply, which, unlike its greeting, cannot be configured. */
const EXIM = /^250[- ]\S+ Hello \S.* \[[^[\]]+\]$/m
const ENDED = { code: 'ECONNECTION' }
const LINE_DOT = Buffer.from('\n.')
const END = Buffer.from('.\r\n')

export class SmtpConnection extends Connection {
  /** Resolves when the socket is closed; until then the server counts it as open. */
  readonly closed: Promise<void>
  /** How many mails over one connection the server is known to deliver immediately. */
  defaultMaxMails = MAILS_BEFORE_EXIM_QUEUES
  /** Whether a mail has been answered on this connection. */
  #isProven = false
  /** The mail whose envelope was sent last. */
  #last: InFlightMessage | undefined
  /** Unanswered mails: two at most. */
  readonly #open = new Set<InFlightMessage>()
  /** Why the connection ended, if nodemailer reports it. */
  #why: Error | undefined
  /**
   * Buffer reused for every message: the next is written after the server has answered the last.
   */
  #memory = Buffer.alloc(0)

  constructor(options: NodemailerConnection.Options) {
    super({ socketCloseTimeout: QUIT_TIMEOUT_MS, ...options })
    this.once('connect', () => {
      const { lastServerResponse: hello } = internalsOf(this)
      if (hello && !EXIM.test(hello)) this.defaultMaxMails = MAILS_PER_CONNECTION
    })
    this.closed = new Promise((resolve) => {
      this.once('end', () => {
        const { _socket: socket } = this as unknown as Partial<NodemailerInternals>
        if (!socket || socket.closed) resolve()
        else socket.once('close', () => resolve())
      })
    })
    // nodemailer knows only one mail at a time, and reports its own reason to it before this.
    this.once('error', (error) => {
      this.#why = error
    })
    this.once('end', () => setImmediate(() => this.#failAll()))
  }

  #failAll() {
    const why = this.#why ?? Object.assign(new Error('the connection was closed'), ENDED)
    for (const { done } of this.#open) done(why, undefined as never)
  }

  /** Sends QUIT, and closes the connection even if the server does not answer. */
  leave(): void {
    const late = setTimeout(() => this.close(), QUIT_TIMEOUT_MS).unref()
    this.once('end', () => clearTimeout(late))
    this.quit()
  }

  /** Resets after a rejected mail (RFC 5321, 4.1.1.5); closes the connection if that fails. */
  resetOrClose(done: () => void): void {
    const late = setTimeout(() => this.close(), RESET_TIMEOUT_MS).unref()
    const end = () => {
      clearTimeout(late)
      done()
    }
    this.once('end', end)
    this.reset((error) => {
      this.off('end', end)
      if (error) this.close()
      end()
    })
  }

  /**
   * Sends a message in which every line ends with CRLF, including the last. May be called again as
   * soon as `written` has been called, because the server answers in order.
   */
  sendPieces(
    envelope: NodemailerConnection.Envelope,
    outgoing: Outgoing,
    callback: SendCallback,
  ): Sending {
    const done: SendCallback = (error, info) => {
      if (this.#open.delete(sent)) callback(error, info)
    }
    const sent: InFlightMessage = { ...outgoing, handedOver: false, done }
    this.#last = sent
    this.#open.add(sent)
    this.send(envelope, outgoing.message[0], done)
    return sent
  }

  /** The method for logging in with a password: the first one offered; null if none is. */
  get loginMethod(): string | null {
    return internalsOf(this)._supportedAuth.find((method) => method !== 'XOAUTH2') ?? null
  }

  /** Whether the connection has ended, even if the `end` event is still to come. */
  get isGone(): boolean {
    return this.destroyed || internalsOf(this)._socket.destroyed
  }

  /** Whether the server accepts non-ASCII addresses and headers (RFC 6531). */
  get supportsSmtputf8(): boolean {
    return internalsOf(this)._supportedExtensions.includes('SMTPUTF8')
  }

  /** The login methods that the server advertises. */
  get offeredAuth(): string {
    const lines = (internalsOf(this)._ehloLines ?? []).filter((line) => /^AUTH\b/i.test(line))
    return lines.map((line) => line.slice('AUTH '.length)).join(' ')
  }

  /** Lines of the last EHLO reply without the first; null if there was none. */
  get extensions(): readonly string[] | null {
    return internalsOf(this)._ehloLines ?? null
  }

  /** The server's certificate while a TLS connection is open; otherwise null. */
  get certificate(): PeerCertificate | null {
    const { _socket: socket } = internalsOf(this)
    return socket instanceof TLSSocket ? socket.getPeerCertificate() : null
  }

  /** Called by nodemailer after the server's go-ahead to DATA (RFC 5321, 4.1.1.4). */
  _createSendStream(callback: (error: Error | null, reply?: string) => void) {
    const { _socket: socket, _responseActions: actions } = internalsOf(this)
    const sent = this.#last as InFlightMessage
    // An idle connection must not retain a mail.
    this.#last = undefined
    const bytes = dotStuffed(this.#whole(sent.message))
    const outgoing = { socket, bytes, sent }
    const finish = this.#isProven ? this.#writeAll(outgoing) : this.#writeWithCare(outgoing)
    actions.push((reply) => {
      finish()
      this.#isProven = true
      internalsOf(this)._actionSMTPStream(reply, callback)
    })
    // Pipelined only now, so that this answer is expected before any to the next mail.
    if (sent.handedOver) this.#goOn(outgoing)
    return { outByteCount: bytes.length, write: () => {}, end: () => {} }
  }

  /** Whether the server supports pipelining (RFC 2920). */
  get #pipelines(): boolean {
    return internalsOf(this)._supportedExtensions.includes('PIPELINING')
  }

  #writeAll({ socket, bytes, sent }: PendingWrite): () => void {
    sent.handedOver = sent.mayEnd()
    if (!sent.handedOver) return () => {}
    socket.cork()
    socket.write(bytes)
    return () => {}
  }

  /**
   * Sends the next mail's commands in the same write, which saves a write, an answer and a round
   * trip. The next mail continues in a microtask, before the event loop does, so that bytes already
   * recorded as handed over are not held back.
   */
  #goOn({ socket, sent }: PendingWrite) {
    const follows = this.#pipelines && sent.written()
    if (follows) queueMicrotask(() => socket.uncork())
    else socket.uncork()
  }

  /**
   * Holds back the final dot, without which the server can accept no mail, until the rest has left
   * and the connection has been checked once more: a server that hangs up after 354 has then not
   * received it. This costs a fifth of the time that a mail takes here, so only the first mail of a
   * connection is sent this way: a server that hangs up gets no second.
   */
  #writeWithCare({ socket, bytes, sent }: PendingWrite): () => void {
    let isOpen = true
    const finish = () => {
      if (!isOpen || this.destroyed || !socket.writable) return
      isOpen = false
      sent.handedOver = sent.mayEnd()
      if (sent.handedOver) socket.write(END)
    }
    socket.write(bytes.subarray(0, -END.length), () => setImmediate(setImmediate, finish))
    // A server that refuses before the end gets the dot immediately: otherwise it would read what
    // follows as part of the message.
    return finish
  }

  /**
   * Joins the message and its end: each of a mail's dozens of pieces would be a part of the write.
   */
  #whole(message: readonly Buffer[]): Buffer {
    const size = bytesIn(message) + END.length
    if (this.#memory.length < size) this.#memory = Buffer.allocUnsafeSlow(size)
    let at = 0
    for (const piece of [...message, END]) at += piece.copy(this.#memory, at)
    return this.#memory.subarray(0, size)
  }
}

const internalsOf = (connection: SmtpConnection) => connection as unknown as NodemailerInternals

/** Doubles the dot at the start of each line, except in the terminator (RFC 5321, 4.5.2). */
function dotStuffed(bytes: Buffer): Buffer {
  if (bytes.indexOf(LINE_DOT) === bytes.length - END.length - 1) return bytes
  const body = bytes.toString('latin1', 0, bytes.length - END.length)
  return Buffer.concat([Buffer.from(body.replace(/^\./gm, '..'), 'latin1'), END])
}

export const bytesIn = (message: readonly Buffer[]) =>
  message.reduce((sum, { length }) => sum + length, 0)
