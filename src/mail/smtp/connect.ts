/** Opens a connection to a server, ready for its first mail. */

import { SmtpFailure } from '../../domain/smtp-failure.ts'
import { redactedReply } from '../../domain/smtp-reply.ts'
import { MINUTE, SECOND } from '../../domain/time.ts'
import type { SmtpError } from '../../domain/verdict.ts'
import type { SmtpServer } from '../../platform/smtp-server.ts'
import type { Session } from './sessions.ts'
import { SmtpConnection } from './smtp-connection.ts'

interface ConnectOptions {
  /** Receives the session before anything is sent, so that it counts from the first packet. */
  readonly begun: (session: Session) => void
  /** Called after EHLO, before login. */
  readonly greeted?: (connection: SmtpConnection) => void
}

/** Connects and logs in, as for every mail. Rejects with an SmtpFailure. */
export async function connect(
  server: SmtpServer,
  { begun, greeted = () => {} }: ConnectOptions,
): Promise<Session> {
  const connection = new SmtpConnection({
    host: server.host,
    port: server.port,
    secure: server.secure,
    requireTLS: !server.secure && !server.loopback,
    ignoreTLS: server.loopback,
    ...(server.ehloName && { name: server.ehloName }),
    connectionTimeout: 30 * SECOND,
    greetingTimeout: 30 * SECOND,
    // RFC 5321, 4.5.3.2.6: ten minutes for the answer to the final dot.
    socketTimeout: 10 * MINUTE,
  })
  const session: Session = {
    connection,
    begun: 0,
    accepted: 0,
    mails: 0,
    answeredInMs: 0,
    state: 'beginning',
  }
  begun(session)
  const gone = Promise.withResolvers<never>()
  gone.promise.catch(() => {})
  // Deferred so that a failure of connecting or logging in is reported first; it says more than
  // that the connection ended.
  const end = (failure: SmtpFailure) => {
    session.state = 'ended'
    setImmediate(() => gone.reject(failure))
  }
  connection.on('error', (error) => end(new SmtpFailure(error)))
  connection.once('end', () => {
    end(new SmtpFailure({ code: 'ECONNECTION', message: 'the connection was closed' }))
  })
  const connected = new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(new SmtpFailure(error)) : resolve()))
  })
  await Promise.race([connected, gone.promise])
  greeted(connection)
  if (server.auth) await Promise.race([login(connection, server.auth), gone.promise])
  return session
}

function login(
  connection: SmtpConnection,
  { user, pass }: { user: string; pass: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (failure: SmtpFailure) => {
      reject(failure)
      connection.close()
    }
    if (connection.loginMethod === null)
      return refuse(new SmtpFailure(noLogin(connection.offeredAuth)))
    connection.login({ user, credentials: { user, pass } }, (error) => {
      if (error) refuse(new SmtpFailure(error))
      else resolve()
    })
  })
}

/** A password is never sent by a method that the server did not offer (RFC 4954, 4). */
const noLogin = (offered: string): SmtpError => ({
  code: 'ENOAUTH',
  command: 'AUTH',
  message: offered
    ? `the server takes no password: it offers ${redactedReply(offered)} to log in, and Dawnpost knows PLAIN, LOGIN and CRAM-MD5`
    : 'the server offers no login here; use the port for submission, 587 or 465, or take user and password out of SMTP_URL',
})
