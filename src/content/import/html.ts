/** Converts the HTML of a mail, as other systems write it, to the Markdown of a lesson. */
import { type CheerioAPI, load } from 'cheerio'
import { clean, dropComments, dropFooters } from './clean.ts'
import { oneLine } from './lines.ts'
import type { CopyFile } from './local-files.ts'
import { lineWithSlots } from './placeholders.ts'
import { numberNotes, toMarkdown } from './to-markdown.ts'

export interface MailBody {
  /** From its <title>, or its first heading that serves as one. */
  readonly title: string
  readonly preheader: string
  readonly language: string
  readonly author: string
  /** Markdown, with slots. */
  readonly text: string
  /** What was omitted or changed. */
  readonly notes: readonly string[]
}

/**
 * Hidden text: what mailboxes show after the subject. Mail tables use font-size 0 for everything.
 */
const HIDDEN =
  /display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|max-height\s*:\s*0(?:px)?\s*(?:;|$)|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$)/i
const NO_TEXT =
  'script, style, noscript, template, meta, link, base, head, iframe, object, embed, svg, canvas, audio, video, select, textarea, input:not([type=checkbox])'
const HEADINGS = 'h1, h2, h3, h4, h5, h6'
/** The beginning of a mail is also its preheader if it is marked as one. */
const PREHEADER = '[id*=preheader i], [class*=preheader i], [class*=preview-text i]'

interface MailContext {
  /**
   * The mail's subject if known from elsewhere; a heading with the same words is not part of the
   * text.
   */
  readonly subject: string | null
  readonly from: 'markdown' | 'html'
  readonly take: CopyFile
}

export function mailBody(html: string, { subject, from, take }: MailContext): MailBody {
  const notes: string[] = []
  const note = (text: string) => void notes.push(text)
  const $ = load(html)
  const language = oneLine($('html').attr('lang') ?? '')
  const author = oneLine($('meta[name=author i]').attr('content') ?? '')
  dropComments($)
  headingsByClass($)
  const title = titleOf($, subject, from)
  dropFooters($, note)
  const preheader = removeHidden($)
  numberNotes($)
  clean($, { note, take })
  return { title, preheader, language, author, text: toMarkdown($), notes }
}

/** Old editors made headings of any element. */
function headingsByClass($: CheerioAPI) {
  for (const level of [1, 2, 3, 4])
    $(`span.h${level}, div.h${level}, p.h${level}`).each((_, element) => {
      if ($(element).closest(HEADINGS).length === 0 && $(element).find(HEADINGS).length === 0)
        element.tagName = `h${level}`
    })
}

/** Returns the mail's title, and removes its heading. */
function titleOf($: CheerioAPI, subject: string | null, from: MailContext['from']): string {
  const given = [subject ?? '', oneLine($('title').first().text())].find(saysSomething)
  const first = $(HEADINGS).first()
  const leads = first.length > 0 && !saysSomething(textBefore($, first))
  const isTitle = $('h1').length > 0 || (from === 'markdown' && leads)
  const heading = isTitle ? ($('h1').length > 0 ? $('h1').first() : first) : null
  const words = oneLine(heading?.text() ?? '')
  if (heading && (!given || words.toLowerCase() === given.toLowerCase())) heading.remove()
  return given ?? words
}

/** A title like `*|MC:SUBJECT|*` says nothing. */
const saysSomething = (text: string) =>
  /[\p{L}\p{N}]/u.test(lineWithSlots(text).replace(/TODO: \{.*?\}/g, ''))

function textBefore($: CheerioAPI, heading: ReturnType<CheerioAPI>): string {
  const before = $('body').text()
  return before.slice(0, before.indexOf(heading.text()))
}

function removeHidden($: CheerioAPI): string {
  $(NO_TEXT).remove()
  const hidden = $('[style], [hidden]').filter(
    (_, { attribs: { style = '', hidden } }) => HIDDEN.test(style) || hidden !== undefined,
  )
  const written = $(PREHEADER).filter(
    (_, element) => $(element).find(HEADINGS).length === 0 && $(element).text().length < 1_000,
  )
  const texts = [...written.get(), ...hidden.get()].map((element) =>
    oneLine(
      $(element)
        .text()
        .replace(/\u200C|\u200D|\u2007/g, ''),
    ),
  )
  hidden.remove()
  written.remove()
  return texts.find((text) => /\p{L}/u.test(text)) ?? ''
}
