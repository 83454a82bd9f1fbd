/** Judges what an SMTP server reports about itself, and what that means for our mail. */
import { type Certificate, judgeCertificate } from './certificate.ts'
import { type DoctorFinding, error, info, ok, warning } from './finding.ts'

/** Outcome of a test session: connecting, EHLO, TLS and AUTH, then QUIT. No mail is sent. */
export interface SmtpProbe {
  readonly server: string
  /** Whether it is on this machine. */
  readonly isLocal: boolean
  readonly encrypted: boolean
  /** Lines of its answer to EHLO without the first; null if there was none. */
  readonly extensions: readonly string[] | null
  readonly certificate: Certificate | null
  /** Null if we have no password for it. */
  readonly login: 'accepted' | 'refused' | 'not offered' | null
  /** Why the session went no further, in words; null if it completed. */
  readonly failure: { readonly isTls: boolean; readonly words: string } | null
}

/** No mail of ours is larger: a lesson links to its pictures rather than contain them. */
const MAX_MAIL_BYTES = 1_000_000

export function judgeSmtp(greeting: SmtpProbe, now: Temporal.Instant): DoctorFinding[] {
  const { server, extensions, certificate, failure } = greeting
  const ends =
    certificate === null
      ? []
      : [judgeCertificate(certificate, { group: 'smtp', where: server, now })]
  if (extensions === null || (failure && greeting.login === null))
    return [...ends, unreachable(greeting)]
  return [
    ok('smtp.connection.ok', `${server} answers${greeting.encrypted ? ', over TLS' : ''}.`, {
      subject: server,
    }),
    ...ends,
    ...tlsOf(greeting),
    ...loginOf(greeting),
    ...extensionsOf(extensions, server),
  ]
}

function unreachable({ server, failure }: SmtpProbe): DoctorFinding {
  const words = failure?.words ?? 'it does not answer'
  return failure?.isTls
    ? error('smtp.tls.failed', `${server}: ${words}.`, {
        subject: server,
        why: 'No mail is sent over a connection that others could read or change.',
        fix: 'Check that the certificate is for the host in SMTP_URL, and that the relay has renewed it.',
        settings: ['SMTP_URL'],
      })
    : error('smtp.connection.failed', `${server} cannot be used: ${words}.`, {
        subject: server,
        why: 'No mail is sent.',
        fix: 'Check the host and the port in SMTP_URL. Many hosting providers block port 25, and some block 465 and 587, until you ask them.',
        settings: ['SMTP_URL'],
      })
}

const tlsOf = ({ server, encrypted, isLocal }: SmtpProbe): DoctorFinding[] =>
  encrypted || !isLocal
    ? []
    : [
        info('smtp.tls.local', `${server} is on this machine: no TLS is needed.`, {
          subject: server,
        }),
      ]

function loginOf({ server, login, failure, encrypted, isLocal }: SmtpProbe): DoctorFinding[] {
  const subject = server
  if (login === null)
    return isLocal
      ? []
      : [
          info('smtp.login.none', `No user and password are set for ${server}.`, {
            subject,
            why: 'Most relays accept mail only after a login.',
            fix: 'Do nothing if the relay recognizes this machine by its address.',
          }),
        ]
  if (login === 'accepted') {
    const ways = encrypted || isLocal ? '' : ' without TLS'
    return [ok('smtp.login.ok', `${server} accepts the user and password${ways}.`, { subject })]
  }
  const words = failure?.words ? `: ${failure.words}` : ''
  return [
    error('smtp.login.failed', `The login at ${server} failed${words}.`, {
      subject,
      why: 'No mail is sent.',
      fix: 'Correct the user and password in SMTP_URL. Many relays have an SMTP password that differs from that of your account.',
      settings: ['SMTP_URL'],
    }),
  ]
}

function extensionsOf(lines: readonly string[], server: string): DoctorFinding[] {
  const of = (name: string) =>
    lines.find((line) => line.toUpperCase().split(' ')[0] === name)?.slice(name.length)
  const size = Number(of('SIZE') ?? 0)
  const missing = ['PIPELINING', '8BITMIME', 'SMTPUTF8'].filter((name) => of(name) === undefined)
  const found: DoctorFinding[] = []
  if (size > 0 && size < MAX_MAIL_BYTES)
    found.push(
      warning('smtp.size', `${server} accepts mails of at most ${size} bytes.`, {
        subject: server,
        why: 'A long lesson can be larger, and would be refused.',
        fix: 'Raise the limit on the server: 1 MB is enough.',
      }),
    )
  if (missing.includes('SMTPUTF8'))
    found.push(
      info('smtp.utf8', `${server} does not support SMTPUTF8.`, {
        subject: server,
        why: 'It cannot send mail to addresses like ü@example.org. There are few of them.',
      }),
    )
  const extensions = missing.filter((name) => name !== 'SMTPUTF8')
  if (extensions.length > 0)
    found.push(
      info('smtp.extensions', `${server} does not support ${extensions.join(' and ')}.`, {
        subject: server,
        why: 'Mail is still sent, somewhat more slowly.',
      }),
    )
  return found
}
