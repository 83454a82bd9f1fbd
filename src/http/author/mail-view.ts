/** A mail as a page shows it: what the partial mail-tabs is given, and what its HTML may do. */
import PostalMime, { type Email } from 'postal-mime'

/**
 * A mail's HTML runs no scripts and loads nothing but images; its links open in a tab of their own
 * (standards.md I11).
 */
export const MAIL_POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src 'self' https: data:",
  "frame-ancestors 'self'",
  'sandbox allow-popups allow-popups-to-escape-sandbox',
].join('; ')

export const parsed = (raw: Buffer): Promise<Email> => PostalMime.parse(raw)

/** `src` is the address of the mail's HTML alone. */
export const mailView = (raw: Buffer, mail: Email, src: string) => ({
  src,
  raw: raw.toString('utf8'),
  bytes: raw.length,
  text: mail.text ?? '',
  headers: mail.headers.map(({ originalKey, value }) => ({ key: originalKey, value })),
})
