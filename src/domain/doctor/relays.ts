/** What relays ask for in SPF: data, by the host that they are reached at. */

/** The domain that authorizes the relay's servers, as an `include:` of the sender's record. */
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

/** The include that the relay at this host is known to need; null for one that is not known. */
export const includeFor = (host: string): string | null =>
  INCLUDES.find(([known]) => host === known || host.endsWith(`.${known}`))?.[1] ?? null
