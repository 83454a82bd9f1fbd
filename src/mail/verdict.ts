/** What nodemailer says of a failed send (standards.md D15). */
export interface SmtpError {
  readonly code?: string | undefined
  readonly command?: string | undefined
  readonly responseCode?: number | undefined
  readonly response?: string | undefined
  readonly message: string
}

/**
 * Whom a failed send speaks against.
 *
 * - `retry`: no one; the same message may pass later.
 * - `bounced`: the address. Suppress it.
 * - `refused`: this message. Give it up; leave the address alone.
 * - `ours`: us, our credentials or reputation. Retry, and tell the operator.
 * - `unknown`: the connection ended after the message was handed over; it may have been accepted.
 */
export type Verdict = 'retry' | 'bounced' | 'refused' | 'ours' | 'unknown'

const OURS = new Set(['EAUTH', 'ENOAUTH', 'EOAUTH2', 'ECONFIG', 'ETLS'])
const DROPPED = new Set(['ECONNECTION', 'ESOCKET', 'ETIMEDOUT', 'ECONNRESET', 'EPROTOCOL'])

/** Decides on the SMTP reply, not on nodemailer's code: EENVELOPE covers both 450 and 550 (standards.md D16). */
export function verdictOn(error: SmtpError): Verdict {
  const { code = '', command = '', responseCode } = error
  if (OURS.has(code)) return 'ours'
  if (command === 'API') return 'refused'
  if (!responseCode) return DROPPED.has(code) && command === 'DATA' ? 'unknown' : 'retry'
  if (responseCode < 500 || responseCode === 503) return 'retry'
  const [, subject = '', detail = ''] = /\b5\.(\d{1,3})\.(\d{1,3})\b/.exec(error.response ?? '') ?? []
  if (subject === '7' || command === 'MAIL FROM') return 'ours'
  if (command !== 'RCPT TO') return 'refused'
  if (subject === '' || subject === '1')
    return responseCode === 550 || responseCode === 553 || subject ? 'bounced' : 'refused'
  return subject === '2' && detail === '1' ? 'bounced' : 'refused'
}
