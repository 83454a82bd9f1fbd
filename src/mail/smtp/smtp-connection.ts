/**
 * nodemailer's SMTP connection, made for mails that are built beforehand: what nodemailer does byte
 * by byte in streams, for messages it knows nothing of, is a copy, a search and one write here. The
 * package is pinned to the exact version, since what is overridden is not part of its interface.
 */
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import { type PeerCertificate, TLSSocket } from 'node:tls'
import type NodemailerConnection from 'nodemailer/lib/smtp-connection'
import { SECOND } from '../../domain/time.ts'
import type { MimeMessage } from '../mail.ts'

/**
 * By `require`: nodemailer's ES module imports node:http, which it needs for attachments from the
 * web, and whoever imports that also loads all of Node's fetch: 16 MB for every sender.
 */
const Connection: typeof NodemailerConnection = createRequire(import.meta.url)(
  'nodemailer/lib/smtp-connection',
)

/** What of nodemailer's connection its types leave out. */
interface Inside {
  readonly _socket: Socket
  readonly _responseActions: ((reply: string) => void)[]
  /**
   * Of the ways to log in that the server offered, those that nodemailer knows; it likes the first
   * best.
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
   * Asked before the server can have the message; false when it is to have none, and the connection
   * is closed.
   */
  readonly mayEnd: () => boolean
  /**
   * Called when all of the message has been written to a server that takes the next mail's envelope
   * behind it (RFC 2920, 3.1); true: one comes, as the next microtask.
   */
  readonly written: () => boolean
}

/** A mail on its way. */
export interface Sending {
  /** Whether the server may have taken it: its final dot has left. */
  readonly handedOver: boolean
}

interface Sent extends Outgoing {
  handedOver: boolean
  /** Nothing after the first call counts. */
  readonly done: SendCallback
}

interface Written {
  readonly socket: Socket
  readonly bytes: Buffer
  readonly sent: Sent
}

type SendCallback = Parameters<NodemailerConnection['send']>[2]

/** How long a server may take to answer QUIT, and then to close. */
const GOODBYE = SECOND
/** How long it may take to forget a mail. */
const CLOSE_PATIENCE = 10 * SECOND
/** What Exim takes over one connection before it leaves the rest to its next queue run. */
const MAILS_BEFORE_EXIM_QUEUES = 10
/** A new connection costs as much as several mails; what is left of that over so many is little. */
const MAILS_PER_CONNECTION = 100
/** The first line of Exim's answer to EHLO, which has no setting, as its greeting has. */
const EXIM = /^250[- ]\S+ Hello \S.* \[[^[\]]+\]$/m
const ENDED = { code: 'ECONNECTION' }
const LINE_DOT = Buffer.from('\n.')
const END = Buffer.from('.\r\n')

export class SmtpConnection extends Connection {
  /**
   * Resolves when the socket is closed: until then the server counts it among those we have open.
   */
  readonly closed: Promise<void>
  /**
   * How many mails the server delivers at once that come over one connection, as far as is known.
   */
  mailsAtOnce = MAILS_BEFORE_EXIM_QUEUES
  /** Whether a mail has been answered for on this connection. */
  #isProven = false
  /** The mail whose envelope was sent last. */
  #last: Sent | undefined
  /** Those that have not been answered for: two at most. */
  readonly #open = new Set<Sent>()
  /** Why the connection ended, as far as nodemailer says so. */
  #why: Error | undefined
  /**
   * The same memory for one message after the other: the next is written when the server has
   * answered for the last.
   */
  #memory = Buffer.alloc(0)

