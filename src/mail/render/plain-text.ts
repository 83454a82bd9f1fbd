/**
 * The text part of an author's text, made from the content rather than the layout (standards.md
 * F2). It says all that the page says: tables in columns, ~~struck~~ words, what images show, and
 * code as written. Emphasis uses the marks that mail programs display: *bold*, _italic_.
 */
import { type CheerioAPI, load } from 'cheerio/slim'
import { compile, type HtmlToTextOptions } from 'html-to-text'
import { graphemesOf } from '../../domain/cut.ts'
import { type BlockLook, textBlocks } from './blocks.ts'
import { BACKSLASH, BRACE } from './templates.ts'

type Format = NonNullable<HtmlToTextOptions['formatters']>[string]

/** The longest line of a table (RFC 5322, 2.1.1). */
const WIDTH = 78
/** Columns that a list or a quotation takes of it. */
const INDENT = 5

const CODE_INDENT = ' '.repeat(4)

/** Converts HTML from Markdown to plain text. Lines are not wrapped; slots stay unchanged. */
export function toText(html: string, look: Pick<BlockLook, 'words'> = {}): string {
  const $ = load(textBlocks(html, look).replaceAll('&#123;', BRACE), null, false)
  $('pre > code').each((_, code) => {
    // The final line break is not an empty line. Indented lines are not reflowed like prose.
    const lines = $(code).text().replace(/\n$/, '')
    $(code).text(lines.replace(/^(?=.)/gm, CODE_INDENT))
  })
  $('h1, h2, h3, h4, h5, h6').each((_, heading) => {
    const words = toText($(heading).html() ?? '').replace(/\{\{.*?\}\}/g, '')
    $(heading).append('<br>', '-'.repeat(Math.min(WIDTH, Math.max(3, widthOf(words)))))
  })
  // Tables in cells need no handling, because Markdown cannot express them.
  $('table').each((_, table) => {
    const room = WIDTH - INDENT * $(table).parents('li, blockquote').length
    $(table).replaceWith($('<pre></pre>').text(tableText($, $(table), room)))
  })
  return converted($.html())
    .replace(/^[ \t]+$/gm, '')
    .replace(/\\(?=\{\{)/g, BACKSLASH)
}

const around =
  (mark: string): Format =>
  (element, walk, builder) => {
    builder.addInline(mark)
    walk(element.children, builder)
    builder.addInline(mark)
  }

const picture: Format = ({ attribs }, _walk, builder) => {
  const words = attribs.alt?.trim()
  if (words) builder.addInline(`[${words}]`)
}

/**
 * Headings are underlined rather than capitalized: capitals would change words in some languages,
 * and slots.
 */
const heading: Format = (element, walk, builder) => {
  builder.openBlock({ leadingLineBreaks: 2 })
  walk(element.children, builder)
  builder.closeBlock({ trailingLineBreaks: 2 })
}

/** The definition of a term is on the lines below it, indented. */
const definition: Format = (element, walk, builder) => {
  builder.openBlock({ leadingLineBreaks: 1 })
  walk(element.children, builder)
  builder.closeBlock({
    trailingLineBreaks: 1,
    blockTransform: (text) => text.replace(/^(?=.)/gm, '    '),
  })
}

const note: Format = (element, walk, builder) => {
  builder.addInline('[')
  walk(element.children, builder)
  builder.addInline(']')
}

const OPTIONS: HtmlToTextOptions = {
  wordwrap: false,
  formatters: {
    emphasis: around('_'),
    strong: around('*'),
    struck: around('~~'),
    picture,
    heading,
    definition,
    note,
  },
  selectors: [
    { selector: 'em', format: 'emphasis' },
    { selector: 'strong', format: 'strong' },
    { selector: 's', format: 'struck' },
    { selector: 'img', format: 'picture' },
    { selector: 'sup', format: 'note' },
    { selector: 'dl', format: 'paragraph' },
    { selector: 'dt', format: 'block', options: { leadingLineBreaks: 2, trailingLineBreaks: 1 } },
    { selector: 'dd', format: 'definition' },
    ...[1, 2, 3, 4, 5, 6].map((level) => ({ selector: `h${level}`, format: 'heading' })),
  ],
}

/** Compiled once, because that takes longer than converting most texts. */
const converted = compile(OPTIONS)

type Table = ReturnType<CheerioAPI>
interface Cell {
  readonly text: string
  readonly align: string
}

function tableText($: CheerioAPI, table: Table, room: number): string {
  const [head = [], ...rows] = table
    .find('tr')
    .toArray()
    .map((row) =>
      $(row)
        .children()
        .toArray()
        .map((cell): Cell => {
          const [, align = 'left'] = /text-align:(\w+)/.exec(cell.attribs.style ?? '') ?? []
          return { align, text: toText($(cell).html() ?? '').replace(/\s+/g, ' ') }
        }),
    )
  const all = [head, ...rows]
  const widths = head.map((_, column) =>
    Math.max(3, ...all.map((row) => widthOf(row[column]?.text ?? ''))),
  )
  const width = widths.reduce((sum, columnWidth) => sum + columnWidth + GAP.length, -GAP.length)
  // The length of a slot's value is not known yet.
  const isFixed = !all.flat().some(({ text }) => text.includes('{{'))
  return width <= room && isFixed ? inColumns(head, rows, widths) : asList(head, rows)
}

const GAP = '  '

function inColumns(
  head: readonly Cell[],
  rows: readonly (readonly Cell[])[],
  widths: readonly number[],
) {
  const line = (row: readonly Cell[]) =>
    row
      .map((cell, column) => aligned(cell, widths[column] ?? 0))
      .join(GAP)
      .trimEnd()
  return [line(head), widths.map((width) => '-'.repeat(width)).join(GAP), ...rows.map(line)].join(
    '\n',
  )
}

function aligned({ text, align }: Cell, width: number): string {
  const free = Math.max(0, width - widthOf(text))
  const before = align === 'right' ? free : align === 'center' ? Math.floor(free / 2) : 0
  return ' '.repeat(before) + text + ' '.repeat(free - before)
}

/** Returns each row as lines of "heading: value"; only the headings if there are no rows. */
function asList(head: readonly Cell[], rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return head.map(({ text }) => text).join('\n')
  const line = ({ text }: Cell, column: number) =>
    [head[column]?.text, text].filter(Boolean).join(': ')
  return rows.map((row) => row.map(line).filter(Boolean).join('\n')).join('\n\n')
}

/** Han, kana, Hangul and emoji are two columns wide in a monospaced font. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}]/u
const widthOf = (text: string) =>
  [...graphemesOf(text)].reduce((sum, { segment }) => sum + (WIDE.test(segment) ? 2 : 1), 0)
