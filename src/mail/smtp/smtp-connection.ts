/**
 * nodemailer's SMTP connection, made for mails that are built beforehand: what nodemailer does byte
 * by byte in streams, for messages it knows nothing of, is a copy, a search and one write here. The
 * package is pinned to the exact version, since what is overridden is not part of its interface.
 */
import type { Socket } from 'node:net'
import { type PeerCertificate, TLSSocket } from 'node:tls'
import NodemailerConnection from 'nodemailer/lib/smtp-connection'
import { SECOND } from '../../domain/time.ts'
import type { MimeMessage } from '../mail.ts'

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
const LINE_DOT = Buffer.from('\n.')
const END = Buffer.from('.\r\n')

export class SmtpConnection extends NodemailerConnection {
  /** Whether the server may have taken the mail that was sent last: its final dot has left. */
  handedOver = false
  /**
   * Resolves when the socket is closed: until then the server counts it among those we have open.
   */
  readonly closed: Promise<void>
  /** How many mails the server delivers at once that come over one connection, as far as is known. */
  mailsAtOnce = MAILS_BEFORE_EXIM_QUEUES
  /** Whether a mail has been answered for on this connection. */
  #isProven = false
  #message: MimeMessage | undefined
  #mayEnd: () => boolean = () => true
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

  /** Sends a message whose lines all end with CRLF, the last one too. */
  sendPieces(
    envelope: NodemailerConnection.Envelope,
    { message, mayEnd }: Outgoing,
    callback: SendCallback,
  ): void {
    this.handedOver = false
    this.#message = message
    this.#mayEnd = mayEnd
    this.send(envelope, message[0], callback)
  }

  /**
   * The way a password logs in here: the first that the server offers; null when it offers none.
   */
  get loginMethod(): string | null {
    return inside(this)._supportedAuth.find((method) => method !== 'XOAUTH2') ?? null
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
    const bytes = dotStuffed(this.#whole(this.#message ?? []))
    this.#message = undefined
    const finish = this.#isProven
      ? this.#writeAll(socket, bytes)
      : this.#writeWithCare(socket, bytes)
    actions.push((reply) => {
      finish()
      this.#isProven = true
      inside(this)._actionSMTPStream(reply, callback)
    })
    return { outByteCount: bytes.length, write: () => {}, end: () => {} }
  }

  #writeAll(socket: Socket, bytes: Buffer): () => void {
    this.handedOver = this.#mayEnd()
    if (this.handedOver) socket.write(bytes)
    return () => {}
  }

  /**
   * Until the final dot there is no mail that the server could take, so the dot waits for the rest
   * to have left and for one more look at the connection: a server that hangs up after 354 has not
   * got it. It costs a fifth of the time that a mail takes here, so only the first of a connection
   * is sent like this: a server that hangs up gets no second.
   */
  #writeWithCare(socket: Socket, bytes: Buffer): () => void {
    let isOpen = true
    const finish = () => {
      if (!isOpen || this.destroyed || !socket.writable) return
      isOpen = false
      this.handedOver = this.#mayEnd()
      if (this.handedOver) socket.write(END)
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
