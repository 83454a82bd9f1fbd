import { classify } from './bounce.ts'

/** What is known about a failed send (standards.md D15). */
export interface SmtpError {
  readonly code?: string | undefined
  /** The system's own code, if nodemailer replaced it. */
  readonly originalCode?: string | undefined
  readonly command?: string | undefined
  readonly responseCode?: number | undefined
  readonly response?: string | undefined
  /** It failed after the session had been set up. */
  readonly inMail?: boolean
  /** The whole message had left when it failed: the server may have accepted it. */
  readonly handedOver?: boolean
  /** Whether the server that said it refuses nearly everybody. */
  readonly isDoubted?: (() => boolean) | undefined
  readonly message: string
}

/**
 * Whom a failed send speaks against.
 *
 * - `unknown`: the mail may have been accepted; the connection ended after all of it was handed
 *   over.
 * - `transport`: nobody; the connection failed before. Uses up none of the subscriber's attempts
 *   (D17).
 * - `slow`: nobody; the server asks for fewer or later mails (421, 454). Uses up no attempt either.
 * - `halt`: us: our credentials, our TLS or our name. Every other mail would fail too.
 * - `ours`: us: our reputation or setup (5.7.x). Never the address (C10).
 * - `retry`: this mail, for now; a later attempt may succeed.
 * - `refused`: this mail. Give it up; leave the address alone.
 * - `disabled`: the address, perhaps temporarily. Give this mail up; suppress the address if it
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

/**
 * Code of a mail that was not offered to a server because that does not support SMTPUTF8 (RFC
 * 6531).
 */
export const NO_SMTPUTF8 = 'ENOSMTPUTF8'

/**
 * Whether only this server could not take the mail, because of an address in it: another may (C11,
 * D24).
 */
export const lacksSmtputf8 = ({ code }: SmtpError) => code === NO_SMTPUTF8

const OUR_FAULT = new Set(['EAUTH', 'ENOAUTH', 'EOAUTH2', 'ECONFIG', 'ETLS'])
/** Codes that ask for less: too many connections or mails (D30). */
const THROTTLE_CODES = new Set([421, 454])

/** Commands of a single mail; a failure at any other concerns the session. */
const MAIL_COMMANDS = new Set(['MAIL FROM', 'RCPT TO', 'DATA', 'API', ''])

/** Codes that ask for a login or for TLS, at any command (RFC 4954, 6). */
const AUTH_REQUIRED_CODES = new Set([530, 534, 535, 538])
/** Where a session begins: a server that refuses here does not want us, under this name. */
const SESSION_COMMANDS = new Set(['CONN', 'EHLO', 'HELO'])

/**
 * Whether nothing was sent because the message cannot be: it is larger than the server accepts (RFC
 * 1870), or has an address that it does not (RFC 6531).
 */
export const isUnsendableMessage = ({ code = '', response, handedOver }: SmtpError) =>
  !response && !handedOver && (code === 'EMESSAGE' || code === 'EENVELOPE' || code === NO_SMTPUTF8)

/** A single mail to one person exceeds none of these: they are counted over the connection. */
const TOO_MANY =
  /^4\d\d[ -]4\.5\.3\b|\btoo many (messages|mails|e-?mails|recipients|transactions)\b/i

/**
 * Whether a server that has accepted mails over a connection accepts no more over this one, by its
 * reply to the next envelope: "421 too many messages in this connection", or 452 (RFC 5321,
 * 4.5.3.1.10) if it counts per connection.
 */
export const isConnectionExhausted = ({ command, responseCode = 0, response = '' }: SmtpError) =>
  (responseCode === 421 && command === 'MAIL FROM') ||
  (responseCode >= 400 &&
    responseCode < 500 &&
    (command === 'MAIL FROM' || command === 'RCPT TO') &&
    TOO_MANY.test(response))

/**
 * Decides by the SMTP reply, not by nodemailer's code: EENVELOPE covers both 450 and 550
 * (standards.md D16).
 */
export function verdictOn(error: SmtpError): Verdict {
  const { code = '', command = '', responseCode } = error
  if (isUnsendableMessage(error)) return 'refused'
  if (OUR_FAULT.has(code)) return 'halt'
  if (!responseCode) return error.handedOver ? 'unknown' : 'transport'
  // Turned away before any mail of this session: the server is closed.
  if (responseCode === 421 && error.inMail === false) return 'transport'
  if (AUTH_REQUIRED_CODES.has(responseCode)) return 'halt'
  if (responseCode >= 500 && !error.inMail && SESSION_COMMANDS.has(command)) return 'halt'
  if (THROTTLE_CODES.has(responseCode)) return 'slow'
  if (responseCode === 503 || !MAIL_COMMANDS.has(command)) return 'transport'
  const reply = error.response ?? ''
  const [, subject = '', detail = ''] = /^\d{3}[ -][45]\.(\d{1,3})\.(\d{1,3})\b/.exec(reply) ?? []
  if (responseCode < 500) return subject === '7' && detail !== '1' ? 'ours' : 'retry'
  return permanentVerdict(error)
}

/**
 * Returns who asks for less mail by this failure, if anyone: the server we send through (454, or
 * 421 or 4.7.x to MAIL FROM), or the recipient's provider (421 or 4.7.x to a later command). 4.7.1
 * is greylisting.
 */
export function throttleSourceOf(error: SmtpError): 'server' | 'provider' | null {
  const { command = '', responseCode, response = '' } = error
  if (!error.inMail) return null
  if (responseCode === 454) return 'server'
  const policy = /^4\d\d[ -]4\.7\.(?!1\b)/.test(response)
  if (responseCode !== 421 && !policy) return null
  return command !== 'MAIL FROM' ? 'provider' : 'server'
}

/**
 * Judges a permanent reply, by the same codes and words as a bounce (bounce.ts). Only an answer to
 * its own RCPT speaks against an address, or one that its domain accepts no mail (556).
 */
function permanentVerdict({ command = '', responseCode, response = '' }: SmtpError): Verdict {
  const status = /^\d{3}[ -](5\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1] ?? null
  const { class: of } = classify({ status, code: responseCode ?? null, text: response })
  const isOfAddress = command === 'RCPT TO'
  if (of === 'block' || of === 'sender') return 'ours'
  if (of === 'message') return 'refused'
  if (command === 'MAIL FROM') return 'ours'
  if (of === 'hard') return isOfAddress || responseCode === 556 ? 'bounced' : 'refused'
  return of === 'disabled' && isOfAddress ? 'disabled' : 'refused'
}
