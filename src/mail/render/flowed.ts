/**
 * The text part in lines of 76 characters that a reader's window can join again (RFC 3676,
 * `format=flowed; delsp=no`): a line that ends in a space goes on in the next one.
 */

const WIDTH = 76
/** What stands for a value that each reader has another of: see skeleton.ts. Taken to be so long. */
const MARK = /\uFDD0[^\uFDD1]*\uFDD1/g
const MARK_WIDTH = 12
/** Words and the spaces between them; a mark is a word, though it may hold a space. */
const TOKENS = /(?:\uFDD0[^\uFDD1]*\uFDD1|[^ \uFDD0])+| +/g
/** Quotation, or the mark of a list: what a line begins with. */
const QUOTED = /^(?:> ?)+/
const ITEM = /^ *(?:[*•–-]|\d{1,4}[.)]) +/
/** Above the footer: programs leave what is below out of replies (RFC 3676, 4.3). */
const SIGNATURE = '-- '

/**
 * Breaks paragraphs where they may be joined again, and items of a list for good, with what follows
 * below their words. Tables, code and whatever else stands in columns stays as it is; so does a word
 * that is longer than a line.
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

/** Lines of at most `width` characters, each but the last ended by `end`. */
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

/** What would be taken for a quotation, for stuffing, or for the start of a mail in a file (4.4). */
const stuffed = (line: string) => (/^(?: |>|From )/.test(line) ? ` ${line}` : line)

/** The text as its reader's window shows it: what was broken to be joined again is. */
export const joined = (text: string): string =>
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
