/** Words, as all rules count and compare them. */
import { cutAtWord } from '../domain/cut.ts'
import { tokensOf } from './markdown.ts'

/** What stands between braces is no word of the text. */
const SLOT = /\{\{.*?\}\}/g

/** Words are what holds a letter: list numbers and dashes are none. */
export const countWords = (text: string) =>
  text
    .replace(SLOT, ' ')
    .split(/\s+/)
    .filter((part) => /\p{L}/u.test(part)).length

/**
 * The words alone, in small letters: what is left when case, quotes and punctuation do not matter.
 */
export const wordsOf = (text: string): string[] =>
  text
    .replace(SLOT, ' ')
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[’']/g, '')
    .match(/[\p{L}\p{N}]+/gu) ?? []

export const normalized = (text: string) => wordsOf(text).join(' ')

/** A text as a message quotes it. */
export const short = (text: string, most = 60) => cutAtWord(text, most)

/** What is said to the eye: text and code, and the words that stand for an image. */
export const plain = (tokens: ReturnType<typeof tokensOf>) =>
  tokens.map(({ type, content }) => (type === 'softbreak' ? ' ' : content)).join('')

/** The words of a Markdown text without its markup, for counting and comparing. */
export const plainText = (markdown: string) => plainTextOf(tokensOf(markdown))

/** The same of a text that was read. */
export const plainTextOf = (tokens: ReturnType<typeof tokensOf>) =>
  tokens
    .map((token) => {
      if (token.type === 'inline') return plain(token.children ?? [])
      return token.type === 'fence' || token.type === 'code_block' ? token.content : ''
    })
    .filter(Boolean)
    .join('\n')

/** How many letters have to be put in, taken out or changed to make one word of another. */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [at, letter] of [...a].entries()) {
    const next = [at + 1]
    for (const [index, other] of [...b].entries())
      next.push(
        Math.min(
          (row[index + 1] ?? 0) + 1,
          (next[index] ?? 0) + 1,
          (row[index] ?? 0) + (letter === other ? 0 : 1),
        ),
      )
    row = next
  }
  return row.at(-1) ?? 0
}
