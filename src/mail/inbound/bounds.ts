/** Limits a mail to the part that is read, and normalizes its line ends. */

/** Default number of bytes read of a mail (standards.md C18). */
export const DEFAULT_MAX_BYTES = 1024 * 1024
/** Maximum number of lines that may separate parts: each of them costs a part. */
const MAX_DELIMITERS = 1_000
/** Maximum bytes of a line; RFC 5322 allows 998. Nothing beyond that matters to a report. */
const MAX_LINE_BYTES = 64 * 1024

const LF = 0x0a
const CR = 0x0d
const DASH = 0x2d
const FROM = new TextEncoder().encode('From ')

export interface NormalizedMail {
  /** With LF line ends. */
  readonly bytes: Uint8Array
  /** Whether anything was left out. */
  readonly isCut: boolean
}

/**
 * Returns at most `most` bytes, without an mbox `From ` line or leading empty lines. A lone CR also
 * ends a line.
 */
export function normalizeMail(raw: Uint8Array, maxBytes: number): NormalizedMail {
  const bytes = new Uint8Array(Math.min(raw.length, maxBytes))
  let end = 0
  let lineStart = 0
  let delimiters = 0
  let isCut = raw.length > maxBytes
  for (let at = firstLine(raw, bytes.length); at < bytes.length; at++) {
    const byte = raw[at]
    if (byte === CR && raw[at + 1] === LF) continue
    if (byte === LF || byte === CR) {
      if (end > lineStart + 1 && bytes[lineStart] === DASH && bytes[lineStart + 1] === DASH)
        delimiters++
      if (delimiters > MAX_DELIMITERS) return { bytes: bytes.subarray(0, lineStart), isCut: true }
      bytes[end++] = LF
      lineStart = end
    } else if (end - lineStart < MAX_LINE_BYTES) bytes[end++] = byte ?? 0
    else isCut = true
  }
  return { bytes: bytes.subarray(0, end), isCut }
}

function firstLine(raw: Uint8Array, most: number): number {
  let at = skipEmpty(raw, 0, most)
  if (FROM.every((byte, index) => raw[at + index] === byte)) {
    while (at < most && raw[at] !== LF && raw[at] !== CR) at++
    at = skipEmpty(raw, at, most)
  }
  return at
}

function skipEmpty(raw: Uint8Array, from: number, most: number): number {
  let at = from
  while (at < most && (raw[at] === LF || raw[at] === CR)) at++
  return at
}
