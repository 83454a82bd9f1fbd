/** Converts cleaned HTML to the Markdown of a lesson. */
import { type CheerioAPI, load } from 'cheerio'
import TurndownService from 'turndown'
import { isBlock } from '../blocks.ts'
import { oneLine } from './lines.ts'
import { outsideCode } from './outside-code.ts'
import { escapeBraces } from './placeholders.ts'

const turndown = new TurndownService({
  ...({
    headingStyle: 'atx',
    codeBlockStyle: 'fenced',
    bulletListMarker: '-',
    emDelimiter: '*',
  } as const),
  hr: '* * *',
})
const escapeMarkdown = turndown.escape.bind(turndown)
// Text in the mail stays text: Markdown would take it for HTML, an entity or a block.
turndown.escape = (text) =>
  escapeMarkdown(text)
    .replace(/<(?=[a-z/!?])/gi, '\\<')
    .replace(/&(?=#?\w+;)/g, '\\&')
    .replace(/^\s*:::/gm, '\\$&')
    .replaceAll('|', '\\|')
turndown.addRule('struck', {
  filter: ({ nodeName }) => /^(DEL|S|STRIKE)$/.test(nodeName),
  replacement: (content) => (content.trim() ? `~~${content.trim()}~~` : ''),
})
turndown.addRule('term', {
  filter: 'dt',
  replacement: (content) => `\n\n${content.trim()}\n`,
})
turndown.addRule('definition', {
  filter: 'dd',
  replacement: (content) => `: ${content.trim().replaceAll('\n', '\n  ')}\n`,
})

/** Placeholder for Markdown that is inserted at the end. */
const HELD = /\uE020(\d+)\uE021/g

/** Converts HTML to Markdown with headings of level 2 and 3: level 1 is the mail's title. */
export function toMarkdown($: CheerioAPI): string {
  const held: string[] = []
  const hold = (markdown: string) => `\uE020${held.push(markdown) - 1}\uE021`
  headingsInOrder($)
  codeWithLanguage($)
  tasks($)
  footnotes($, hold)
  blocks($, hold)
  tables($, hold)
  const put = (text: string): string => text.replace(HELD, (_, at) => put(held[Number(at)] ?? ''))
  return put(markdownOf($('body').html() ?? ''))
}

function markdownOf(html: string): string {
  const markdown = turndown.turndown(html).trim()
  return outsideCode(markdown, (text) =>
    escapeBraces(
      text
        .replace(/\\\|/g, '|')
        .replace(/(?: {2}\n[ \t]*){2,}/g, '\n\n')
        .replace(/^(\s*(?:[-*]|\d+\.)\s+)\\\[([ xX])\\\] /gm, '$1[$2] '),
    ),
  )
}

const HEADINGS = 'h1, h2, h3, h4, h5, h6'

/**
 * Renumbers headings: the highest level becomes 2, all below it 3, and no level is skipped.
 * Headings within a list, a link or the like become bold.
 */
function headingsInOrder($: CheerioAPI): void {
  const headings = $(HEADINGS)
    .get()
    .filter((element) => {
      if (
        oneLine($(element).text()) &&
        $(element).closest('li, blockquote, a, pre, dd').length === 0
      )
        return true
      asBold($, $(element))
      element.tagName = 'p'
      return false
    })
  const highest = Math.min(...headings.map(({ tagName }) => Number(tagName.slice(1))))
  let before = 1
  for (const element of headings) {
    const level = Math.min(Number(element.tagName.slice(1)) - highest + 2, before + 1)
    before = Math.min(level, 3)
    unbolden($, $(element))
    element.tagName = `h${before}`
  }
}

type Cheerio = ReturnType<CheerioAPI>

function unbolden($: CheerioAPI, heading: Cheerio) {
  heading.find('b, strong').each((_, bold) => void $(bold).replaceWith($(bold).contents()))
  heading.find('br').replaceWith(' ')
}

function asBold($: CheerioAPI, heading: Cheerio) {
  unbolden($, heading)
  if (oneLine(heading.text())) heading.contents().wrapAll('<strong>')
}

/** Preformatted text is code; its language may be in one of several places. */
function codeWithLanguage($: CheerioAPI): void {
  for (const element of $('pre').get()) {
    const pre = $(element)
    pre.find('br').replaceWith('\n')
    const names = [
      pre.children('code').attr('class'),
      pre.attr('class'),
      pre.parent().attr('class'),
    ]
    const [, language] =
      /(?:^|\s)(?:lang(?:uage)?-|highlight-(?:source|text)-|brush:\s*)([\w+#-]+)/i.exec(
        names.filter(Boolean).join(' '),
      ) ?? []
    const code = $('<code>').text(pre.text())
    if (language) code.attr('class', `language-${language}`)
    pre.empty().append(code)
  }
}

function tasks($: CheerioAPI): void {
  for (const element of $('li input[type=checkbox]').get())
    $(element).replaceWith(element.attribs.checked === undefined ? '[ ] ' : '[x] ')
}

type Hold = (markdown: string) => string

/** Keeps the numbers of footnotes as written by the parser of the source, without their links. */
export function numberNotes($: CheerioAPI): void {
  $('hr.footnotes-sep, a.footnote-backref').remove()
  for (const element of $('sup.footnote-ref').get()) {
    const [number = '1'] = /\d+/.exec($(element).find('a').attr('href') ?? '') ?? []
    $(element).attr('data-note', number).text(number)
  }
}

function footnotes($: CheerioAPI, hold: Hold): void {
  for (const element of $('sup[data-note]').get())
    $(element).replaceWith(hold(`[^${element.attribs['data-note']}]`))
  const notes = $('section.footnotes')
  const written = notes
    .find('li.footnote-item')
    .get()
    .map((item) => {
      const text = markdownOf($(item).html() ?? '').replaceAll('\n', '\n    ')
      return `[^${/\d+/.exec(item.attribs.id ?? '')?.[0]}]: ${text}`
    })
  if (written.length > 0) notes.replaceWith($('<p>').text(hold(written.join('\n\n'))))
}

/**
 * Maps containers of other systems to our blocks with the same meaning; unknown ones become their
 * text.
 */
function blocks($: CheerioAPI, hold: Hold): void {
  // From the innermost outwards.
  for (const element of $('div.block[data-block]').get().reverse()) {
    const block = $(element)
    const [name = '', ...args] = (block.attr('data-block') ?? '').split(' ')
    if (!isBlock(name)) {
      block.replaceWith(block.contents())
      continue
    }
    block.before($('<p>').text(hold(`::: ${[name, ...args].join(' ')}`)))
    block.after($('<p>').text(hold(':::')))
    block.replaceWith(block.contents())
  }
}

/** Converts tables of data, the only ones left: layout tables are gone by now. */
function tables($: CheerioAPI, hold: Hold): void {
  for (const element of $('table').get()) {
    const rows = $(element)
      .find('tr')
      .get()
      .map((row) => ({
        isHead: $(row).children('td').length === 0,
        cells: $(row)
          .children('th, td')
          .get()
          .map((cell) => cellOf($(cell).html() ?? '')),
      }))
    const columns = Math.max(...rows.map(({ cells }) => cells.length))
    const line = (cells: readonly string[]) =>
      `| ${Array.from({ length: columns }, (_, at) => cells[at] ?? '').join(' | ')} |`
    const [first, ...rest] = rows
    const [head, body] =
      first && (first.isHead || $(element).find('th').length === 0)
        ? [first.cells, rest]
        : [[], rows]
    const caption = oneLine($(element).find('caption').text())
    const markdown = [
      line(head),
      line(Array(columns).fill('---')),
      ...body.map(({ cells }) => line(cells)),
    ]
    const table = $('<p>').text(hold(markdown.join('\n')))
    if (caption) $(element).before($('<p>').append($('<strong>').text(caption)))
    $(element).replaceWith(table)
  }
}

const cellOf = (html: string) =>
  markdownOf(load(html)('body').html() ?? '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/(?<!\\)\|/g, '\\|')
