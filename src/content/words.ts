/** Words, as all rules count and compare them. */
import { cutAtWord } from '../domain/cut.ts'
import { tokensOf } from './markdown.ts'

/** A slot is not a word of the text. */
const SLOT = /\{\{.*?\}\}/g

/** Counts words, which contain a letter: list numbers and dashes do not count. */
export const countWords = (text: string) =>
  text
    .replace(SLOT, ' ')
    .split(/\s+/)
    .filter((part) => /\p{L}/u.test(part)).length

/** Returns the words in lower case, regardless of case, quotes and punctuation. */
export const wordsOf = (text: string): string[] =>
  text
    .replace(SLOT, ' ')
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[’']/g, '')
    .match(/[\p{L}\p{N}]+/gu) ?? []

export const normalized = (text: string) => wordsOf(text).join(' ')

/** Shortens a text for quoting in a message. */
export const shortened = (text: string, most = 60) => cutAtWord(text, most)

/** Returns the visible words: text and code, and the descriptions of images. */
export const plain = (tokens: ReturnType<typeof tokensOf>) =>
  tokens.map(({ type, content }) => (type === 'softbreak' ? ' ' : content)).join('')

/** Returns the words of a Markdown text without its markup, for counting and comparing. */
export const plainText = (markdown: string) => plainTextOf(tokensOf(markdown))

/** Like plainText, for parsed tokens. */
export const plainTextOf = (tokens: ReturnType<typeof tokensOf>) =>
  tokens
    .map((token) => {
      if (token.type === 'inline') return plain(token.children ?? [])
      return token.type === 'fence' || token.type === 'code_block' ? token.content : ''
    })
    .filter(Boolean)
    .join('\n')

/**
 * Returns how many letters must be inserted, deleted or changed to turn one word into the other.
 */
export function editDistance(a: string, b: string): number {
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
