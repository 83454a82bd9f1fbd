/** Cuts a mail to what is read of it, and gives it one kind of line end. */

/** Bytes of a mail that are read, unless told otherwise (standards.md C18). */
export const MOST_BYTES = 1024 * 1024
/** Lines that may part the parts of a mail: each costs a part. */
const MOST_DELIMITERS = 1_000
/** Of one line; RFC 5322 allows 998. What is beyond belongs to nothing that is read. */
const LONGEST_LINE = 64 * 1024

const LF = 0x0a
const CR = 0x0d
const DASH = 0x2d
const FROM = new TextEncoder().encode('From ')

export interface Bounded {
  /** Lines end with LF. */
  readonly bytes: Uint8Array
  /** Something was left out. */
  readonly isCut: boolean
}

/**
 * At most `most` bytes of it, without the `From ` line of an mbox and without empty lines at the
 * beginning. A lone CR ends a line, too.
 */
export function bounded(raw: Uint8Array, most: number): Bounded {
  const bytes = new Uint8Array(Math.min(raw.length, most))
  let end = 0
  let lineStart = 0
  let delimiters = 0
  let isCut = raw.length > most
  for (let at = firstLine(raw, bytes.length); at < bytes.length; at++) {
    const byte = raw[at]
    if (byte === CR && raw[at + 1] === LF) continue
    if (byte === LF || byte === CR) {
      if (end > lineStart + 1 && bytes[lineStart] === DASH && bytes[lineStart + 1] === DASH)
        delimiters++
      if (delimiters > MOST_DELIMITERS) return { bytes: bytes.subarray(0, lineStart), isCut: true }
      bytes[end++] = LF
      lineStart = end
    } else if (end - lineStart < LONGEST_LINE) bytes[end++] = byte ?? 0
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
