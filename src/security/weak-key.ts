/**
 * Estimates how hard a key would be to guess for somebody who holds one of our links: they can try
 * as fast as they can compute.
 */

/**
 * Bits below which a key counts as weak: sixteen random letters and digits have more, and so do six
 * words.
 */
const MIN_BITS = 66
/** Bits of a word: one of four thousand. */
const BITS_PER_WORD = 12
/** Words that everybody tries first are worth next to nothing. */
const COMMON_WORDS =
  /please|change|replace|this|your|with|production|password|passwort|secret|letmein|welcome|default|example|dawnpost|qwerty|admin|master|token|test|key/g
const CHARACTER_SEQUENCES = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
]
const LOOKALIKES: ReadonlyMap<string, string> = new Map([
  ['4', 'a'],
  ['@', 'a'],
  ['3', 'e'],
  ['1', 'i'],
  ['!', 'i'],
  ['0', 'o'],
  ['5', 's'],
  ['$', 's'],
  ['7', 't'],
])

/** Whether a key looks made up rather than random. */
export const isWeak = (key: string) =>
  new Set(key).size < 8 || entropyBitsOf(withoutRepetition(key)) < MIN_BITS

/** Returns the repeated piece of a key that is one piece over and over, else the key. */
function withoutRepetition(key: string): string {
  const period = (key + key).indexOf(key, 1)
  return key.slice(0, period)
}

function entropyBitsOf(key: string): number {
  if (/^[0-9a-f]+$/i.test(key)) return 4 * unpredictableLength(key)
  const plain = [...key.toLowerCase()]
    .map((character) => LOOKALIKES.get(character) ?? character)
    .join('')
  // Without any of these, digits and signs stand for themselves.
  const remaining =
    plain.replace(COMMON_WORDS, ' ') === plain ? key : plain.replace(COMMON_WORDS, ' ')
  const parts = new Set(remaining.match(/\p{Lu}?\p{Ll}+|\p{Lu}+|[^\p{L}\s]+/gu))
  const letter = Math.log2(alphabetOf(remaining))
  return [...parts].reduce(
    (bits, part) =>
      bits +
      (isWordlike(part)
        ? BITS_PER_WORD * Math.ceil(part.length / 9)
        : letter * unpredictableLength(part)),
    0,
  )
}

const CLASSES = [
  [/[a-z]/, 26],
  [/[A-Z]/, 26],
  [/\d/, 10],
  [/[^a-zA-Z\d\s]/, 10],
] as const

const alphabetOf = (text: string) =>
  CLASSES.reduce((size, [some, letters]) => size + (some.test(text) ? letters : 0), 1)

/** Letters that can be pronounced; random ones rarely can. */
const isWordlike = (part: string) => {
  const vowels = part.match(/[aeiouyäöü]/gi)?.length ?? 0
  return /^\p{L}{4,}$/u.test(part) && vowels / part.length >= 0.25 && !/[^aeiouyäöü]{6}/i.test(part)
}

/** Counts the characters that are not just the next one of a row, or the same again. */
function unpredictableLength(part: string): number {
  const letters = [...part.toLowerCase()]
  return letters.filter((character, at) => !follows(letters[at - 1], character)).length
}

const follows = (before: string | undefined, character: string) =>
  before !== undefined &&
  (before === character ||
    CHARACTER_SEQUENCES.some(
      (row) => row.includes(before + character) || row.includes(character + before),
    ))
