/**
 * DKIM signatures (RFC 6376), relaxed/relaxed, rsa-sha256 with a key of 2048 bits or more (standards.md B7).
 *
 * A composed body is in relaxed form as it stands (see skeleton.ts), so it is hashed as it is; the signature
 * is made in the thread pool, beside the sending.
 */
import { createHash, createPrivateKey, sign } from 'node:crypto'
import { promisify } from 'node:util'
import type { Message } from './compose.ts'

const signInPool = promisify(sign)

export interface DkimKey {
  /** The signing domain, d=. */
  readonly domain: string
  /** Where its public key is: `<selector>._domainkey.<domain>`. */
  readonly selector: string
  /** PEM, RSA. */
  readonly privateKey: string
}

/** Puts a DKIM-Signature field before a message. */
export type Signer = (message: Message) => Promise<Message>

/** Fields that are signed, where the message has them: the list headers among them (standards.md A3). */
const SIGNED = [
  'from',
  'to',
  'reply-to',
  'subject',
  'date',
  'message-id',
  'list-id',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'mime-version',
  'content-type',
]

const LEAST_BITS = 2048

/** Makes a signer. Throws a RangeError for a key that is not RSA or too short (standards.md, trap 2). */
export function openSigner({ domain, selector, privateKey }: DkimKey): Signer {
  const key = createPrivateKey(privateKey)
  if (key.asymmetricKeyType !== 'rsa') throw new RangeError('the DKIM key is not an RSA key')
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < LEAST_BITS) throw new RangeError(`the DKIM key has ${bits} bits; it needs ${LEAST_BITS}`)
  return async ([header, ...body]) => {
    const hash = createHash('sha256')
    for (const piece of body) hash.update(piece)
    const bodyHash = hash.digest('base64')
    const fields = relaxedFields(header.toString('latin1').trimEnd())
    const names = SIGNED.filter((name) => fields.has(name))
    const tags = `v=1; a=rsa-sha256; c=relaxed/relaxed; d=${domain}; s=${selector}; h=${names.join(':')}; bh=${bodyHash}; b=`
    const signed = `${names.map((name) => `${fields.get(name)}\r\n`).join('')}dkim-signature:${tags}`
    const signature = (await signInPool('sha256', Buffer.from(signed, 'latin1'), key)).toString('base64')
    const field = Buffer.from(`DKIM-Signature: ${folded(tags)}${folds(signature)}\r\n`, 'latin1')
    return [Buffer.concat([field, header]), ...body]
  }
}

/** Each field in relaxed form (RFC 6376, 3.4.2), by lower-case name; a name that comes twice counts once. */
function relaxedFields(header: string): Map<string, string> {
  const unfolded = header.replace(/\r\n(?=[ \t])/g, '').split('\r\n')
  return new Map(
    unfolded.map((line) => {
      const colon = line.indexOf(':')
      const name = line.slice(0, colon).trim().toLowerCase()
      return [
        name,
        `${name}:${line
          .slice(colon + 1)
          .replace(/[ \t]+/g, ' ')
          .trim()}`,
      ]
    }),
  )
}

/** Breaks lines only where relaxed form has a space anyway. */
const folded = (tags: string) => tags.replaceAll('; ', ';\r\n ')
/** White space within b= does not count (RFC 6376, 3.5). */
const folds = (signature: string) => signature.replace(/.{72}(?=.)/g, '$&\r\n ')
