/**
 * What comes back about a mail that was sent: a bounce, a complaint, an answer. It comes by SMTP,
 * in a mailbox or from a provider's webhook, and is read into this one shape (standards.md C3 to
 * C15).
 */

/**
 * - `bounce`: the mail was not delivered, for good (RFC 3464, `Action: failed`).
 * - `delay`: it is still being tried (`delayed`). Never a bounce.
 * - `delivery`: it arrived (`delivered`, `relayed`, `expanded`).
 * - `complaint`: somebody called it spam (RFC 5965, `abuse`, `fraud`, `virus`, `other`).
 * - `not_spam`: somebody took that back.
 * - `unsubscribe`: somebody leaves by their mailbox provider.
 * - `auto_reply`: a program answered (RFC 3834). Never counted.
 * - `reply`: a person answered. Forwarded to where replies go, and never counted.
 * - `tls_report`, `dmarc_report`: what receivers sum up of a day (RFC 8460, RFC 9990).
 * - `other`: it could not be read as any of these. Never counted.
 */
export const REPORT_KINDS = [
  'bounce',
  'delay',
  'delivery',
  'complaint',
  'not_spam',
  'unsubscribe',
  'auto_reply',
  'reply',
  'tls_report',
  'dmarc_report',
  'other',
] as const
export type ReportKind = (typeof REPORT_KINDS)[number]

/** Kinds that are kept: something follows from them. All else is counted, and forgotten. */
export const KEPT_REPORTS = [
  'bounce',
  'complaint',
  'not_spam',
  'unsubscribe',
] as const satisfies readonly ReportKind[]
export type KeptReportKind = (typeof KEPT_REPORTS)[number]

/** How a report came. */
export type ReportSource =
  | 'smtp'
  | 'imap'
  | 'listener'
  | 'ses'
  | 'postmark'
  | 'mailgun'
  | 'sendgrid'
  | 'brevo'
  | 'resend'

/**
 * Sources that prove who says so: what they tell of an address is believed without naming a mail.
 */
export const PROVEN: ReadonlySet<ReportSource> = new Set([
  'smtp',
  'ses',
  'postmark',
  'mailgun',
  'sendgrid',
  'brevo',
  'resend',
])

/**
 * Against whom a bounce speaks (standards.md C8 to C11).
 *
 * - `hard`: the address. It is suppressed at once.
 * - `disabled`: the address, perhaps for now. Suppressed when it happens again.
 * - `soft`: the address, for now. Suppressed after many in a row.
 * - `block`: our reputation, or what we wrote. Never the address.
 * - `sender`: our set-up: SPF, DKIM, DMARC, PTR, TLS (B4). Never the address.
 * - `message`: this mail. Never the address.
 */
export const BOUNCE_CLASSES = ['hard', 'disabled', 'soft', 'block', 'sender', 'message'] as const
export type BounceClass = (typeof BOUNCE_CLASSES)[number]

/** Why, in the field's own names. The last five are of what is no bounce. */
export const REPORT_REASONS = [
  'no_such_user',
  'no_such_domain',
  'moved',
  'disabled',
  'mailbox_full',
  'too_big',
  'content',
  'spam',
  'policy',
  'blocked',
  'authentication',
  'tls',
  'rate_limited',
  'greylisted',
  'dns',
  'network',
  'system',
  'expired',
  'relaying_denied',
  'smtputf8',
  'suppressed',
  'other',
  'delayed',
  'complaint',
  'auto_reply',
  'vacation',
  'reply',
] as const
export type ReportReason = (typeof REPORT_REASONS)[number]

/**
 * What names the mail that a report is about, the most trustworthy first (standards.md C6, C25).
 */
export interface NamedMail {
  /** The local part of its envelope sender, as VERP made it: `b+<token>`. Not yet verified. */
  readonly returnPath: string | null
  /** What the provider called it in its 250 reply, or in its own header. */
  readonly providerId: string | null
  /** `<…@…>`, of the headers that came back. */
  readonly messageId: string | null
}

export interface Report {
  readonly kind: ReportKind
  /** Of a bounce; null of all else. */
  readonly class: BounceClass | null
  readonly reason: ReportReason
  readonly of: NamedMail
  /**
   * Whom the mail went to, as the report says; null when it does not, or is redacted (RFC 6590).
   */
  readonly recipient: string | null
  /** Enhanced status code (RFC 3463), as 5.1.1; null when there is none. */
  readonly status: string | null
  /** What was said, in one line of 500 characters at most. */
  readonly diagnostic: string
  /** The host that says so, or the provider's name; null when it is not told. */
  readonly reportedBy: string | null
}
