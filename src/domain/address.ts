import type { Message } from '../locales/locale.ts'
import { type LocalFault, readLocalPart } from './local-part.ts'
import { DAY, isBefore } from './time.ts'

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

export interface Address {
  /**
   * As the person wrote it, the domain as A-labels: what SMTP gets. Outside ASCII it needs SMTPUTF8
   * (RFC 6531).
   */
  readonly spec: string
  /**
   * One spelling for matching: local part in lower case as well (standards.md H7). Dots and tags
   * stay.
   */
  readonly key: string
}

/** What is wrong with an address, in words for whoever typed it. */
export interface AddressFault {
  readonly fault: Message
}

/**
 * Longest text that is looked at: an address has 254 bytes at most, and what surrounds it a few.
 */
const LONGEST = 320
/** In bytes of UTF-8 (RFC 5321, 4.5.3.1; RFC 6531, 3.3). */
const MOST_BYTES = { local: 64, whole: 254 } as const
/** What nobody sees and copied text brings along: zero-width characters, soft hyphens, a BOM. */
const UNSEEN = /[\u00ad\u180e\u200b-\u200d\u2060\ufeff]/g
/**
 * Marks of direction round it. Within, or where they turn writing round, one reads what is not
 * there.
 */
const MARKS = '[\\s\\u061c\\u200e\\u200f\\u202a-\\u202c\\u2066-\\u2069]*'
const ROUND = new RegExp(`^${MARKS}|${MARKS}$`, 'g')

/** Reads an address as `addressIn` does; null for what is none. */
export function readAddress(text: string): Address | null {
  const read = addressIn(text)
  return 'address' in read ? read.address : null
}

/**
 * Reads exactly one addr-spec (RFC 5321, RFC 6531), in NFC; or says what is wrong with it.
 *
 * Refuses what a program along the way would take for several recipients or for a header
 * (standards.md D10): commas outside quotes, line breaks, comments; and within quotes, what no
 * address needs. What is copied along with an address is left out: spaces and invisible characters,
 * `mailto:`, angle brackets.
 */
export function addressIn(text: string): { readonly address: Address } | AddressFault {
  // Before all else: to normalize takes time that grows with the square of what a stranger sends.
  if (text.length > LONGEST) return because('too-long')
  const copy = copied(text).normalize('NFC')
  if (copy === '') return because('invalid')
  const at = copy.lastIndexOf('@')
  const several = faultOfAll(copy, at)
  if (several) return because(several)
  const read = readLocalPart(copy.slice(0, at))
  if ('fault' in read) return ofLocalPart(read)
  const domain = readDomain(copy.slice(at + 1))
  if ('fault' in domain) return because(domain.fault)
  const spec = `${read.local}@${domain.name}`
  if (bytesOf(read.local) > MOST_BYTES.local || bytesOf(spec) > MOST_BYTES.whole)
    return because('too-long')
  return { address: { spec, key: keyOf(spec) } }
}

/** The spelling of an address for matching: see Address. */
export const keyOf = (spec: string) => spec.toLowerCase().replaceAll('ς', 'σ').normalize('NFC')

/** Whether an address, or a header, can only be sent with SMTPUTF8 (RFC 6531). */
export const isInternational = (text: string) => /[^\0-\x7f]/.test(text)

/** Whether every program can read an address: in ASCII, and without quotes. */
export const isPlainAddress = ({ spec }: Address) => !isInternational(spec) && !spec.startsWith('"')

type Why =
  | 'invalid'
  | 'too-long'
  | 'no-at'
  | 'no-domain'
  | 'no-dot'
  | 'not-a-domain'
  | 'ends-in-dot'
  | 'several'
  | 'several-ats'
  | 'name'
  | 'dots'
  | Exclude<LocalFault['fault'], 'character'>

const because = (why: Why): AddressFault => ({ fault: { key: `form.email.${why}` } })

const ofLocalPart = (read: LocalFault): AddressFault =>
  read.fault === 'character'
    ? { fault: { key: 'form.email.character', params: { character: read.character } } }
    : because(read.fault)

/** What is wrong with the whole, before it is taken apart at its last @. */
function faultOfAll(copy: string, at: number): Why | null {
  const outside = copy.replace(/"(?:[^"\\]|\\.)*"/g, 'x')
  if (/[\p{Cc}\u2028\u2029]/u.test(copy)) return 'unseen'
  if (/[,;]/.test(outside)) return 'several'
  if (at < 0) return 'no-at'
  if (/[<>]/.test(outside)) return 'name'
  if (/\s/.test(outside)) return /@.*\s.*@/.test(outside) ? 'several' : 'space'
  return outside.indexOf('@') === outside.lastIndexOf('@') ? null : 'several-ats'
}

function copied(text: string): string {
  const seen = text.replace(ROUND, '').replace(needless(text), '').replace(ROUND, '')
  const inner = /^<\s*([^<>]*?)\s*>$/.exec(seen)?.[1] ?? seen
  return inner.replace(/^mailto:\s*/i, '')
}

/** In other scripts what joins letters, unseen, may be a part of the name. */
const needless = (text: string) =>
  isInternational(text.replace(UNSEEN, '').replace(ROUND, '')) ? AROUND : UNSEEN
const AROUND = new RegExp(`^${UNSEEN.source}+|${UNSEEN.source}+$`, 'g')

function readDomain(text: string): { readonly name: string } | { readonly fault: Why } {
  if (text === '') return { fault: 'no-domain' }
  if (/[.。．｡]$/.test(text)) return { fault: 'ends-in-dot' }
  if (/[.。．｡]{2}/.test(text)) return { fault: 'dots' }
  const host = /^[^\s\p{Cc}/\\:?#@[\]%]+$/u.test(text)
    ? (URL.parse(`http://${text}`)?.hostname ?? '')
    : ''
  const labels = host.split('.')
  if (host !== '' && labels.length < 2) return { fault: 'no-dot' }
  const isName = labels.every((label) => LABEL.test(label)) && /[a-z]/.test(labels.at(-1) ?? '')
  return isName ? { name: host } : { fault: 'not-a-domain' }
}

const bytesOf = (text: string) => new TextEncoder().encode(text).length

/**
 * An address as it may be shown on a page that others could see: `a…@example.com` (standards.md
 * I16).
 */
export const maskedAddress = (address: string) => address.replace(/^"?(.)[^@]*/u, '$1…')

/**
 * How long a changed address is new: the old one can undo the change, and what is known of the
 * person is neither shown nor erased. Milliseconds.
 */
export const TRIAL = 7 * DAY

/**
 * Until when an address is new that has been somebody's since `since`; null when it is not, or
 * never changed.
 */
export function newUntil(
  since: Temporal.Instant | null,
  now: Temporal.Instant,
): Temporal.Instant | null {
  const until = since?.add({ milliseconds: TRIAL }) ?? null
  return until && isBefore(now, until) ? until : null
}
