/** Most characters of a name; anything longer is a sentence. */
const MAX = 40
/** Code units of MAX characters, with room for marks that NFC composes. */
const MAX_UNITS = 4 * MAX

/**
 * Letters with their marks, and between them spaces, apostrophes (D'Arcy, Kaʻahumanu as some type
 * it), hyphens, dots, and the dots and quotes that scripts use within names (Catalan, Katakana,
 * Hebrew, Armenian). Anything else, digits of any script included, is more than a name.
 */
const OF_A_NAME = /^['‘’]?\p{L}[\p{L}\p{M}'‘’ \u00A0.\u2010\u2011·・\u055A\u05F3\u05F4-]*$/u
/** The same with digits, as in names people choose for themselves (Ada 42). */
const LIKE_A_NAME =
  /^['‘’]?[\p{L}\p{N}][\p{L}\p{M}\p{N}'‘’ \u00A0.\u2010\u2011·・\u055A\u05F3\u05F4-]*$/u
/** A dot ends an initial or a word; two letters after it make a host name: x.co. */
const HOST_NAME = /\.\p{M}*\p{L}\p{M}*\p{L}|\.\./u
/** Invisible characters, and stacked marks. */
const HIDDEN = /\p{Default_Ignorable_Code_Point}|\p{M}{5}/u

/**
 * Whether a first name is no more than that. A stranger can enroll anybody, and the name they enter
 * would appear in a mail to somebody who asked for nothing: with digits, punctuation, an address, a
 * host name or an encoded word in it, or longer than forty characters, it could be a message of its
 * own.
 */
export const isPlainName = (text: string): boolean => isName(text, OF_A_NAME)

/** Whether somebody can be called this: the same, but digits are allowed if there is a letter. */
export const isNameLike = (text: string): boolean =>
  isName(text, LIKE_A_NAME) && /\p{L}/u.test(text)

function isName(text: string, shape: RegExp): boolean {
  if (text.length > MAX_UNITS) return false
  const name = text.normalize('NFC')
  return [...name].length <= MAX && shape.test(name) && !HOST_NAME.test(name) && !HIDDEN.test(name)
}
