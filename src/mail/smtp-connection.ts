/**
 * nodemailer's SMTP connection, made for mails that are built beforehand: what nodemailer does byte by byte in
 * streams, for messages it knows nothing of, is a search and one write here. The package is pinned to the exact
 * version, since what is overridden is not part of its interface.
 */
import type { Socket } from 'node:net'
import NodemailerConnection from 'nodemailer/lib/smtp-connection'
import type { Message } from './compose.ts'

/** What of nodemailer's connection its types leave out. */
interface Inside {
  readonly _socket: Socket
  readonly _responseActions: ((reply: string) => void)[]
  _actionSMTPStream(reply: string, callback: (error: Error | null, reply?: string) => void): void
}

type SendCallback = Parameters<NodemailerConnection['send']>[2]

const LINE_DOT = Buffer.from('\n.')
const DOT = Buffer.from('.')
const LF = 0x0a
const END = Buffer.from('.\r\n')

export class SmtpConnection extends NodemailerConnection {
  /** Whether the server has begun to take the mail that was sent last. */
  handedOver = false
  #message: Message | undefined

  /** Sends a message whose lines all end with CRLF, the last one too. */
  sendPieces(envelope: NodemailerConnection.Envelope, message: Message, callback: SendCallback): void {
    this.handedOver = false
    this.#message = message
    this.send(envelope, message[0], callback)
  }

  /** Called by nodemailer when the server has said to go on after DATA (RFC 5321, 4.1.1.4). */
  _createSendStream(callback: (error: Error | null, reply?: string) => void) {
    const inside = this as unknown as Inside
    const { _socket: socket } = inside
    inside._responseActions.push((reply) => inside._actionSMTPStream(reply, callback))
    const stream = { outByteCount: 0, write: () => {}, end: () => {} }
    this.handedOver = true
    socket.cork()
    for (const piece of dotStuffed(this.#message ?? [])) {
      stream.outByteCount += piece.length
      socket.write(piece)
    }
    socket.write(END)
    socket.uncork()
    this.#message = undefined
    return stream
  }
}

/** A dot before each line that begins with one (RFC 5321, 4.5.2). */
function* dotStuffed(message: readonly Buffer[]): Generator<Buffer> {
  let last = LF
  for (const piece of message) {
    if (piece.length === 0) continue
    if (last === LF && piece[0] === DOT[0]) yield DOT
    let from = 0
    for (let at = piece.indexOf(LINE_DOT); at >= 0; at = piece.indexOf(LINE_DOT, from)) {
      yield piece.subarray(from, at + 1)
      yield DOT
      from = at + 1
    }
    yield from === 0 ? piece : piece.subarray(from)
    last = piece.at(-1) as number
  }
}

export const bytesIn = (message: Message) => message.reduce((sum, { length }) => sum + length, 0)
