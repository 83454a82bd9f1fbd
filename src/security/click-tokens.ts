import type { Secrets } from './secrets.ts'

/** A link in a mail: which delivery, which text, and which of its links. */
export interface MailLink {
  readonly delivery: string
  /** Hash of the edition, which determines where the link leads, even if the delivery is gone. */
  readonly edition: string
  readonly link: number
}

/**
 * Tokens of counted links. They identify a link, and cannot lead anywhere else (standards.md I3).
 */
export interface ClickTokens {
  /** Returns the same token for the same link, so that a resent mail is unchanged (I5). */
  make(link: MailLink): string
  /** Returns null if the token is not ours, or was changed. */
  open(token: string): MailLink | null
}

const PURPOSE = 'link click'
const TOKEN = /^1\.([\w-]{1,16})\.([\w-]{46})\.([\w-]{22})$/
/** Bytes of an id, and of the payload: two ids of 16, then the number of the link. */
const [ID, ALL] = [16, 34]

/** Tokens are `1.key.payload.tag`, like those of other links (links.ts). */
export const openClickTokens = (secrets: Secrets): ClickTokens => ({
  make: ({ delivery, edition, link }) => {
    const bytes = Buffer.alloc(ALL)
    bytes.write(delivery.replaceAll('-', '') + edition, 'hex')
    bytes.writeUInt16BE(link, 2 * ID)
    const payload = bytes.toString('base64url')
    const { key, tag } = secrets.sign(PURPOSE, payload)
    return `1.${key}.${payload}.${tag.toString('base64url')}`
  },
  open: (token) => {
    const [, key = '', payload = '', tag = ''] = TOKEN.exec(token) ?? []
    if (!secrets.verify(PURPOSE, payload, key, Buffer.from(tag, 'base64url'))) return null
    const bytes = Buffer.from(payload, 'base64url')
    return {
      delivery: bytes
        .toString('hex', 0, ID)
        .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
      edition: bytes.toString('hex', ID, 2 * ID),
      link: bytes.readUInt16BE(2 * ID),
    }
  },
})
