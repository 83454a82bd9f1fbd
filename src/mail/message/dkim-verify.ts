/**
 * Verifies a DKIM signature like a receiver (RFC 6376, 6.1), using only the bytes of a mail and the
 * DNS record. It shares no code with the signer, so that a fault in one is not repeated in the
 * other.
 */
import { createHash, createPublicKey, verify } from 'node:crypto'

/** Fields that must be signed once more than they occur, so that none can be added (B8). */
const OVERSIGNED = [
  'from',
  'subject',
  'reply-to',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'feedback-id',
]

/** Returns why the topmost signature of a mail is not reliable; null if it is. */
export function faultOfSignature(raw: Buffer, record: string): string | null {
  const text = raw.toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  const fields = text.slice(0, end).split(/\r\n(?![ \t])/)
  const [signature = '', ...rest] = fields
  if (!/^DKIM-Signature:/i.test(signature)) return 'it is not signed'
  const tags = tagsIn(signature.slice(signature.indexOf(':') + 1))
  if (tags.get('a') !== 'rsa-sha256' || tags.get('c') !== 'relaxed/relaxed' || tags.has('l'))
    return 'it is not signed as it should be'
  const body = createHash('sha256').update(relaxedBody(text.slice(end + 4)), 'latin1')
  if (body.digest('base64') !== tags.get('bh')) return 'its body is not what was signed'
  const names = (tags.get('h') ?? '').toLowerCase().split(':')
  const open = OVERSIGNED.find(
    (name) =>
      names.filter((signedName) => signedName === name).length <= rest.filter(isNamed(name)).length,
  )
  if (open) return `another ${open} could be put in`
  const unsigned = signature.replace(/(;\s*b\s*=)[^;]*/, '$1')
  const signed = `${chosen(rest, names).map(relaxedField).join('\r\n')}\r\n${relaxedField(unsigned)}`
  const key = createPublicKey({
    key: Buffer.from(tagsIn(record).get('p') ?? '', 'base64'),
    format: 'der',
    type: 'spki',
  })
  const bytes = Buffer.from(tags.get('b') ?? '', 'base64')
  return verify('sha256', Buffer.from(signed, 'latin1'), key, bytes)
    ? null
    : 'its header is not what was signed'
}

const isNamed = (name: string) => (field: string) =>
  field.slice(0, field.indexOf(':')).trim().toLowerCase() === name

/** Returns the fields in the order of their names, each taken once, from the bottom up (5.4.2). */
function chosen(fields: readonly string[], names: readonly string[]): string[] {
  const left = fields.toReversed()
  return names.flatMap((name) => {
    const at = left.findIndex(isNamed(name))
    return at < 0 ? [] : left.splice(at, 1)
  })
}

/** 3.4.2 */
function relaxedField(field: string): string {
  const [name = '', ...value] = field.split(':')
  const line = value
    .join(':')
    .replaceAll('\r\n', '')
    .replace(/[ \t]+/g, ' ')
  return `${name.trim().toLowerCase()}:${line.replace(/^ /, '').replace(/ $/, '')}`
}

/** 3.4.4 */
function relaxedBody(body: string): string {
  const lines = body.split('\r\n').map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''))
  while (lines.at(-1) === '') lines.pop()
  return lines.map((line) => `${line}\r\n`).join('')
}

const tagsIn = (list: string): ReadonlyMap<string, string> =>
  new Map(
    list.split(';').flatMap((tag) => {
      const at = tag.indexOf('=')
      return at < 0 ? [] : [[tag.slice(0, at).trim(), tag.slice(at + 1).replace(/\s+/g, '')]]
    }),
  )
