/** One mail over a session: what the server answers, and what that means for the session. */
import { isInternational } from '../../domain/address.ts'
import { SmtpFailure } from '../../domain/smtp-failure.ts'
import { isConnectionExhausted, type SmtpError } from '../../domain/verdict.ts'
import type { MimeMessage } from '../mail.ts'
import type { Session, Sessions } from './sessions.ts'
import type { SilenceTimeouts, SilenceWatchdog } from './silence-watchdog.ts'
import { bytesIn, type Sending } from './smtp-connection.ts'

export interface Envelope {
  readonly from: string
  readonly to: string
}

/** Runs before a server can have a message; if it throws, the server gets none. */
export type Begin = () => void
export const NO_OP_BEGIN: Begin = () => {}

export interface OutgoingMail {
  readonly envelope: Envelope
  readonly message: MimeMessage
  readonly begin: Begin
}

interface Context {
  readonly silence: SilenceWatchdog
  readonly sessions: Pick<Sessions, 'give' | 'follow' | 'followNoMore'>
  readonly timeouts: Pick<SilenceTimeouts, 'ofBehind' | 'ofFollowing'>
}

/** The failure of a mail given up because its server is silent. */
export const SERVER_SILENT: SmtpError = {
  code: 'ETIMEDOUT',
  message: 'the server does not answer, and other mails wait',
}
const PREDECESSOR_UNANSWERED: SmtpError = {
  code: 'ECONNECTION',
  message: 'the mail before it on the connection was not answered for',
}
const PIPELINED_MAIL_UNANSWERED: SmtpError = {
  code: 'ECONNECTION',
  message: 'the server said nothing to a mail that began behind another',
}

/**
 * Sends one mail, and releases the session once it is known whether it can be reused. Resolves with
 * the server's reply; rejects with an SmtpFailure, or with what `begin` throws. After a refusal it
 * rejects without waiting for the answer to RSET.
 */
export const transmit = (session: Session, mail: OutgoingMail, context: Context): Promise<string> =>
  new Promise((resolve, reject) => {
    new Transmission(session, context, { resolve, reject }).begin(mail)
  })

interface Settle {
  readonly resolve: (reply: string) => void
  readonly reject: (why: Error) => void
}

class Transmission {
  readonly #session: Session
  readonly #context: Context
  readonly #settle: Settle
  readonly #answered: () => void
  #sending: Sending | undefined
  #late: NodeJS.Timeout | undefined
  #writtenMs = 0
  /** Whether the promise has been settled. */
  #isOver = false

  constructor(session: Session, context: Context, settle: Settle) {
    this.#session = session
    this.#context = context
    this.#settle = settle
    this.#answered = context.silence.begin(() => this.#end(this.#failure(SERVER_SILENT)))
  }

  begin({ envelope: { from, to }, message, begin }: OutgoingMail) {
    const session = this.#session
    if (session.mails > 1)
      this.#late = setTimeout(() => this.#waited(), this.#context.timeouts.ofBehind)
    session.begun += 1
    const mayEnd = () => this.#mayEnd(begin)
    const written = () => this.#context.sessions.follow(session)
    // A non-ASCII header requires 8BITMIME (RFC 6531, 3.1; RFC 6152).
    const use8BitMime = isInternational(from) || isInternational(to)
    this.#sending = session.connection.sendPieces(
      { from, to: [to], size: bytesIn(message), use8BitMime },
      { message, mayEnd, written },
      (error, info) => (error ? this.#refused(error) : this.#taken(info?.response ?? '')),
    )
  }

  #mayEnd(begin: Begin): boolean {
    clearTimeout(this.#late)
    // The server awaits a message that has gone over another connection.
    if (this.#isOver) {
      this.#session.connection.close()
      return false
    }
    try {
      begin()
      this.#writtenMs = performance.now()
      return true
    } catch (why) {
      this.#end(why as Error)
      return false
    }
  }

  #taken(reply: string) {
    this.#session.accepted += 1
    this.#session.answeredInMs = performance.now() - this.#writtenMs
    if (!this.#isFirstEnd()) return
    this.#free()
    this.#settle.resolve(reply)
    // The mail behind this one has moved to another connection.
    if (this.#session.state === 'ended') this.#session.connection.close()
  }

  #refused(error: SmtpError) {
    const { connection, state } = this.#session
    const failure = this.#failure(error)
    const hasEnded = connection.isGone || state === 'ended' || failure.responseCode === 421
    if (this.#isOver || hasEnded) return this.#end(failure)
    this.#isFirstEnd()
    this.#settle.reject(failure)
    // With the next mail under way there is nothing to reset.
    if (this.#session.mails > 1) return this.#free()
    if (this.#session.accepted === 0 || !isConnectionExhausted(failure))
      return connection.resetOrClose(() => this.#free())
    this.#session.state = 'ended'
    connection.leave()
    this.#free()
  }

  /** Called when this mail has waited too long behind another. */
  #waited() {
    const { sessions, timeouts } = this.#context
    if (this.#session.mails > 1) return this.#withdraw()
    this.#late = setTimeout(() => {
      sessions.followNoMore()
      this.#end(new SmtpFailure(PIPELINED_MAIL_UNANSWERED))
    }, timeouts.ofFollowing)
  }

  /** None of its message has been sent, so it may go over another connection. */
  #withdraw() {
    this.#session.state = 'ended'
    this.#isFirstEnd()
    this.#settle.reject(new SmtpFailure(PREDECESSOR_UNANSWERED))
    this.#free()
  }

  /** Ends the mail and the connection. */
  #end(failure: Error) {
    this.#session.state = 'ended'
    this.#session.connection.close()
    if (!this.#isFirstEnd()) return
    this.#settle.reject(failure)
    this.#free()
  }

  #isFirstEnd(): boolean {
    const isFirst = !this.#isOver
    this.#isOver = true
    clearTimeout(this.#late)
    this.#answered()
    return isFirst
  }

  #failure(cause: SmtpError) {
    const handedOver = this.#sending?.handedOver ?? false
    return new SmtpFailure(cause, { inMail: true, handedOver })
  }

  #free() {
    this.#context.sessions.give(this.#session)
  }
}
