import type { Message } from '../locales/locale.ts'
import { type LocalPartFault, readLocalPart } from './local-part.ts'
import { DAY, isBefore } from './time.ts'

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

export interface Address {
  /**
   * As the person wrote it, with the domain as A-labels: what SMTP is given. Outside ASCII it needs
   * SMTPUTF8 (RFC 6531).
   */
  readonly spec: string
  /**
   * Normalized spelling for matching: the local part in lower case as well (standards.md H7). Dots
   * and tags are kept.
   */
  readonly key: string
}

/** What is wrong with an address, worded for the person who typed it. */
export interface AddressFault {
  readonly fault: Message
}

/** Longest input considered: an address has at most 254 bytes, plus a little around it. */
const MAX_INPUT_LENGTH = 320
/** Limits in bytes of UTF-8 (RFC 5321, 4.5.3.1; RFC 6531, 3.3). */
const MAX_BYTES = { local: 64, whole: 254 } as const
/**
 * Invisible characters that copied text brings along: zero-width characters, soft hyphens, a BOM.
 */
const UNSEEN = /[\u00ad\u180e\u200b-\u200d\u2060\ufeff]/g
/**
 * White space and direction marks are stripped from both ends only. Inside an address they make it
 * read as something else, so there they stay and are refused.
 */
const MARKS = '[\\s\\u061c\\u200e\\u200f\\u202a-\\u202c\\u2066-\\u2069]*'
const ROUND = new RegExp(`^${MARKS}|${MARKS}$`, 'g')

/** Reads an address as `parseAddress` does; null if it is not valid. */
export function readAddress(text: string): Address | null {
  const read = parseAddress(text)
  return 'address' in read ? read.address : null
}

/**
 * Reads exactly one addr-spec (RFC 5321, RFC 6531), in NFC, or returns what is wrong with it.
 *
 * Refuses what a program along the way could take for several recipients or for a header
 * (standards.md D10): commas outside quotes, line breaks, comments, and characters in quotes that
 * no address needs. Strips what is copied along with an address: spaces and invisible characters,
 * `mailto:`, angle brackets.
 */
export function parseAddress(text: string): { readonly address: Address } | AddressFault {
  // First, because normalizing takes time quadratic in the length of untrusted input.
  if (text.length > MAX_INPUT_LENGTH) return addressFault('too-long')
  const copy = stripCopyArtifacts(text).normalize('NFC')
  if (copy === '') return addressFault('invalid')
  const at = copy.lastIndexOf('@')
  const several = faultOfAll(copy, at)
  if (several) return addressFault(several)
  const read = readLocalPart(copy.slice(0, at))
  if ('fault' in read) return ofLocalPart(read)
  const domain = readDomain(copy.slice(at + 1))
  if ('fault' in domain) return addressFault(domain.fault)
  const spec = `${read.local}@${domain.name}`
  if (bytesOf(read.local) > MAX_BYTES.local || bytesOf(spec) > MAX_BYTES.whole)
    return addressFault('too-long')
  return { address: { spec, key: addressKeyOf(spec) } }
}

/** Returns the spelling of an address for matching; see Address. */
export const addressKeyOf = (spec: string) =>
  spec.toLowerCase().replaceAll('ς', 'σ').normalize('NFC')

/** Whether an address, or a header, can only be sent with SMTPUTF8 (RFC 6531). */
export const isInternational = (text: string) => /[^\0-\x7f]/.test(text)

/** Whether every program can read an address: in ASCII, and without quotes. */
export const isPlainAddress = ({ spec }: Address) => !isInternational(spec) && !spec.startsWith('"')

type AddressFaultReason =
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
  | Exclude<LocalPartFault['fault'], 'character'>

const addressFault = (why: AddressFaultReason): AddressFault => ({
  fault: { key: `form.email.${why}` },
})

const ofLocalPart = (read: LocalPartFault): AddressFault =>
  read.fault === 'character'
    ? { fault: { key: 'form.email.character', params: { character: read.character } } }
    : addressFault(read.fault)

/** What is wrong with the address as a whole, before it is split at its last @. */
function faultOfAll(copy: string, at: number): AddressFaultReason | null {
  const outside = copy.replace(/"(?:[^"\\]|\\.)*"/g, 'x')
  if (/[\p{Cc}\u2028\u2029]/u.test(copy)) return 'unseen'
  if (/[,;]/.test(outside)) return 'several'
  if (at < 0) return 'no-at'
  if (/[<>]/.test(outside)) return 'name'
  if (/\s/.test(outside)) return /@.*\s.*@/.test(outside) ? 'several' : 'space'
  return outside.indexOf('@') === outside.lastIndexOf('@') ? null : 'several-ats'
}

function stripCopyArtifacts(text: string): string {
  const seen = text.replace(ROUND, '').replace(needless(text), '').replace(ROUND, '')
  const inner = /^<\s*([^<>]*?)\s*>$/.exec(seen)?.[1] ?? seen
  return inner.replace(/^mailto:\s*/i, '')
}

/**
 * Outside ASCII, invisible characters between letters stay: in some scripts joiners are part of a
 * name.
 */
const needless = (text: string) =>
  isInternational(text.replace(UNSEEN, '').replace(ROUND, '')) ? AROUND : UNSEEN
const AROUND = new RegExp(`^${UNSEEN.source}+|${UNSEEN.source}+$`, 'g')

function readDomain(
  text: string,
): { readonly name: string } | { readonly fault: AddressFaultReason } {
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
 * Milliseconds for which a changed address counts as new: the old address can undo the change, and
 * the person's data is neither shown nor erased.
 */
export const ADDRESS_TRIAL_MS = 7 * DAY

/**
 * Returns until when an address that has been somebody's since `since` counts as new; null if it no
 * longer does, or never changed.
 */
export function newUntil(
  since: Temporal.Instant | null,
  now: Temporal.Instant,
): Temporal.Instant | null {
  const until = since?.add({ milliseconds: ADDRESS_TRIAL_MS }) ?? null
  return until && isBefore(now, until) ? until : null
}
