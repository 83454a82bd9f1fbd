/** What relays require in SPF, by their host. */

/** Domain that authorizes the relay's servers, as an `include:` in the sender's record. */
const INCLUDES: readonly (readonly [host: string, include: string])[] = [
  ['amazonaws.com', 'amazonses.com'],
  ['brevo.com', 'spf.brevo.com'],
  ['sendinblue.com', 'spf.brevo.com'],
  ['mailgun.org', 'mailgun.org'],
  ['mailjet.com', 'spf.mailjet.com'],
  ['postmarkapp.com', 'spf.mtasv.net'],
  ['resend.com', 'amazonses.com'],
  ['sendgrid.net', 'sendgrid.net'],
  ['gmail.com', '_spf.google.com'],
  ['office365.com', 'spf.protection.outlook.com'],
  ['fastmail.com', 'spf.messagingengine.com'],
]

/** Returns the include that the relay at this host needs; null if it is not a known one. */
export const includeFor = (host: string): string | null =>
  INCLUDES.find(([known]) => host === known || host.endsWith(`.${known}`))?.[1] ?? null
