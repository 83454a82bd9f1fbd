/** Finds code in a text, in which braces are literal. */
import { splitFrontMatter } from './front-matter.ts'
import { tokensOf } from './markdown.ts'

/**
 * Returns a file with its code and each `\{{` blanked, so that all remaining braces are slots.
 * Lines and columns are preserved.
 */
export function withoutLiterals(file: string, text: string): string {
  const isPage = file.endsWith('.md')
  const offset = isPage ? (splitFrontMatter(text)?.offset ?? 0) : 0
  const lines = text.split('\n')
  const body = lines.slice(offset).join('\n')
  const blanked = isPage ? blankedCode(body) : blankedSpans(body)
  // In quoted YAML backslashes are doubled.
  const keys = lines.slice(0, offset).map((line) => line.replace(/\\+\{\{+/g, blank))
  return [...keys, blanked].join('\n').replace(/\\\{\{+|\\\\/g, blank)
}

const blank = (text: string) => text.replace(/[^\n]/g, ' ')

function blankedCode(markdown: string): string {
  const lines = markdown.split('\n')
  const blankLines = (from: number, to: number, by: (text: string) => string) => {
    const changed = by(lines.slice(from, to).join('\n')).split('\n')
    lines.splice(from, to - from, ...changed)
  }
  for (const { type, map } of tokensOf(markdown)) {
    if (!map) continue
    const [from] = map
    // A definition term takes a line, although its plugin maps it to an empty range.
    const to = Math.max(map[1], from + 1)
    if (type === 'fence' || type === 'code_block') blankLines(from, to, blank)
    else if (type === 'inline' || type === 'tr_open') blankLines(from, to, blankedSpans)
  }
  // A footnote without a reference, or a duplicate, is in no token.
  return lines.map((line) => (NOTE.test(line) ? blankedSpans(line) : line)).join('\n')
}

const NOTE = /^[ \t>]*\[\^[^\]]+\]:/

/** A span ends with as many backticks as it began with; escaped backticks begin none. */
const blankedSpans = (text: string) =>
  text.replace(/\\`|(?<!`)(`+)(?!`)([\s\S]*?[^`])\1(?!`)/g, (span, ticks) =>
    ticks === undefined ? span : blank(span),
  )
