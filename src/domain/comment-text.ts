/** What somebody enters as a comment: as it is kept, and as it is compared with others. */

/** More is an article. Counted in code points, as people count. */
export const MOST_CHARACTERS = 4_000
/** UTF-16 units: a letter may be written as several, with its accents behind it. */
export const MOST_UNITS = 4 * MOST_CHARACTERS

/**
 * What turns the text around it the other way, and what nobody sees: controls but for tabs and ends
 * of lines, the byte order mark, tags, and what Unicode gives to nobody.
 */
const HIDDEN =
  /(?![\t\n])\p{Cc}|[\u202A-\u202E\u2066-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E00FF}]|\p{Noncharacter_Code_Point}|\p{Co}/gu
const LINE_ENDS = /\r\n?|[\u0085\u2028\u2029]/g
/** Marks piled up grow over the lines above. No writing has so many on one letter. */
const PILED = /(\p{M}{8})\p{M}+/gu
/** Nothing of it is seen. */
const BLANK = /^[\s\p{Default_Ignorable_Code_Point}\p{M}\u2800\u3164\uFFA0]*$/u

export type TextFault = 'too-long' | 'empty'

/** Reads a comment as it is kept, lines ended by `\n`; or says what is wrong with it. */
export function readText(entered: string): { text: string } | { fault: TextFault } {
  // Before it is normalized, which takes time that grows with the square of what a stranger sends.
  if (entered.length > MOST_UNITS) return { fault: 'too-long' }
  const text = entered
    .toWellFormed()
    .replace(LINE_ENDS, '\n')
    .replace(HIDDEN, '')
    .normalize('NFC')
    .replace(PILED, '$1')
    .replace(/[^\S\n]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+|\n+$/g, '')
  if (BLANK.test(text)) return { fault: 'empty' }
  return [...text].length > MOST_CHARACTERS ? { fault: 'too-long' } : { text }
}

/**
 * The letters and digits of a text, in words: without case, accents and widths, and without what
 * nobody sees. Equal for texts that a reader takes for the same.
 */
export const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\p{M}\p{Default_Ignorable_Code_Point}]+/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

/** Writings that put no space between words: a word of theirs is looked for anywhere. */
const UNSPACED =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u

/** Whether a text has one of these words or phrases, as whole words and however it is written. */
export function hasOneOf(text: string, words: readonly string[]): boolean {
  if (words.length === 0) return false
  const padded = ` ${folded(text)} `
  return words.some((word) => {
    const wanted = folded(word)
    return wanted !== '' && padded.includes(UNSPACED.test(wanted) ? wanted : ` ${wanted} `)
  })
}

/**
 * What a reader may take for an address of a page, whether it is a link or not: `https://…`,
 * `www.…`, `example.com`, `t.me/x`, also with letters of full width.
 */
const ADDRESS =
  /:\/\/|(?<![\p{L}\p{N}])www\.|(?<![\p{L}\p{N}-])[\p{L}\p{N}-]+\.(?:[\p{L}\p{N}-]+\.)*\p{L}{2,}/iu

export const namesAddress = (text: string) =>
  ADDRESS.test(
    text
      .normalize('NFKC')
      .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
      .replace(/[。．｡]/g, '.'),
  )
