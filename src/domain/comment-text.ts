/** Normalizes the text of comments, for storage and for comparison. */

/** Maximum length, counted in code points, as people count. */
export const MAX_CHARACTERS = 4_000
/** UTF-16 code units: a letter with its accents may take several. */
export const MAX_UTF16_UNITS = 4 * MAX_CHARACTERS

/**
 * Characters that reverse the direction of the text around them or that nobody sees: controls
 * except tabs and line ends, the byte order mark, tags, noncharacters and private-use characters.
 */
const HIDDEN =
  /(?![\t\n])\p{Cc}|[\u202A-\u202E\u2066-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E00FF}]|\p{Noncharacter_Code_Point}|\p{Co}/gu
const LINE_ENDS = /\r\n?|[\u0085\u2028\u2029]/g
/** Stacked marks overflow into the lines above. No script puts so many on one letter. */
const PILED = /(\p{M}{8})\p{M}+/gu
/** A text without visible characters. */
const BLANK = /^[\s\p{Default_Ignorable_Code_Point}\p{M}\u2800\u3164\uFFA0]*$/u

export type TextFault = 'too-long' | 'empty'

/** Returns a comment as it is stored, with lines ended by `\n`, or what is wrong with it. */
export function readCommentText(entered: string): { text: string } | { fault: TextFault } {
  // Before normalizing, which takes time quadratic in the length of untrusted input.
  if (entered.length > MAX_UTF16_UNITS) return { fault: 'too-long' }
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
  return [...text].length > MAX_CHARACTERS ? { fault: 'too-long' } : { text }
}

/**
 * Returns the letters and digits of a text, in words: without case, accents, width variants and
 * invisible characters. Equal for texts that a reader takes for the same.
 */
export const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\p{M}\p{Default_Ignorable_Code_Point}]+/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

/** Scripts without spaces between words: a word is matched anywhere in the text. */
const UNSPACED =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u

/** Whether a text has one of these words or phrases, as whole words and however it is spelled. */
export function containsAnyWord(text: string, words: readonly string[]): boolean {
  if (words.length === 0) return false
  const padded = ` ${folded(text)} `
  return words.some((word) => {
    const wanted = folded(word)
    return wanted !== '' && padded.includes(UNSPACED.test(wanted) ? wanted : ` ${wanted} `)
  })
}

/**
 * What a reader may take for the address of a page, link or not: `https://…`, `www.…`,
 * `example.com`, `t.me/x`, also in full-width letters.
 */
const ADDRESS =
  /:\/\/|(?<![\p{L}\p{N}])www\.|(?<![\p{L}\p{N}-])[\p{L}\p{N}-]+\.(?:[\p{L}\p{N}-]+\.)*\p{L}{2,}/iu

export const containsWebAddress = (text: string) =>
  ADDRESS.test(
    text
      .normalize('NFKC')
      .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
      .replace(/[。．｡]/g, '.'),
  )
