/** A mail as a page shows it: the data of the partial mail-tabs. */
import PostalMime, { type Email } from 'postal-mime'

export const parseMail = (raw: Buffer): Promise<Email> => PostalMime.parse(raw)

/** `src` is the address of just the mail's HTML. */
export const mailView = (raw: Buffer, mail: Email, src: string) => ({
  src,
  raw: raw.toString('utf8'),
  bytes: raw.length,
  text: mail.text ?? '',
  headers: mail.headers.map(({ originalKey, value }) => ({ key: originalKey, value })),
})
