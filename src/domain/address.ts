import { DAY, isBefore } from './time.ts'

const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
const LOCAL = new RegExp(`^${ATOM}(\\.${ATOM})*$`)
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

export interface Address {
  /** As the person wrote it, the domain as A-labels: what SMTP gets. */
  readonly spec: string
  /**
   * One spelling for matching: local part in lower case as well (standards.md H7). Dots and tags
   * stay.
   */
  readonly key: string
}

/**
 * Longest text that is looked at: an address has 254 characters at most, and what surrounds it a
 * few.
 */
const LONGEST = 320
/** What nobody sees and copied text brings along: zero-width characters, soft hyphens, a BOM. */
const UNSEEN = /[\u00ad\u180e\u200b-\u200d\u2060\ufeff]/g
/**
 * Marks of direction round it. Within, or where they turn writing round, one reads what is not
 * there.
 */
const MARKS = '[\\s\\u061c\\u200e\\u200f\\u202a-\\u202c\\u2066-\\u2069]*'
const ROUND = new RegExp(`^${MARKS}|${MARKS}$`, 'g')

/**
 * Reads exactly one addr-spec (RFC 5321, dot-string local part), or null.
 *
 * Refuses what nodemailer would take for several recipients or for a header (standards.md D10):
 * commas, quotes, line breaks, comments. A local part outside ASCII needs SMTPUTF8 end to end and
 * is refused too. What is copied along with an address is left out: spaces and invisible
 * characters, `mailto:`, angle brackets.
 */
export function readAddress(text: string): Address | null {
  // Before all else: to normalize takes time that grows with the square of what a stranger sends.
  if (text.length > LONGEST) return null
  const trimmed = copied(text).normalize('NFC')
  const at = trimmed.lastIndexOf('@')
  const local = trimmed.slice(0, at)
  const domain = at > 0 ? asciiDomain(trimmed.slice(at + 1)) : null
  if (!domain || local.length > 64 || !LOCAL.test(local)) return null
  const spec = `${local}@${domain}`
  return spec.length > 254 ? null : { spec, key: spec.toLowerCase() }
}

function copied(text: string): string {
  const seen = text.replace(UNSEEN, '').replace(ROUND, '')
  const inner = /^<\s*([^<>]*?)\s*>$/.exec(seen)?.[1] ?? seen
  return inner.replace(/^mailto:\s*/i, '')
}

function asciiDomain(text: string): string | null {
  if (!/^[^\s\p{Cc}/\\:?#@[\]%]+$/u.test(text)) return null
  const host = URL.parse(`http://${text}`)?.hostname ?? ''
  const labels = host.split('.')
  const isName =
    labels.length > 1 &&
    labels.every((label) => LABEL.test(label)) &&
    /[a-z]/.test(labels.at(-1) ?? '')
  return isName ? host : null
}

/**
 * An address as it may be shown on a page that others could see: `a…@example.com` (standards.md
 * I16).
 */
export const masked = (address: string) => address.replace(/^(.)[^@]*/, '$1…')

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