  constructor(options: NodemailerConnection.Options) {
    super({ socketCloseTimeout: GOODBYE, ...options })
    this.once('connect', () => {
      const { lastServerResponse: hello } = inside(this)
      if (hello && !EXIM.test(hello)) this.mailsAtOnce = MAILS_PER_CONNECTION
    })
    this.closed = new Promise((resolve) => {
      this.once('end', () => {
        const { _socket: socket } = this as unknown as Partial<Inside>
        if (!socket || socket.closed) resolve()
        else socket.once('close', () => resolve())
      })
    })
    // nodemailer knows of one mail at a time, and tells it its own reason before this.
    this.once('error', (error) => {
      this.#why = error
    })
    this.once('end', () => setImmediate(() => this.#failAll()))
  }

  #failAll() {
    const why = this.#why ?? Object.assign(new Error('the connection was closed'), ENDED)
    for (const { done } of this.#open) done(why, undefined as never)
  }

  /** Says QUIT, and closes the connection though the server should not answer. */
  leave(): void {
    const late = setTimeout(() => this.close(), GOODBYE).unref()
    this.once('end', () => clearTimeout(late))
    this.quit()
  }

  /**
   * Ends a mail the server said no to (RFC 5321, 4.1.1.5); the connection is closed when it cannot.
   */
  forget(done: () => void): void {
    const late = setTimeout(() => this.close(), CLOSE_PATIENCE).unref()
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
   * Sends a message whose lines all end with CRLF, the last one too. May be called again as soon as
   * `written` has been: the server answers in order.
   */
  sendPieces(
    envelope: NodemailerConnection.Envelope,
    outgoing: Outgoing,
    callback: SendCallback,
  ): Sending {
    const done: SendCallback = (error, info) => {
      if (this.#open.delete(sent)) callback(error, info)
    }
    const sent: Sent = { ...outgoing, handedOver: false, done }
    this.#last = sent
    this.#open.add(sent)
    this.send(envelope, outgoing.message[0], done)
    return sent
  }

  /**
   * The way a password logs in here: the first that the server offers; null when it offers none.
   */
  get loginMethod(): string | null {
    return inside(this)._supportedAuth.find((method) => method !== 'XOAUTH2') ?? null
  }

  /** Whether it has ended, though it may not know yet. */
  get isGone(): boolean {
    return this.destroyed || inside(this)._socket.destroyed
  }

  /** Whether the server takes addresses and headers outside ASCII (RFC 6531). */
  get speaksUtf8(): boolean {
    return inside(this)._supportedExtensions.includes('SMTPUTF8')
  }

  /** What the server says of logging in. */
  get offeredAuth(): string {
    const lines = (inside(this)._ehloLines ?? []).filter((line) => /^AUTH\b/i.test(line))
    return lines.map((line) => line.slice('AUTH '.length)).join(' ')
  }

  /** Lines of the last answer to EHLO, without the first; null: there was none. */
  get extensions(): readonly string[] | null {
    return inside(this)._ehloLines ?? null
  }

  /** Of a connection over TLS, while it is open; else null. */
  get certificate(): PeerCertificate | null {
    const { _socket: socket } = inside(this)
    return socket instanceof TLSSocket ? socket.getPeerCertificate() : null
  }

  /** Called by nodemailer when the server has said to go on after DATA (RFC 5321, 4.1.1.4). */
  _createSendStream(callback: (error: Error | null, reply?: string) => void) {
    const { _socket: socket, _responseActions: actions } = inside(this)
    const sent = this.#last as Sent
    // An idle connection keeps no mail.
    this.#last = undefined
    const bytes = dotStuffed(this.#whole(sent.message))
    const outgoing = { socket, bytes, sent }
    const finish = this.#isProven ? this.#writeAll(outgoing) : this.#writeWithCare(outgoing)
    actions.push((reply) => {
      finish()
      this.#isProven = true
      inside(this)._actionSMTPStream(reply, callback)
    })
    // The answer to this one comes before any to the next.
    if (sent.handedOver) this.#goOn(outgoing)
    return { outByteCount: bytes.length, write: () => {}, end: () => {} }
  }

  /** Whether the server takes commands behind others (RFC 2920). */
  get #pipelines(): boolean {
    return inside(this)._supportedExtensions.includes('PIPELINING')
  }

  #writeAll({ socket, bytes, sent }: Written): () => void {
    sent.handedOver = sent.mayEnd()
    if (!sent.handedOver) return () => {}
    socket.cork()
    socket.write(bytes)
    return () => {}
  }

  /**
   * What follows leaves in the same piece: that saves a write, an answer, and a round trip. Whoever
   * was told that there is room goes on before the event loop does, so that nothing is kept back
   * that has been noted as handed over.
   */
  #goOn({ socket, sent }: Written) {
    const follows = this.#pipelines && sent.written()
    if (follows) queueMicrotask(() => socket.uncork())
    else socket.uncork()
  }

  /**
   * Until the final dot there is no mail that the server could take, so the dot waits for the rest
   * to have left and for one more look at the connection: a server that hangs up after 354 has not
   * got it. It costs a fifth of the time that a mail takes here, so only the first of a connection
   * is sent like this: a server that hangs up gets no second.
   */
  #writeWithCare({ socket, bytes, sent }: Written): () => void {
    let isOpen = true
    const finish = () => {
      if (!isOpen || this.destroyed || !socket.writable) return
      isOpen = false
      sent.handedOver = sent.mayEnd()
      if (sent.handedOver) socket.write(END)
    }
    socket.write(bytes.subarray(0, -END.length), () => setImmediate(setImmediate, finish))
    // A server that refuses before the end gets it at once: what follows would be taken for the
    // message.
    return finish
  }

  /**
   * The message and its end in one piece: a mail has dozens, and each would be a part of the write.
   */
  #whole(message: readonly Buffer[]): Buffer {
    const size = bytesIn(message) + END.length
    if (this.#memory.length < size) this.#memory = Buffer.allocUnsafeSlow(size)
    let at = 0
    for (const piece of [...message, END]) at += piece.copy(this.#memory, at)
    return this.#memory.subarray(0, size)
  }
}

const inside = (connection: SmtpConnection) => connection as unknown as Inside

/**
 * A dot before each line that begins with one, save the last, which is the end (RFC 5321, 4.5.2).
 */
function dotStuffed(bytes: Buffer): Buffer {
  if (bytes.indexOf(LINE_DOT) === bytes.length - END.length - 1) return bytes
  const body = bytes.toString('latin1', 0, bytes.length - END.length)
  return Buffer.concat([Buffer.from(body.replace(/^\./gm, '..'), 'latin1'), END])
}

export const bytesIn = (message: readonly Buffer[]) =>
  message.reduce((sum, { length }) => sum + length, 0)
