/** Decodes the bytes of text files, which must be UTF-8. */

/** Where a text stops being UTF-8, and what to do. */
export interface DecodingFault {
  readonly line: number
  readonly column: number
  readonly message: string
}

const UTF8 = new TextDecoder('utf-8', { fatal: true })
const REMEDY = 'open it in your editor and save it as UTF-8'

/**
 * Returns the text without a byte order mark and with Unix line endings, or why it cannot be
 * decoded.
 */
export function decodeText(bytes: Uint8Array): string | DecodingFault {
  if (isUtf16(bytes)) return { line: 1, column: 1, message: `is UTF-16 and not UTF-8; ${REMEDY}` }
  try {
    return withoutNull(UTF8.decode(bytes).replace(/\r\n?/g, '\n'))
  } catch {
    return decodingFault(bytes)
  }
}

/** Detects a byte order mark, or a zero in every other byte. */
const isUtf16 = ([first, second, third, fourth]: Uint8Array) =>
  (first === 0xff && second === 0xfe) ||
  (first === 0xfe && second === 0xff) ||
  (second === 0 && fourth === 0 && first !== 0) ||
  (first === 0 && third === 0 && second !== 0)

/** PostgreSQL cannot store a null character, and mail cannot carry it. */
function withoutNull(text: string): string | DecodingFault {
  const at = text.indexOf('\0')
  if (at < 0) return text
  return { ...placeIn(text.slice(0, at)), message: 'contains a null character; remove it' }
}

function decodingFault(bytes: Uint8Array): DecodingFault {
  const at = firstWrong(bytes)
  const hex = (bytes[at] ?? 0).toString(16).toUpperCase().padStart(2, '0')
  // `stream` drops an incomplete last character.
  const before = new TextDecoder().decode(bytes.subarray(0, at), { stream: true })
  return {
    ...placeIn(before),
    message: `is not UTF-8: byte ${hex} here is not a valid character; ${REMEDY}`,
  }
}

/** Returns how many leading bytes are valid UTF-8. */
function firstWrong(bytes: Uint8Array): number {
  const lenient = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  // Encoded again, the text has the same bytes up to its first replacement character.
  const again = new TextEncoder().encode(lenient)
  const at = again.findIndex((byte, index) => byte !== bytes[index])
  return at < 0 ? bytes.length : at
}

function placeIn(before: string) {
  const lines = before.split('\n')
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 }
}
