/**
 * Contacts an SMTP server for the doctor: connects, logs in and quits exactly as for a mail, but
 * sends none.
 */
import type { SmtpProbe } from '../../domain/doctor/judge-smtp.ts'
import { messageOf } from '../../domain/problem.ts'
import { SmtpFailure } from '../../domain/smtp-failure.ts'
import { redactedReply } from '../../domain/smtp-reply.ts'
import { readCertificate } from '../../platform/certificate.ts'
import type { SmtpServer } from '../../platform/smtp-server.ts'
import { connect } from './connect.ts'
import type { Session } from './sessions.ts'
import type { SmtpConnection } from './smtp-connection.ts'

type HandshakeInfo = Pick<SmtpProbe, 'encrypted' | 'extensions' | 'certificate'>

/** Never rejects, and takes hardly longer than `timeoutMs`. */
export async function testConnection(server: SmtpServer, timeoutMs: number): Promise<SmtpProbe> {
  let session: Session | undefined
  let seen: HandshakeInfo | undefined
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('it does not answer in time')), timeoutMs)
  const connecting = connect(server, {
    begun: (newSession) => {
      session = newSession
    },
    greeted: (connection) => {
      seen = handshakeInfoOf(connection)
    },
  })
  try {
    const { connection } = await Promise.race([connecting, late.promise])
    connection.leave()
    await connection.closed
    return greetingOf(server, { seen, failure: null })
  } catch (failure) {
    connecting.catch(() => {})
    seen ??= session && handshakeInfoOf(session.connection)
    session?.connection.close()
    return greetingOf(server, { seen, failure })
  } finally {
    clearTimeout(timer)
  }
}

const handshakeInfoOf = (connection: SmtpConnection): HandshakeInfo => ({
  encrypted: connection.secure,
  extensions: connection.extensions,
  certificate: readCertificate(connection.certificate),
})

interface Outcome {
  readonly seen: HandshakeInfo | undefined
  readonly failure: unknown
}

function greetingOf(server: SmtpServer, { seen, failure }: Outcome): SmtpProbe {
  const code = failure instanceof SmtpFailure ? failure.code : ''
  return {
    server: server.name,
    isLocal: server.loopback,
    encrypted: seen?.encrypted ?? false,
    extensions: seen?.extensions ?? null,
    certificate: seen?.certificate ?? null,
    login: loginOf(server, code, failure),
    failure: failure === null ? null : { isTls: code === 'ETLS', words: wordsOf(failure) },
  }
}

function loginOf(server: SmtpServer, code: string, failure: unknown): SmtpProbe['login'] {
  if (!server.auth) return null
  if (failure === null) return 'accepted'
  if (code === 'ENOAUTH') return 'not offered'
  return code === 'EAUTH' ? 'refused' : null
}

function wordsOf(failure: unknown): string {
  const { command = '', response = '' } = failure instanceof SmtpFailure ? failure : {}
  if (command === 'STARTTLS' && /^[45]/.test(response))
    return 'it offers no TLS (STARTTLS), and no mail is sent without; use the port for submission, 587, or smtps:// and 465'
  return redactedReply(response || messageOf(failure)).replace(/\.$/, '')
}
