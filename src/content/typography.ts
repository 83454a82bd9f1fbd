/**
 * Turns typed characters into print: quotation marks of the language, dashes, ellipses. Nothing
 * else is changed.
 */
import type markdownIt from 'markdown-it'
import { quotesOf } from './quotes.ts'

type Parser = ReturnType<typeof markdownIt>
type State = InstanceType<Parser['core']['State']>
type Token = State['tokens'][number]

/** Makes a parser apply the typography of a language. */
export function withTypography(md: Parser, language: string): Parser {
  const quotes = quotesOf(language)
  md.set({ typographer: true, ...(quotes && { quotes: [...quotes] }) })
  md.core.ruler.at('replacements', (state) => {
    for (const { children } of state.tokens) if (children) protectAddresses(children, state)
    for (const { children } of state.tokens) for (const token of children ?? []) replace(token)
  })
  md.core.ruler.enable(['replacements', ...(quotes ? ['smartquotes', 'text_join'] : ['text_join'])])
  if (!quotes) md.core.ruler.disable('smartquotes')
  return md
}

/** Replaces three dots, and hyphens that stand for a dash: between two words, or between spaces. */
function replace(token: Token) {
  if (token.type !== 'text') return
  token.content = token.content
    .replace(/(?<!\.)\.{3}(?!\.)/g, '…')
    .replace(/(?<!-)---(?!-)/g, '—')
    .replace(/(?<=^|\s)--(?=\s|$)/gm, '–')
    .replace(/(?<=[^-\s])--(?=[^-\s])/g, '–')
}

/**
 * Protects addresses, host names, file names and paths, in which a dash or a curved quote would
 * make another name. markdown-it leaves `text_special` alone and finally joins it with the adjacent
 * text.
 */
function protectAddresses(tokens: Token[], { Token }: State) {
  for (let at = tokens.length - 1; at >= 0; at -= 1) {
    const token = tokens[at] as Token
    if (token.type !== 'text' || !MAY_HAVE_ADDRESS.test(token.content)) continue
    const pieces = token.content.split(/(\S+)/).flatMap(piecesOf)
    if (!pieces.some(({ special }) => special)) continue
    const parts = pieces.map(({ text, special }) => {
      const part = new Token(special ? 'text_special' : 'text', '', 0)
      return Object.assign(part, { content: text, level: token.level })
    })
    tokens.splice(at, 1, ...parts)
  }
}

/** Most prose has no address and need not be split. */
const MAY_HAVE_ADDRESS = /\.\S|[/\\@]|mailto:/i

interface Piece {
  readonly text: string
  readonly special: boolean
}

const BEFORE = /^["'“‘„«([{<]*/
const BEHIND = /["'”’“»)\]}>.,;:!?…]*$/

/** Splits a word into an address and the punctuation around it. */
function piecesOf(word: string): Piece[] {
  const [before = ''] = BEFORE.exec(word) ?? []
  const [behind = ''] = BEHIND.exec(word.slice(before.length)) ?? []
  const core = word.slice(before.length, word.length - behind.length)
  if (!isAddress(core)) return [{ text: word, special: false }]
  return [
    { text: before, special: false },
    { text: core, special: true },
    { text: behind, special: false },
  ].filter(({ text }) => text !== '')
}

/**
 * `https://a.example`, `www.a.example`, `a@b.example`, `a.example`, `x--y.md`, `../a`, `/a`, `a\b`,
 * `a/b--c`.
 */
const isAddress = (word: string) =>
  /:\/\/|^www\.|^mailto:|^(\.{1,2}|~)?\/|\\|.@./i.test(word) ||
  /[\p{L}\p{N}_-]\.[\p{L}\p{N}]{2,}/u.test(word) ||
  (word.includes('/') && word.includes('--'))
