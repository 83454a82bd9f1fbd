/**
 * The text part in lines of 76 characters that a reader's program can join again (RFC 3676,
 * `format=flowed; delsp=no`): a line that ends in a space continues on the next one.
 */

const WIDTH = 76
/** The mark of a reader's value (skeleton.ts), whose width is assumed. */
const MARK = /\uFDD0[^\uFDD1]*\uFDD1/g
const MARK_WIDTH = 12
/** Words and the spaces between them; a mark is one word, although it may contain a space. */
const TOKENS = /(?:\uFDD0[^\uFDD1]*\uFDD1|[^ \uFDD0])+| +/g
/** What a line can begin with: quotation marks, or the marker of a list item. */
const QUOTED = /^(?:> ?)+/
const ITEM = /^ *(?:[*•–-]|\d{1,4}[.)]) +/
/** Precedes the footer: programs omit what is below it from replies (RFC 3676, 4.3). */
const SIGNATURE = '-- '

/**
 * Breaks paragraphs so that they can be joined again, and list items permanently, with their text
 * aligned. Tables, code and anything else in columns stay unchanged, and so does a word longer than
 * a line.
 */
export function flowed(text: string): string {
  const lines = text.split('\n').map((line) => line.trimEnd())
  const footer = lines.lastIndexOf(SIGNATURE.trimEnd())
  return lines
    .flatMap((line, index) => (index === footer ? [SIGNATURE] : brokenLines(line)))
    .join('\n')
}

function brokenLines(line: string): string[] {
  const [quotation = ''] = QUOTED.exec(line) ?? []
  const mark = quotation && `${quotation.replaceAll(' ', '')} `
  const parts = linesOf(line.slice(quotation.length), WIDTH - mark.length)
  return mark ? parts.map((part) => mark + part) : parts.map(stuffed)
}

function linesOf(line: string, width: number): string[] {
  const [item = ''] = ITEM.exec(line) ?? []
  if (item) {
    const indent = ' '.repeat(item.length)
    return wrapped(line.slice(item.length), width - item.length, '').map(
      (part, index) => (index === 0 ? item : indent) + part,
    )
  }
  return /^ | {2}/.test(line.replace(MARK, '')) ? [line] : wrapped(line, width, ' ')
}

/** Returns lines of at most `width` characters, each but the last ending in `end`. */
function wrapped(text: string, width: number, end: '' | ' '): string[] {
  const lines: string[] = []
  let line = ''
  for (const token of text.match(TOKENS) ?? []) {
    if (token.trim() === '') {
      line += token
      continue
    }
    if (line.trim() !== '' && widthOf(line + token + end) > width) {
      lines.push(line.trimEnd() + end)
      line = ''
    }
    line += token
  }
  return [...lines, line.trimEnd()]
}

const widthOf = (text: string) => text.replace(MARK, 'm'.repeat(MARK_WIDTH)).length

/** Space-stuffs lines that look like quotations, stuffed lines or an mbox separator (4.4). */
const stuffed = (line: string) => (/^(?: |>|From )/.test(line) ? ` ${line}` : line)

/** Joins flowed lines again, so that the text is as a reader's program shows it. */
export const joinFlowed = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line.startsWith(' ') ? line.slice(1) : line))
    .reduce<string[]>((lines, line) => {
      const last = lines.at(-1)
      if (last?.endsWith(' ') && last !== SIGNATURE && quotationOf(last) === quotationOf(line))
        lines.splice(-1, 1, last + line.slice(quotationOf(line).length))
      else lines.push(line)
      return lines
    }, [])
    .join('\n')

const quotationOf = (line: string) => QUOTED.exec(line)?.[0] ?? ''
