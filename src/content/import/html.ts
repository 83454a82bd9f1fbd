/** The HTML of a mail, as other systems write it, to the Markdown of a lesson. */
import { type Cheerio, type CheerioAPI, load } from 'cheerio'
import TurndownService from 'turndown'
import { cutAtWord } from '../../domain/cut.ts'
import { TODO } from '../draft.ts'
import { sections } from '../markdown.ts'
import { oneLine } from './lines.ts'
import { hasPlaceholder, literal, withSlots } from './placeholders.ts'

export interface MailBody {
  /** Of its <title>, or its first heading that stands for one. */
  readonly title: string
  readonly preheader: string
  readonly language: string
  readonly intro: string
  /** The one section at the end, where there is one. */
  readonly practice: { readonly title: string; readonly markdown: string } | null
  /** What was left out or changed. */
  readonly notes: readonly string[]
}

/**
 * Text that is hidden from the eye: what mailboxes show behind the subject. Tables of mails use
 * font-size 0 for all.
 */
const HIDDEN =
  /display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|max-height\s*:\s*0(?:px)?\s*(?:;|$)|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$)/i
const NO_TEXT =
  'script, style, noscript, template, meta, link, base, head, iframe, object, embed, svg, canvas, audio, video, input, select, textarea'
const HEADINGS = 'h1, h2, h3, h4, h5, h6'
/** What the old sender puts below every mail, and we put there ourselves. */
const FOOTER =
  /unsubscri|opt[- ]?out|(manage|update|change|edit) (my |your |email |mail )*(preferences|subscription|profile)|view (this |it |the )?(e?-?mail )?(online|in (your|a) browser)|abmelden|abbestellen|désabonn|désinscri|darse de baja|afmelden|cancella(ti|re)/i
const BLOCKS = 'p, li, td, th, div, blockquote, center, section, footer'
/** A block up to this length is about nothing else. */
const FOOTER_CHARS = 300

/**
 * `subject` is the mail's own where it is known from elsewhere; a heading with the same words is no
 * text then.
 */
export function mailBody(html: string, subject: string | null, markdown: boolean): MailBody {
  const notes: string[] = []
  const $ = load(html)
  const title = titleOf($, subject, markdown)
  const preheader = takeHidden($)
  const language = oneLine($('html').attr('lang') ?? '')
  clean($, (note) => notes.push(note))
  const asOne = (keep: boolean) => toMarkdown($, keep)
  const { intro, sections: headed } = sections(asOne(true))
  const [practice] = headed
  if (practice?.title && headed.length === 1 && intro.trim() && practice.markdown.trim())
    return { title, preheader, language, intro: intro.trim(), practice, notes }
  return { title, preheader, language, intro: asOne(false), practice: null, notes }
}

/** Takes the heading that is the mail's title out of it. */
function titleOf($: CheerioAPI, subject: string | null, markdown: boolean): string {
  const given = [subject ?? '', oneLine($('title').first().text())].find(saysSomething)
  const first = $(HEADINGS).first()
  const leads = first.length > 0 && !saysSomething(textBefore($, first))
  const heading = $('h1').length > 0 ? $('h1').first() : markdown && leads ? first : null
  const words = oneLine(heading?.text() ?? '')
  if (heading && (!given || words.toLowerCase() === given.toLowerCase())) heading.remove()
  return given ?? words
}

/** A title of `*|MC:SUBJECT|*` is none. */
const saysSomething = (text: string) =>
  /[\p{L}\p{N}]/u.test(withSlots(text, () => {}).replace(/TODO: \{.*?\}/g, ''))

function textBefore($: CheerioAPI, heading: Cheerio<never> | ReturnType<CheerioAPI>): string {
  const before = $('body').text()
  return before.slice(0, before.indexOf(heading.text()))
}

function takeHidden($: CheerioAPI): string {
  $(NO_TEXT).remove()
  const hidden = $('[style], [hidden], .preheader').filter((_, element) => {
    const { style = '', hidden, class: name = '' } = element.attribs
    return HIDDEN.test(style) || hidden !== undefined || name.split(/\s+/).includes('preheader')
  })
  const texts = hidden
    .map((_, element) =>
      oneLine(
        $(element)
          .text()
          .replace(/\u200C|\u200D|\u2007/g, ''),
      ),
    )
    .get()
  hidden.remove()
  return texts.find((text) => /\p{L}/u.test(text)) ?? ''
}

type Note = (note: string) => void

