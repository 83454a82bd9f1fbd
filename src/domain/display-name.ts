/** The public name under which a member writes. */
import type { Message } from '../locales/locale.ts'
import { type LineFault, readLine } from './plain-line.ts'
import { isNameLike } from './plain-name.ts'

const [MIN, MAX] = [2, 40]

const FAULTS = {
  length: { key: 'page.member.name-length', params: { least: MIN, most: MAX } },
  letters: { key: 'page.member.name-letters' },
  mixed: { key: 'page.member.name-mixed' },
  reserved: { key: 'page.member.name-reserved' },
} as const satisfies Record<string, Message>

const OF_LINE: Readonly<Record<LineFault, Message>> = {
  'too-long': FAULTS.length,
  'several-lines': FAULTS.letters,
  'has-link': FAULTS.letters,
}

/** Scripts whose letters look alike: a name that mixes them could imitate another one. */
const LOOK_ALIKE = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u]

export interface DisplayName {
  readonly name: string
  /** Equal for names that look the same. */
  readonly key: string
}

/**
 * Reads a name of 2 to 40 characters, or returns what is wrong with it. `reserved` are names that
 * nobody may use, alone or among other words.
 */
export function readDisplayName(
  text: string,
  reserved: readonly string[],
): DisplayName | { readonly fault: Message } {
  const read = readLine(text, 4 * MAX)
  if ('fault' in read) return { fault: OF_LINE[read.fault] }
  const name = read.line.replace(/\s+/gu, ' ')
  const { length } = [...name]
  if (length < MIN || length > MAX) return { fault: FAULTS.length }
  if (!isNameLike(name)) return { fault: FAULTS.letters }
  if (LOOK_ALIKE.filter((script) => script.test(name)).length > 1) return { fault: FAULTS.mixed }
  if (reserved.some((reservedName) => isWithin(name, reservedName)))
    return { fault: FAULTS.reserved }
  return { name, key: nameKey(name) }
}

/**
 * Returns one spelling for all names that look the same: case, spaces, dots and hyphens do not
 * count.
 */
export const nameKey = (name: string): string => wordsOf(name).join('')

/** Returns letters and digits, word by word, after NFKC and case folding. */
function wordsOf(text: string): string[] {
  const folded = text.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
  return folded.split(/[^\p{L}\p{M}\p{N}]+/u).filter(Boolean)
}

/** Whether the words of `wanted` occur in a name, or spell all of it however it is spaced. */
function isWithin(name: string, wanted: string): boolean {
  const words = wordsOf(wanted)
  if (words.length === 0) return false
  const spaced = (of: readonly string[]) => ` ${of.join(' ')} `
  return nameKey(name) === words.join('') || spaced(wordsOf(name)).includes(spaced(words))
}
