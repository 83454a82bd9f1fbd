/** What is known of a failed send (standards.md D15). */
export interface SmtpError {
  readonly code?: string | undefined
  readonly command?: string | undefined
  readonly responseCode?: number | undefined
  readonly response?: string | undefined
  /** The server had begun to take the message when it failed. */
  readonly handedOver?: boolean
  readonly message: string
}

/**
 * Whom a failed send speaks against.
 *
 * - `unknown`: it may have been accepted; the connection ended after it was handed over.
 * - `transport`: no one; the connection failed before. Uses up none of the subscriber's attempts (D17).
 * - `slow`: no one; the server asks for fewer or later mails (421, 454). Uses up no attempt either.
 * - `halt`: us; our credentials or our TLS. Every other mail would fail too.
 * - `ours`: us; our reputation or set-up (5.7.x). Never the address (C10).
 * - `retry`: this mail, for now; it may pass later.
 * - `refused`: this mail. Give it up; leave the address alone.
 * - `bounced`: the address. Suppress it.
 */
export type Verdict = 'unknown' | 'transport' | 'slow' | 'halt' | 'ours' | 'retry' | 'refused' | 'bounced'

const OUR_FAULT = new Set(['EAUTH', 'ENOAUTH', 'EOAUTH2', 'ECONFIG', 'ETLS'])
/** Codes that ask for less: too many connections or mails (D30). */
const SLOW_DOWN = new Set([421, 454])

/** Decides on the SMTP reply, not on nodemailer's code: EENVELOPE covers both 450 and 550 (standards.md D16). */
export function verdictOn(error: SmtpError): Verdict {
  const { code = '', command = '', responseCode } = error
  if (OUR_FAULT.has(code)) return 'halt'
  if (!responseCode) return error.handedOver ? 'unknown' : 'transport'
  if (SLOW_DOWN.has(responseCode)) return 'slow'
  if (responseCode === 503) return 'transport'
  const [, subject = '', detail = ''] = /\b[45]\.(\d{1,3})\.(\d{1,3})\b/.exec(error.response ?? '') ?? []
  if (responseCode < 500) return subject === '7' && detail !== '1' ? 'ours' : 'retry'
  if (subject === '7' || command === 'MAIL FROM') return 'ours'
  if (command !== 'RCPT TO') return 'refused'
  if (subject === '') return responseCode === 550 || responseCode === 556 ? 'bounced' : 'refused'
  const noSuchAddress = subject === '1' || (subject === '2' && detail === '1')
  return noSuchAddress ? 'bounced' : 'refused'
}
