/**
 * Connections to one SMTP server, kept open between mails: nodemailer's protocol, without its
 * composer and queue. What matters of a failed mail is known: whether it had been handed over when
 * the connection ended.
 */
import { isInternational } from '../../domain/address.ts'
import { Deferred } from '../../domain/deferred.ts'
import { providerOf } from '../../domain/provider.ts'
import { SmtpFailure } from '../../domain/smtp-failure.ts'
import { MINUTE, SECOND } from '../../domain/time.ts'
import {
  isOfMessage,
  isSpent,
  NO_SMTPUTF8,
  type SmtpError,
  verdictOn,
} from '../../domain/verdict.ts'
import type { SmtpServer } from '../../platform/smtp-server.ts'
import type { MimeMessage } from '../mail.ts'
import { connect } from './connect.ts'
import { openProviderShare } from './provider-share.ts'
import { openSessions, type Session } from './sessions.ts'
import { openSilence, type Patience, SILENCE_PATIENCE } from './silence.ts'
import {
  BEGIN_AT_ONCE,
  type Begin,
  type Envelope,
  type OutgoingMail,
  SILENT,
  transmit,
} from './transmit.ts'

export interface SmtpPool {
  /**
   * Resolves with the server's words. Rejects with an SmtpFailure, or Deferred for a provider that
   * is slow, or with what `begin` throws: it is called when the server has all of the message but
   * its end.
   */
  send(envelope: Envelope, message: MimeMessage, begin?: Begin): Promise<string>
  /** Lets no more connections be opened than another process has found to be taken. */
  learn(connections: number): void
  /** How many connections are open, those that begin or end too. */
  open(): number
  /** Whether the server takes addresses outside ASCII; null until it has been asked. */
  speaksUtf8(): boolean | null
  /** Ends all connections, those in use too. */
  close(): Promise<void>
}

/**
 * How long a mail waits whose provider has its share of the connections: of that, a few mails may
 * never be answered for.
 */
const SHARE_TAKEN_MS = 3 * SECOND
/** How long no other connection is tried after a password was refused: ban tools count. */
const AFTER_HALT = MINUTE

/** Who is told what becomes of the connections. */
export interface Ear {
  /** More connections than these are not to be had. */
  fewer(why: SmtpError, connections: number): void
  /** None is to be had; told once, before the mails that waited for one fail. */
  down(why: SmtpError): void
}

const NOBODY: Ear = { fewer: () => {}, down: () => {} }

export function openPool(
  server: SmtpServer,
  ear: Ear = NOBODY,
  impatience: Partial<Patience> = {},
): SmtpPool {
  const patience = { ...SILENCE_PATIENCE, ...impatience }
  let speaksUtf8: boolean | null = null
  const share = openProviderShare(server.connections)
  const sessions = openSessions({
    connections: server.connections,
    mails: ({ connection }) => server.mailsPerConnection ?? connection.mailsAtOnce,
    connect: async (begun) => {
      const session = await connect(server, { begun })
      speaksUtf8 = session.connection.speaksUtf8
      return session
    },
    fewer: (why, connections) => {
      ear.fewer(why, connections)
      return verdictOn(why) === 'halt' ? AFTER_HALT : 0
    },
    down: ear.down,
    waits: () => silence.watch(),
  })
  const turnAway = () => sessions.turnAway(new SmtpFailure(SILENT))
  const silence = openSilence({ length: () => sessions.waiting(), turnAway }, patience)
  const via = async (session: Session, mail: OutgoingMail) => {
    let isOffered = false
    const leave = share.enter(providerOf(mail.envelope.to), performance.now())
    try {
      if (!leave) throw new Deferred('the provider answers slowly', SHARE_TAKEN_MS)
      if (isInternationalMail(mail) && !session.connection.speaksUtf8)
        throw new SmtpFailure(withoutUtf8(server), { inMail: true })
      isOffered = true
      return await transmit(session, mail, { silence, sessions, patience })
    } finally {
      leave?.()
      if (!isOffered) sessions.give(session)
    }
  }
  return {
    send: async (envelope, message, begin = BEGIN_AT_ONCE) => {
      for (let tries = 0; ; tries++) {
        const session = await sessions.take()
        const worked = session.taken > 0
        try {
          return await via(session, { envelope, message, begin })
        } catch (error) {
          if (!worked || tries >= server.connections || !endedBefore(error, session)) throw error
        }
      }
    },
    learn: (connections) => sessions.learn(connections),
    open: () => sessions.open(),
    speaksUtf8: () => speaksUtf8,
    close: () => sessions.close(),
  }
}

/**
 * Whether a connection that had carried mails ended before it took this one: it was idle for too
 * long, or had carried its share. That says nothing of the mail, nor of the server.
 */
const endedBefore = (error: unknown, { state }: Session) =>
  state === 'ended' &&
  error instanceof SmtpFailure &&
  !error.handedOver &&
  !isOfMessage(error) &&
  (!error.responseCode || isSpent(error))

/** Its header has no address that is not in its envelope. */
const isInternationalMail = ({ envelope: { from, to } }: OutgoingMail) =>
  isInternational(from) || isInternational(to)

const withoutUtf8 = ({ host }: SmtpServer): SmtpError => ({
  code: NO_SMTPUTF8,
  command: 'MAIL FROM',
  message: `the server ${host} does not take addresses outside ASCII: it does not offer SMTPUTF8`,
})
