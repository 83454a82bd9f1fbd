/**
 * Connections to one SMTP server, kept open between mails: nodemailer's protocol without its
 * composer and queue. For a failed mail it is known whether it had been handed over when the
 * connection ended.
 */
import { isInternational } from '../../domain/address.ts'
import { Deferred } from '../../domain/deferred.ts'
import { providerOf } from '../../domain/provider.ts'
import { SmtpFailure } from '../../domain/smtp-failure.ts'
import { MINUTE, SECOND } from '../../domain/time.ts'
import {
  isConnectionExhausted,
  isUnsendableMessage,
  NO_SMTPUTF8,
  type SmtpError,
  verdictOn,
} from '../../domain/verdict.ts'
import type { SmtpServer } from '../../platform/smtp-server.ts'
import type { MimeMessage } from '../mail.ts'
import { connect } from './connect.ts'
import { openProviderShare } from './provider-share.ts'
import { openSessions, type Session } from './sessions.ts'
import {
  DEFAULT_SILENCE_TIMEOUTS,
  openSilenceWatchdog,
  type SilenceTimeouts,
} from './silence-watchdog.ts'
import {
  type Begin,
  type Envelope,
  NO_OP_BEGIN,
  type OutgoingMail,
  SERVER_SILENT,
  transmit,
} from './transmit.ts'

export interface SmtpPool {
  /**
   * Resolves with the server's reply. Rejects with an SmtpFailure, with Deferred if the provider is
   * slow, or with what `begin` throws. `begin` is called before the server can have the whole
   * message.
   */
  send(envelope: Envelope, message: MimeMessage, begin?: Begin): Promise<string>
  /** Limits connections to the number another process found the server to accept. */
  learn(connections: number): void
  /** Number of connections, including those being opened or closed. */
  open(): number
  /** Whether the server accepts non-ASCII addresses; null before the first connection. */
  supportsSmtputf8(): boolean | null
  /** Ends all connections, including those in use. */
  close(): Promise<void>
}

/**
 * Delay for a mail whose provider already has its share of the connections: some of the mails that
 * hold it may never be answered.
 */
const SHARE_RETRY_DELAY_MS = 3 * SECOND
/** How long no connection is added after a rejected password: ban tools count log-ins. */
const REJECTED_LOGIN_PAUSE_MS = MINUTE

/** Callbacks for changes in the available connections. */
export interface PoolListener {
  /** Called when no more than this many connections are available. */
  fewer(why: SmtpError, connections: number): void
  /** Called once when none is available, before the waiting mails fail. */
  down(why: SmtpError): void
}

const NO_LISTENER: PoolListener = { fewer: () => {}, down: () => {} }

export function openPool(
  server: SmtpServer,
  listener: PoolListener = NO_LISTENER,
  timeoutOverrides: Partial<SilenceTimeouts> = {},
): SmtpPool {
  const timeouts = { ...DEFAULT_SILENCE_TIMEOUTS, ...timeoutOverrides }
  let speaksUtf8: boolean | null = null
  const share = openProviderShare(server.connections)
  const sessions = openSessions({
    connections: server.connections,
    maxMails: ({ connection }) => server.mailsPerConnection ?? connection.defaultMaxMails,
    connect: async (begun) => {
      const session = await connect(server, { begun })
      speaksUtf8 = session.connection.supportsSmtputf8
      return session
    },
    onLimited: (why, connections) => {
      listener.fewer(why, connections)
      return verdictOn(why) === 'halt' ? REJECTED_LOGIN_PAUSE_MS : 0
    },
    onDown: listener.down,
    onWaiting: () => silence.watch(),
  })
  const turnAway = () => sessions.rejectWaiting(new SmtpFailure(SERVER_SILENT))
  const silence = openSilenceWatchdog({ length: () => sessions.waiting(), turnAway }, timeouts)
  const via = async (session: Session, mail: OutgoingMail) => {
    let isOffered = false
    const leave = share.enter(providerOf(mail.envelope.to), performance.now())
    try {
      if (!leave) throw new Deferred('the provider answers slowly', SHARE_RETRY_DELAY_MS)
      if (isInternationalMail(mail) && !session.connection.supportsSmtputf8)
        throw new SmtpFailure(withoutUtf8(server), { inMail: true })
      isOffered = true
      return await transmit(session, mail, { silence, sessions, timeouts })
    } finally {
      leave?.()
      if (!isOffered) sessions.give(session)
    }
  }
  return {
    send: async (envelope, message, begin = NO_OP_BEGIN) => {
      for (let tries = 0; ; tries++) {
        const session = await sessions.take()
        const worked = session.accepted > 0
        try {
          return await via(session, { envelope, message, begin })
        } catch (error) {
          if (!worked || tries >= server.connections || !endedBefore(error, session)) throw error
        }
      }
    },
    learn: (connections) => sessions.learn(connections),
    open: () => sessions.open(),
    supportsSmtputf8: () => speaksUtf8,
    close: () => sessions.close(),
  }
}

/**
 * Whether a connection that had carried mails ended before it took this one, because it was idle
 * too long or had reached its limit. That says nothing about the mail or the server.
 */
const endedBefore = (error: unknown, { state }: Session) =>
  state === 'ended' &&
  error instanceof SmtpFailure &&
  !error.handedOver &&
  !isUnsendableMessage(error) &&
  (!error.responseCode || isConnectionExhausted(error))

/** Checks only the envelope, because the header contains no other addresses. */
const isInternationalMail = ({ envelope: { from, to } }: OutgoingMail) =>
  isInternational(from) || isInternational(to)

const withoutUtf8 = ({ host }: SmtpServer): SmtpError => ({
  code: NO_SMTPUTF8,
  command: 'MAIL FROM',
  message: `the server ${host} does not take addresses outside ASCII: it does not offer SMTPUTF8`,
})
