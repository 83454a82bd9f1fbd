/** DKIM's names, and its record in DNS (RFC 6376, 3.1 and 3.6). */
import { readAddress } from './address.ts'
import { DAY } from './time.ts'

/**
 * How long the record of a key stays published after another signs: so long can a mail be on its
 * way. Milliseconds.
 */
export const AFTERLIFE = 7 * DAY

/** A selector is one label or several (RFC 6376, 3.1); here also the name of a file. */
const SELECTOR = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i
export const isSelector = (text: string) =>
  text.length <= 100 && text.split('.').every((label) => SELECTOR.test(label))

/** A domain that can sign, as A-labels; null for what is none. */
export const readSigningDomain = (text: string): string | null => {
  const spec = readAddress(`x@${text}`)?.spec ?? ''
  return spec.startsWith('x@') ? spec.slice(2) : null
}

/** A selector by the month, as `dp202611`; with a letter more where that is taken. */
export function freshSelector(on: Temporal.PlainDate, taken: readonly string[]): string {
  const month = `dp${on.toString().slice(0, 7).replace('-', '')}`
  for (let letter = 'b'.charCodeAt(0); ; letter++) {
    const name = letter === 'b'.charCodeAt(0) ? month : `${month}${String.fromCharCode(letter - 1)}`
    if (!taken.includes(name)) return name
  }
}

/** The name of the record of a key. */
export const recordName = ({ domain, selector }: { domain: string; selector: string }) =>
  `${selector}._domainkey.${domain}`

/** A string of a TXT record has 255 bytes at most (RFC 1035, 3.3.14). */
export const inStrings = (value: string): string[] => value.match(/.{1,255}/g) ?? []

/**
 * What is wrong with a record that is published for a key.
 *
 * - `none`: there is none, or none that is of DKIM.
 * - `several`: verifiers take any one of them.
 * - `other-key`: it is of another key.
 * - `revoked`: its key is empty.
 * - `kind`: it asks for another kind of key, of hash or of use.
 */
export type RecordFault = 'none' | 'several' | 'other-key' | 'revoked' | 'kind'

/** Compares what DNS has, each record in one text, with what it should have. Null: all is well. */
export function faultOfRecord(found: readonly string[], wanted: string): RecordFault | null {
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

/** Tags and their values, without the white space that may stand anywhere in them. */
const tagsOf = (record: string): ReadonlyMap<string, string> =>
  new Map(
    record.split(';').flatMap((tag) => {
      const [, name, value] = /^\s*([a-z]\w*)\s*=([\s\S]*)$/i.exec(tag) ?? []
      return name === undefined || value === undefined
        ? []
        : [[name, value.replace(/\s+/g, '')] as const]
    }),
  )
