/** Where a text has code, in which braces are what they look like. */
import { cut } from './front-matter.ts'
import { tokensOf } from './markdown.ts'

/**
 * A file with blanks in the places of its code and of `\{{`, so that what is left between braces is
 * a slot. Lines and columns stay as they are.
 */
export function withoutLiterals(file: string, text: string): string {
  const isPage = file.endsWith('.md')
  const offset = isPage ? (cut(text)?.offset ?? 0) : 0
  const lines = text.split('\n')
  const body = lines.slice(offset).join('\n')
  const blanked = isPage ? blankedCode(body) : blankedSpans(body)
  // In quotes YAML wants a backslash before a backslash.
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
    // A term of a list has a line of its own, whatever its plugin says.
    const to = Math.max(map[1], from + 1)
    if (type === 'fence' || type === 'code_block') blankLines(from, to, blank)
    else if (type === 'inline' || type === 'tr_open') blankLines(from, to, blankedSpans)
  }
  // A note that nothing leads to, or one of two of a name, is in no token.
  return lines.map((line) => (NOTE.test(line) ? blankedSpans(line) : line)).join('\n')
}

const NOTE = /^[ \t>]*\[\^[^\]]+\]:/

/** As many backticks end a span as have begun it; those behind a backslash begin none. */
const blankedSpans = (text: string) =>
  text.replace(/\\`|(?<!`)(`+)(?!`)([\s\S]*?[^`])\1(?!`)/g, (span, ticks) =>
    ticks === undefined ? span : blank(span),
  )