function clean($: CheerioAPI, note: Note) {
  $('*')
    .contents()
    .filter((_, node) => node.type === 'comment')
    .remove()
  dropFooters($, note)
  cleanLinks($, note)
  cleanImages($, note)
  if ($('th').length > 0) note('a table was turned into paragraphs')
  // Mails are laid out in tables; a lesson is one column.
  $('table, thead, tbody, tfoot, tr, td, th, caption, center, button').each((_, element) => {
    element.tagName = 'div'
  })
  const unknown = new Set<string>()
  for (const node of $('body, body *').contents().get()) {
    if (node.type === 'text')
      node.data = withSlots(node.data.replace(CONTROL_CHARACTERS, ''), (placeholder) =>
        unknown.add(placeholder),
      )
  }
  for (const placeholder of unknown)
    note(`${oneLine(placeholder)} cannot be filled in; it is marked with ${TODO}`)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are looked for.
const CONTROL_CHARACTERS = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F\uE000\uFEFF]/g

function dropFooters($: CheerioAPI, note: Note) {
  for (const element of $('a').get()) {
    const link = $(element)
    const text = oneLine(link.text())
    if (!FOOTER.test(text) && !FOOTER.test(link.attr('href') ?? '')) continue
    const block = link.closest(BLOCKS)
    const around = oneLine(block.text())
    const whole = block.length > 0 && around.length <= FOOTER_CHARS
    note(
      `left out, since every mail has its own: "${cutAtWord(oneLine(whole ? around : text), 80)}"`,
    )
    if (whole) block.remove()
    else link.remove()
  }
}

function cleanLinks($: CheerioAPI, note: Note) {
  for (const element of $('a').get()) {
    const link = $(element)
    const target = link.attr('href')?.trim() ?? ''
    const usable = /^(https?:\/\/|mailto:)[^\s<>"]+$/i.test(target) && !hasPlaceholder(target)
    if (target && !usable)
      note(`a link was turned into plain text: ${cutAtWord(oneLine(target), 60)}`)
    if (!usable) link.replaceWith(link.contents())
    else link.removeAttr('title').attr('href', target)
  }
}

function cleanImages($: CheerioAPI, note: Note) {
  let pixels = 0
  for (const element of $('img').get()) {
    const image = $(element)
    const { src = '', alt = '', width = '', height = '', style = '' } = element.attribs
    const sizes = [
      width,
      height,
      ...[...style.matchAll(/(?:^|;)\s*(?:width|height)\s*:\s*(\d+)px/gi)].map((match) => match[1]),
    ]
    if (sizes.some((size) => /^[012](px)?$/.test(size ?? ''))) {
      pixels += 1
      image.remove()
    } else if (!/^https:\/\/[^\s<>"]+$/i.test(src.trim()) || hasPlaceholder(src)) {
      const name = src.startsWith('data:')
        ? 'that was part of the mail'
        : cutAtWord(oneLine(src), 60) || 'without an address'
      note(`a picture cannot be shown in a mail: ${name}; it is marked with ${TODO}`)
      image.replaceWith(
        $('<span>').text(
          `${TODO} a picture stood here (${name}); put it on a server and give its https:// address`,
        ),
      )
    } else {
      image
        .removeAttr('title')
        .attr({ src: src.trim(), alt: oneLine(alt) || `${TODO} say what the picture shows` })
    }
  }
  if (pixels > 0)
    note(`left out: ${pixels === 1 ? 'a picture' : `${pixels} pictures`} for tracking`)
}

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
// What is text in the mail stays text: Markdown would take it for HTML or for an entity.
turndown.escape = (text) =>
  escapeMarkdown(text)
    .replace(/<(?=[a-z/!?])/gi, '\\<')
    .replace(/&(?=#?\w+;)/g, '\\&')

/** With its one heading of level 2, or with none: other headings become bold paragraphs. */
function toMarkdown($: CheerioAPI, keep: boolean): string {
  const seconds = $('h2').filter(
    (_, element) => $(element).closest('li, blockquote, a').length === 0,
  )
  const practiceHeading = keep && seconds.length === 1 ? seconds.get(0) : undefined
  for (const element of $(HEADINGS).get()) {
    if (element === practiceHeading) continue
    const heading = $(element)
    heading.find('b, strong').each((_, bold) => void $(bold).replaceWith($(bold).contents()))
    if (oneLine(heading.text())) heading.contents().wrapAll('<strong>')
    element.tagName = 'p'
  }
  return literal(turndown.turndown($('body').html() ?? '').trim())
}
