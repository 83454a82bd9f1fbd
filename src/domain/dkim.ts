/** DKIM names, and the record of a key in DNS (RFC 6376, 3.1 and 3.6). */
import { readAddress } from './address.ts'
import { DAY } from './time.ts'

/**
 * Milliseconds for which the record of a key stays published after another key signs: a mail can be
 * in transit that long.
 */
export const RETIRED_KEY_GRACE_MS = 7 * DAY

/** A selector has one label or several (RFC 6376, 3.1); here it is also a file name. */
const SELECTOR = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i
export const isSelector = (text: string) =>
  text.length <= 100 && text.split('.').every((label) => SELECTOR.test(label))

/** Returns a domain that can sign, as A-labels; null if it is not valid. */
export const readSigningDomain = (text: string): string | null => {
  const spec = readAddress(`x@${text}`)?.spec ?? ''
  return spec.startsWith('x@') ? spec.slice(2) : null
}

/** Returns a selector named after the month, such as `dp202611`, plus a letter if that is taken. */
export function freshSelector(on: Temporal.PlainDate, taken: readonly string[]): string {
  const month = `dp${on.toString().slice(0, 7).replace('-', '')}`
  for (let letter = 'b'.charCodeAt(0); ; letter++) {
    const name = letter === 'b'.charCodeAt(0) ? month : `${month}${String.fromCharCode(letter - 1)}`
    if (!taken.includes(name)) return name
  }
}

/** Returns the DNS name of the record of a key. */
export const dkimRecordName = ({ domain, selector }: { domain: string; selector: string }) =>
  `${selector}._domainkey.${domain}`

/** Splits a value into the strings of a TXT record, at most 255 bytes each (RFC 1035, 3.3.14). */
export const txtStringsOf = (value: string): string[] => value.match(/.{1,255}/g) ?? []

/**
 * What is wrong with the published record of a key.
 *
 * - `none`: there is no record, or no DKIM record.
 * - `several`: verifiers use any one of them.
 * - `other-key`: it holds another key.
 * - `revoked`: its key is empty.
 * - `kind`: it requires another version, key type, hash or service.
 */
export type DkimRecordFault = 'none' | 'several' | 'other-key' | 'revoked' | 'kind'

/** Compares the records in DNS, each as one string, with the expected one. Null if all is well. */
export function dkimRecordFault(found: readonly string[], wanted: string): DkimRecordFault | null {
  const records = found.map(tagsOf).filter((tags) => tags.has('p'))
  const [record] = records
  if (!record) return 'none'
  if (records.length > 1) return 'several'
  if (record.get('p') === '') return 'revoked'
  const has = (name: string, word: string) => {
    const words = record.get(name)?.split(':')
    return words === undefined || words.includes(word) || words.includes('*')
  }
  const isRsa = (record.get('k') ?? 'rsa') === 'rsa'
  if (
    !isRsa ||
    (record.get('v') ?? 'DKIM1') !== 'DKIM1' ||
    !has('h', 'sha256') ||
    !has('s', 'email')
  )
    return 'kind'
  return record.get('p') === tagsOf(wanted).get('p') ? null : 'other-key'
}

/** Returns tags and their values, without the white space that may occur anywhere in them. */
const tagsOf = (record: string): ReadonlyMap<string, string> =>
  new Map(
    record.split(';').flatMap((tag) => {
      const [, name, value] = /^\s*([a-z]\w*)\s*=([\s\S]*)$/i.exec(tag) ?? []
      return name === undefined || value === undefined
        ? []
        : [[name, value.replace(/\s+/g, '')] as const]
    }),
  )
