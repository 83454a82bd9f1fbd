/**
 * Services that send mail for us, and the id each gives to a mail it accepts (standards.md C25).
 */

export const MAIL_PROVIDERS = ['ses', 'postmark', 'mailgun', 'sendgrid', 'brevo', 'resend'] as const
export type MailProvider = (typeof MAIL_PROVIDERS)[number]

/** Headers that providers return in their webhooks, with our Message-ID in them. */
export const ECHO_HEADERS = {
  /** Appears under this name in `Metadata`, which has room for 80 characters. */
  postmark: 'dawnpost',
  brevo: 'X-Mailin-custom',
} as const

const HOSTS: readonly (readonly [provider: MailProvider, host: RegExp])[] = [
  ['ses', /^email-smtp(-fips)?\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/],
  ['postmark', /^smtp(-broadcasts)?\.postmarkapp\.com$/],
  ['mailgun', /^smtp(\.[a-z]{2})?\.mailgun\.org$/],
  ['sendgrid', /^smtp(\.[a-z]{2})?\.sendgrid\.net$/],
  ['brevo', /^smtp-relay\.(brevo|sendinblue)\.com$/],
  ['resend', /^smtp\.resend\.com$/],
]

/** Returns the provider whose SMTP server has this name; null if it is not a known one. */
export const mailProviderAt = (host: string): MailProvider | null =>
  HOSTS.find(([, name]) => name.test(host.toLowerCase()))?.[0] ?? null

const UUID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/i
const QUEUED = /\bqueued as <?([\w.@+=-]{6,200})/i

/** Where the id is in a 250 reply. Mailgun gives none: it keeps our Message-ID. */
const IDS: Readonly<Record<MailProvider, RegExp | null>> = {
  ses: /^250 (?:2\.\d\.\d )?Ok ([0-9a-f-]{20,100})\b/i,
  postmark: UUID,
  mailgun: null,
  sendgrid: QUEUED,
  brevo: QUEUED,
  resend: UUID,
}

/**
 * Returns the id under which a provider accepted a mail with this reply, as its webhooks give it;
 * null if the reply has none.
 */
export function providerIdFrom(reply: string, provider: MailProvider | null): string | null {
  const [whole, part] = (provider && IDS[provider]?.exec(reply.slice(0, 1_000))) ?? []
  const id = part ?? whole ?? null
  // Everywhere else Brevo writes it in angle brackets.
  return id !== null && provider === 'brevo' && id.includes('@') ? `<${id}>` : id
}
