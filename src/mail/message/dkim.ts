/**
 * DKIM signatures (RFC 6376), relaxed/relaxed, rsa-sha256 with a key of 2048 bits or more
 * (standards.md B7).
 *
 * A composed body is already in relaxed form (see skeleton.ts), so it is hashed unchanged; the
 * signature is computed in the thread pool, concurrently with sending.
 */
import { createHash, sign } from 'node:crypto'
import { promisify } from 'node:util'
import { rsaKeyIn } from '../../platform/dkim-keys.ts'
import type { Signer } from '../mail.ts'

const signInPool = promisify(sign)

export interface DkimKey {
  /** The signing domain, d=. */
  readonly domain: string
  /** The selector of the public key's record: `<selector>._domainkey.<domain>`. */
  readonly selector: string
  /** PEM, RSA. */
  readonly privateKey: string
}

/**
 * Signed fields: the list headers (standards.md A3, B8), and what decides how a mail is shown. Each
 * is named once more than it occurs, including those that do not occur at all, so that a field of
 * that name added on the way breaks the signature (RFC 6376, 5.4.2 and 8.15).
 */
const SIGNED = [
  'from',
  'to',
  'cc',
  'reply-to',
  'subject',
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'list-id',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'feedback-id',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
]

/**
 * Creates a signer. Throws a RangeError if the key is not RSA or too short (standards.md, trap 2).
 */
export function openSigner({ domain, selector, privateKey }: DkimKey): Signer {
  const key = rsaKeyIn(privateKey)
  return async ([header, ...body], isForeign = false) => {
    const hash = createHash('sha256')
    for (const piece of isForeign ? [relaxedBody(body)] : body) hash.update(piece)
    const bodyHash = hash.digest('base64')
    const fields = relaxedFields(header.toString('latin1').replace(/[\r\n]+$/, ''))
    const lists = SIGNED.map((name) => fields.get(name) ?? [])
    const names = SIGNED.flatMap((name, index) => Array(1 + (lists[index]?.length ?? 0)).fill(name))
    const named = names.join(':').replace(/.{1,70}:/g, '$& ')
    const tags = `v=1; a=rsa-sha256; c=relaxed/relaxed; d=${domain}; s=${selector}; h=${named}; bh=${bodyHash}; b=`
    const signed = `${lists
      .flat()
      .map((field) => `${field}\r\n`)
      .join('')}dkim-signature:${tags}`
    const signature = (await signInPool('sha256', Buffer.from(signed, 'latin1'), key)).toString(
      'base64',
    )
    const field = Buffer.from(
      `DKIM-Signature: ${foldTags(tags)}${foldSignature(signature)}\r\n`,
      'latin1',
    )
    return [Buffer.concat([field, header]), ...body]
  }
}

/** Returns a body in relaxed form (RFC 6376, 3.4.4). */
function relaxedBody(body: readonly Buffer[]): Buffer {
  const text = Buffer.concat(body).toString('latin1')
  const lines = text.replace(/[ \t]+/g, ' ').replace(/ (?=\r\n)/g, '')
  const ended = lines.replace(/ $/, '').replace(/(?:\r\n)*$/, '')
  return Buffer.from(ended && `${ended}\r\n`, 'latin1')
}

/**
 * Returns fields in relaxed form (RFC 6376, 3.4.2) by lower-case name; several of one name from the
 * last to the first (5.4.2).
 */
function relaxedFields(header: string): ReadonlyMap<string, readonly string[]> {
  const fields = new Map<string, string[]>()
  for (const line of header.replace(/\r\n(?=[ \t])/g, '').split('\r\n')) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim().toLowerCase()
    const value = line
      .slice(colon + 1)
      .replace(/[ \t]+/g, ' ')
      // Only ASCII spaces: in Latin 1, other space characters may be bytes of a letter.
      .replace(/^ | $/g, '')
    fields.set(name, [`${name}:${value}`, ...(fields.get(name) ?? [])])
  }
  return fields
}

/**
 * Breaks lines only where relaxed form has a space anyway: between tags, and between names (RFC
 * 6376, 3.5).
 */
const foldTags = (tags: string) => tags.replace(/[;:] /g, (end) => `${end.trim()}\r\n `)
/** White space within b= is ignored (RFC 6376, 3.5). */
const foldSignature = (signature: string) => signature.replace(/.{72}(?=.)/g, '$&\r\n ')
