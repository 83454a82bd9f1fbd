/**
 * What receivers object to in how we send (standards.md B4): never an address's fault, and it
 * affects all mail alike.
 */

/**
 * - `spf`, `dkim`, `dmarc`: that record, or how our mail fares by it.
 * - `ptr`: the name of the sending address.
 * - `tls`: mail came unencrypted.
 * - `authentication`: SPF or DKIM; the receiver does not say which.
 * - `sender`: our envelope sender is refused.
 */
export type SenderFault = 'spf' | 'dkim' | 'dmarc' | 'ptr' | 'tls' | 'authentication' | 'sender'

/** Subject and detail of enhanced codes: those of RFC 7372, and of Google and Microsoft. */
const BY_CODE: Readonly<Record<string, SenderFault>> = {
  '7.20': 'dkim',
  '7.21': 'dkim',
  '7.22': 'dkim',
  '7.23': 'spf',
  '7.24': 'spf',
  '7.25': 'ptr',
  '7.26': 'authentication',
  '7.27': 'spf',
  '7.29': 'tls',
  '7.30': 'dkim',
  '7.31': 'dmarc',
  '7.32': 'dmarc',
  '7.509': 'dmarc',
  '7.515': 'authentication',
}

const FAILS = String.raw`(?:fail\w*|invalid|missing|not? (?:pass\w*|valid|found|align\w*|sign\w*)|required|did not|does not|reject\w*)`
const failurePattern = (what: string) =>
  new RegExp(`${what}.{0,60}\\b${FAILS}|\\b${FAILS}\\b.{0,60}${what}`, 'i')

/** DMARC comes first: it fails where SPF and DKIM do, and its refusals name them. */
const BY_WORDS: readonly (readonly [RegExp, SenderFault])[] = [
  [failurePattern(String.raw`\bdmarc\b`), 'dmarc'],
  [failurePattern(String.raw`\bdkim\b`), 'dkim'],
  [failurePattern(String.raw`\b(?:spf|sender policy framework)\b`), 'spf'],
  [
    /\b(?:ptr record|reverse[ -]dns|rdns|reverse (?:hostname|lookup)|no ptr)\b|cannot find your (?:reverse )?hostname/i,
    'ptr',
  ],
  [/\b(?:unauthenticated (?:e-?mail|mail|sender)|sender is unauthenticated)\b/i, 'authentication'],
]

/** Codes that servers use for what has no code of its own. */
const VAGUE = new Set(['', '7.0', '7.1'])

/**
 * Returns which part of our setup a refusal objects to; null if it is about something else.
 * `status` is the enhanced code (RFC 3463), if the text does not have it.
 */
export function senderFaultIn(text: string, status: string | null = null): SenderFault | null {
  const [, subjectAndDetail = ''] =
    /^[45]\.(\d{1,3}\.\d{1,3})$/.exec(status ?? '') ??
    /^\d{3}[ -][45]\.(\d{1,3}\.\d{1,3})\b/.exec(text) ??
    []
  // RFC 7505 uses the same number for a sender's domain that accepts no mail.
  if (/\bnull ?mx\b/i.test(text)) return 'sender'
  const byCode = BY_CODE[subjectAndDetail]
  if (!byCode && !VAGUE.has(subjectAndDetail)) return null
  const byWords = BY_WORDS.find(([words]) => words.test(text))?.[1] ?? null
  return byCode && byCode !== 'authentication' ? byCode : (byWords ?? byCode ?? null)
}
