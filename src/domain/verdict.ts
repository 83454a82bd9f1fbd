import { classify } from './bounce.ts'

/** What is known of a failed send (standards.md D15). */
export interface SmtpError {
  readonly code?: string | undefined
  /** The system's own code, where nodemailer put another in its place. */
  readonly originalCode?: string | undefined
  readonly command?: string | undefined
  readonly responseCode?: number | undefined
  readonly response?: string | undefined
  /** It failed after the session had been set up. */
  readonly inMail?: boolean
  /** The whole message had left when it failed: the server may have taken it. */
  readonly handedOver?: boolean
  /** Whether it was said by a server that says so to nearly everybody. */
  readonly isDoubted?: (() => boolean) | undefined
  readonly message: string
}

/**
 * Whom a failed send speaks against.
 *
 * - `unknown`: it may have been accepted; the connection ended after all of it was handed over.
 * - `transport`: no one; the connection failed before. Uses up none of the subscriber's attempts
 *   (D17).
 * - `slow`: no one; the server asks for fewer or later mails (421, 454). Uses up no attempt either.
 * - `halt`: us; our credentials, our TLS or our name. Every other mail would fail too.
 * - `ours`: us; our reputation or set-up (5.7.x). Never the address (C10).
 * - `retry`: this mail, for now; it may pass later.
 * - `refused`: this mail. Give it up; leave the address alone.
 * - `disabled`: the address, perhaps for now. Give this mail up; suppress the address when it
 *   happens again (C8).
 * - `bounced`: the address. Suppress it.
 */
export type Verdict =
  | 'unknown'
  | 'transport'
  | 'slow'
  | 'halt'
  | 'ours'
  | 'retry'
  | 'refused'
  | 'disabled'
  | 'bounced'

/** The code of a mail that was not offered to a server, which does not know SMTPUTF8 (RFC 6531). */
export const NO_SMTPUTF8 = 'ENOSMTPUTF8'

/**
 * Whether this server alone could not take the mail, for an address in it: another one may (C11,
 * D24).
 */
export const lacksSmtputf8 = ({ code }: SmtpError) => code === NO_SMTPUTF8

const OUR_FAULT = new Set(['EAUTH', 'ENOAUTH', 'EOAUTH2', 'ECONFIG', 'ETLS'])
/** Codes that ask for less: too many connections or mails (D30). */
const SLOW_DOWN = new Set([421, 454])

/** Commands of a mail's own; what fails at another is the session. */
const OF_THE_MAIL = new Set(['MAIL FROM', 'RCPT TO', 'DATA', 'API', ''])

/** Codes that ask for a login or for TLS, at whichever command (RFC 4954, 6). */
const LOG_IN_FIRST = new Set([530, 534, 535, 538])
/** Where a session begins: a server that says no here does not want us, under this name. */
const FIRST_STEPS = new Set(['CONN', 'EHLO', 'HELO'])

/**
 * Whether nothing was sent since the message cannot be: larger than the server takes (RFC 1870), or
 * with such an address (RFC 6531).
 */
export const isOfMessage = ({ code = '', response, handedOver }: SmtpError) =>
  !response && !handedOver && (code === 'EMESSAGE' || code === 'EENVELOPE' || code === NO_SMTPUTF8)

/** Of one mail to one person none of these is too much: they are counted over the connection. */
const TOO_MANY =
  /^4\d\d[ -]4\.5\.3\b|\btoo many (messages|mails|e-?mails|recipients|transactions)\b/i

/**
 * Whether a server that has taken mails over a connection takes no more over this one, by what it
 * says to the next one's envelope: "421 too many messages in this connection", or 452 (RFC 5321,
 * 4.5.3.1.10) where it counts what came over the connection.
 */
export const isSpent = ({ command, responseCode = 0, response = '' }: SmtpError) =>
  (responseCode === 421 && command === 'MAIL FROM') ||
  (responseCode >= 400 &&
    responseCode < 500 &&
    (command === 'MAIL FROM' || command === 'RCPT TO') &&
    TOO_MANY.test(response))

/**
 * Decides on the SMTP reply, not on nodemailer's code: EENVELOPE covers both 450 and 550
 * (standards.md D16).
 */
export function verdictOn(error: SmtpError): Verdict {
  const { code = '', command = '', responseCode } = error
  if (isOfMessage(error)) return 'refused'
  if (OUR_FAULT.has(code)) return 'halt'
  if (!responseCode) return error.handedOver ? 'unknown' : 'transport'
  // A greeting that sends us away, when no connection of ours is open: the server is closed.
  if (responseCode === 421 && error.inMail === false) return 'transport'
  if (LOG_IN_FIRST.has(responseCode)) return 'halt'
  if (responseCode >= 500 && !error.inMail && FIRST_STEPS.has(command)) return 'halt'
  if (SLOW_DOWN.has(responseCode)) return 'slow'
  if (responseCode === 503 || !OF_THE_MAIL.has(command)) return 'transport'
  const reply = error.response ?? ''
  const [, subject = '', detail = ''] = /^\d{3}[ -][45]\.(\d{1,3})\.(\d{1,3})\b/.exec(reply) ?? []
  if (responseCode < 500) return subject === '7' && detail !== '1' ? 'ours' : 'retry'
  return permanent(error)
}

/**
 * Who asks for less mail by this failure, if anyone: the server we send through (454, or 421 to a
 * mail's sender), or the recipient's provider (421 and 4.7.x to a mail, but 4.7.1, which
 * greylists).
 */
export function asksForLess(error: SmtpError): 'server' | 'provider' | null {
  const { command = '', responseCode, response = '' } = error
  if (!error.inMail) return null
  if (responseCode === 454) return 'server'
  const policy = /^4\d\d[ -]4\.7\.(?!1\b)/.test(response)
  if (responseCode !== 421 && !policy) return null
  return command !== 'MAIL FROM' ? 'provider' : 'server'
}

/**
 * Of a reply that will not change: by the same codes and words as a bounce (bounce.ts). Only an
 * answer to its own RCPT speaks against an address, or that its domain takes no mail (556).
 */
function permanent({ command = '', responseCode, response = '' }: SmtpError): Verdict {
  const status = /^\d{3}[ -](5\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1] ?? null
  const { class: of } = classify({ status, code: responseCode ?? null, text: response })
  const isOfAddress = command === 'RCPT TO'
  if (of === 'block' || of === 'sender') return 'ours'
  if (of === 'message') return 'refused'
  if (command === 'MAIL FROM') return 'ours'
  if (of === 'hard') return isOfAddress || responseCode === 556 ? 'bounced' : 'refused'
  return of === 'disabled' && isOfAddress ? 'disabled' : 'refused'
}
