/** Settings with their secrets hidden, fit to be shown. */

/** Hidden entirely. */
const SECRETS = new Set([
  'SECRET_KEY',
  'READYZ_TOKEN',
  'POSTMARK_WEBHOOK_AUTH',
  'MAILGUN_SIGNING_KEY',
  'BREVO_WEBHOOK_AUTH',
  'RESEND_WEBHOOK_SECRET',
])
/** URLs that may hold a password. */
const URL_SETTINGS = /_(URL(_\d)?|ENDPOINT)$/
const HIDDEN = '********'

/** Returns the text of a setting with its secrets hidden. */
export function masked(name: string, text: string): string {
  if (SECRETS.has(name)) return HIDDEN
  return URL_SETTINGS.test(name) ? maskedUrl(text) : text
}

/** A text that is not a URL may be a misplaced secret. */
function maskedUrl(text: string): string {
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/is.exec(text) ?? []
  if (scheme === undefined || rest === undefined) return HIDDEN
  // An unescaped password may hold any character, even an @.
  const end = rest.lastIndexOf('@')
  const where = rest
    .slice(end + 1)
    .replace(/([?&][^=&]*(?:pass|secret|token|key|dkim)[^=&]*=)[^&]*/gi, `$1${HIDDEN}`)
  return end < 0 ? scheme + where : `${scheme}${maskedUser(rest.slice(0, end))}@${where}`
}

/** Some relays use one token as both user and password. */
function maskedUser(credentials: string): string {
  const [user = '', ...password] = credentials.split(':')
  return password.length === 0 || user === password.join(':') ? HIDDEN : `${user}:${HIDDEN}`
}
