/**
 * What comes back about a mail that was sent: a bounce, a complaint, an answer. It arrives by SMTP,
 * in a mailbox or from a provider's webhook, and is read into this one shape (standards.md C3 to
 * C15).
 */

/**
 * - `bounce`: the mail was permanently undeliverable (RFC 3464, `Action: failed`).
 * - `delay`: it is still being tried (`delayed`). Never a bounce.
 * - `delivery`: it arrived (`delivered`, `relayed`, `expanded`).
 * - `complaint`: somebody marked it as spam (RFC 5965, `abuse`, `fraud`, `virus`, `other`).
 * - `not_spam`: somebody took that back.
 * - `unsubscribe`: somebody leaves through their mailbox provider.
 * - `auto_reply`: a program answered (RFC 3834). Never counted.
 * - `reply`: a person answered. Forwarded to the reply address, and never counted.
 * - `tls_report`, `dmarc_report`: daily reports of receivers (RFC 8460, RFC 9990).
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

/**
 * Kinds that are kept because something follows from them. All others are counted and discarded.
 */
export const STORED_REPORT_KINDS = [
  'bounce',
  'complaint',
  'not_spam',
  'unsubscribe',
] as const satisfies readonly ReportKind[]
export type StoredReportKind = (typeof STORED_REPORT_KINDS)[number]

/** How a report arrived. */
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
 * Sources that prove who is speaking: what they report about an address is believed even if it
 * names no mail.
 */
export const TRUSTED_SOURCES: ReadonlySet<ReportSource> = new Set([
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
 * - `hard`: the address. It is suppressed immediately.
 * - `disabled`: the address, perhaps temporarily. Suppressed if it happens again.
 * - `soft`: the address, for now. Suppressed after many in a row.
 * - `block`: our reputation or content. Never the address.
 * - `sender`: our setup: SPF, DKIM, DMARC, PTR, TLS (B4). Never the address.
 * - `message`: this mail. Never the address.
 */
export const BOUNCE_CLASSES = ['hard', 'disabled', 'soft', 'block', 'sender', 'message'] as const
export type BounceClass = (typeof BOUNCE_CLASSES)[number]

/**
 * The reason, in the usual terms of the field. The last five are for reports that are no bounce.
 */
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
 * What identifies the mail that a report is about, the most trustworthy first (standards.md C6,
 * C25).
 */
export interface MailReference {
  /** Local part of its envelope sender, as made by VERP: `b+<token>`. Not yet verified. */
  readonly returnPath: string | null
  /** The provider's id, from its 250 reply or from its own header. */
  readonly providerId: string | null
  /** `<…@…>`, from the returned headers. */
  readonly messageId: string | null
}

export interface Report {
  readonly kind: ReportKind
  /** Null unless it is a bounce. */
  readonly class: BounceClass | null
  readonly reason: ReportReason
  readonly of: MailReference
  /** The recipient, according to the report; null if it names none or is redacted (RFC 6590). */
  readonly recipient: string | null
  /** Enhanced status code (RFC 3463), such as 5.1.1; null if there is none. */
  readonly status: string | null
  /** What was said, in one line of at most 500 characters. */
  readonly diagnostic: string
  /** The host that says so, or the provider's name; null if unknown. */
  readonly reportedBy: string | null
}
