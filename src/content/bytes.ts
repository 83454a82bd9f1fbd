/** The bytes of a text file, which are UTF-8 or nothing. */

/** Where a text stops being UTF-8, and what it may be instead. */
export interface Misread {
  readonly line: number
  readonly column: number
  readonly message: string
}

const UTF8 = new TextDecoder('utf-8', { fatal: true })
const REMEDY = 'open it in your editor and save it as UTF-8'

/** The text, without a mark at its beginning and with the line ends of Unix; or why it is none. */
export function decodedText(bytes: Uint8Array): string | Misread {
  if (isUtf16(bytes)) return { line: 1, column: 1, message: `is UTF-16 and not UTF-8; ${REMEDY}` }
  try {
    return withoutNull(UTF8.decode(bytes).replace(/\r\n?/g, '\n'))
  } catch {
    return misread(bytes)
  }
}

/** By its mark, or by a zero in every other byte. */
const isUtf16 = ([first, second, third, fourth]: Uint8Array) =>
  (first === 0xff && second === 0xfe) ||
  (first === 0xfe && second === 0xff) ||
  (second === 0 && fourth === 0 && first !== 0) ||
  (first === 0 && third === 0 && second !== 0)

/** No database keeps it, and no mail carries it. */
function withoutNull(text: string): string | Misread {
  const at = text.indexOf('\0')
  if (at < 0) return text
  return { ...placeIn(text.slice(0, at)), message: 'contains a null character; remove it' }
}

function misread(bytes: Uint8Array): Misread {
  const at = firstWrong(bytes)
  const hex = (bytes[at] ?? 0).toString(16).toUpperCase().padStart(2, '0')
  // A letter that has only begun is left out.
  const before = new TextDecoder().decode(bytes.subarray(0, at), { stream: true })
  return {
    ...placeIn(before),
    message: `is not UTF-8: byte ${hex} here is not a valid character; ${REMEDY}`,
  }
}

/** How many bytes from the beginning are UTF-8. */
function firstWrong(bytes: Uint8Array): number {
  const lenient = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  // The text as it should be and as it is are the same bytes as far as the first mark of a letter
  // that was lost.
  const again = new TextEncoder().encode(lenient)
  const at = again.findIndex((byte, index) => byte !== bytes[index])
  return at < 0 ? bytes.length : at
}

function placeIn(before: string) {
  const lines = before.split('\n')
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 }
}
