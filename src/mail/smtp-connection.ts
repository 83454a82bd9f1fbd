/**
 * nodemailer's SMTP connection, made for mails that are built beforehand: what nodemailer does byte by byte in
 * streams, for messages it knows nothing of, is a copy, a search and one write here. The package is pinned to the
 * exact version, since what is overridden is not part of its interface.
 */
import type { Socket } from 'node:net'
import NodemailerConnection from 'nodemailer/lib/smtp-connection'
import { SECOND } from '../domain/time.ts'
import type { Message } from './compose.ts'

/** What of nodemailer's connection its types leave out. */
interface Inside {
  readonly _socket: Socket
  readonly _responseActions: ((reply: string) => void)[]
  _actionSMTPStream(reply: string, callback: (error: Error | null, reply?: string) => void): void
}

type SendCallback = Parameters<NodemailerConnection['send']>[2]

/** How long a server may take to answer QUIT, and then to close. */
const GOODBYE = SECOND
/** How long it may take to forget a mail. */
const PATIENCE = 10 * SECOND
const LINE_DOT = Buffer.from('\n.')
const END = Buffer.from('.\r\n')

export class SmtpConnection extends NodemailerConnection {
  /** Whether the server has begun to take the mail that was sent last. */
  handedOver = false
  /** Resolves when the socket is closed: until then the server counts it among those we have open. */
  readonly closed: Promise<void>
  #message: Message | undefined
  /** The same memory for one message after the other: the next is written when the server has answered for the last. */
  #memory = Buffer.alloc(0)

  constructor(options: NodemailerConnection.Options) {
    super({ socketCloseTimeout: GOODBYE, ...options })
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

  /** Ends a mail the server said no to (RFC 5321, 4.1.1.5); the connection is closed when it cannot. */
  forget(done: () => void): void {
    const late = setTimeout(() => this.close(), PATIENCE).unref()
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
  sendPieces(envelope: NodemailerConnection.Envelope, message: Message, callback: SendCallback): void {
    this.handedOver = false
    this.#message = message
    this.send(envelope, message[0], callback)
  }

  /** Called by nodemailer when the server has said to go on after DATA (RFC 5321, 4.1.1.4). */
  _createSendStream(callback: (error: Error | null, reply?: string) => void) {
    const inside = this as unknown as Inside
    inside._responseActions.push((reply) => inside._actionSMTPStream(reply, callback))
    const bytes = dotStuffed(this.#whole(this.#message ?? []))
    this.#message = undefined
    this.handedOver = true
    inside._socket.write(bytes)
    return { outByteCount: bytes.length, write: () => {}, end: () => {} }
  }

  /** The message and its end in one piece: a mail has dozens, and each would be a part of the write. */
  #whole(message: readonly Buffer[]): Buffer {
    const size = bytesIn(message) + END.length
    if (this.#memory.length < size) this.#memory = Buffer.allocUnsafeSlow(size)
    let at = 0
    for (const piece of [...message, END]) at += piece.copy(this.#memory, at)
    return this.#memory.subarray(0, size)
  }
}

/** A dot before each line that begins with one, save the last, which is the end (RFC 5321, 4.5.2). */
function dotStuffed(bytes: Buffer): Buffer {
  if (bytes.indexOf(LINE_DOT) === bytes.length - END.length - 1) return bytes
  const body = bytes.toString('latin1', 0, bytes.length - END.length)
  return Buffer.concat([Buffer.from(body.replace(/^\./gm, '..'), 'latin1'), END])
}

export const bytesIn = (message: readonly Buffer[]) => message.reduce((sum, { length }) => sum + length, 0)
