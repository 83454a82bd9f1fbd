/**
 * The HTML of an author's Markdown in a form suitable for mail. Each element has inline styles, for
 * programs that drop style sheets, and overrides what a program's own sheet sets: Roundcube's has
 * blue quotations and red code. The colors of the dark scheme are in
 * templates/mail/partials/layout.mjml. Nothing makes a mail wider than a phone: code wraps, images
 * shrink, and a table that cannot be made narrower is scrolled.
 */
import { type CheerioAPI, load } from 'cheerio/slim'
import type { Direction } from '../../domain/direction.ts'
import type { Palette } from '../../domain/theme.ts'
import { type BlockLook, pageBlocks } from './blocks.ts'

export interface ProseLook extends Pick<Direction, 'direction' | 'start' | 'end'>, BlockLook {}

const MONO = "ui-monospace,'Cascadia Mono',Menlo,Consolas,monospace"
const ANYWHERE = 'overflow-wrap:anywhere;word-break:break-word'
/**
 * Words long enough to be broken in tables, where a column is as wide as its longest word. Slots
 * are not words.
 */
const LONG_WORD = /\{\{.*?\}\}|[^\s{}]{16,}/g

/** Entities and white space stay unchanged, to the byte. */
const AS_WRITTEN = { xml: { xmlMode: false, decodeEntities: false } } as const

export function prose(html: string, look: ProseLook): string {
  const $ = load(html, AS_WRITTEN, false)
  const styles = stylesOf(look)
  for (const [name, style] of Object.entries(styles)) {
    // Markdown's own styles, such as the alignment of a column, come last and so take precedence.
    $(name).attr('style', (_, ownStyle) => [style, ownStyle].filter(Boolean).join(';'))
  }
  $('pre > code').attr('style', `color:inherit;font:inherit;${ANYWHERE}`)
  $('blockquote > :last-child').css('margin-bottom', '0')
  // Without a type, Evolution drops the style: it takes every blockquote for a quoted mail.
  $('blockquote').attr('type', 'quotation')
  // Code is written from left to right in every language.
  if (look.direction === 'rtl') $('pre, code').attr('dir', 'ltr')
  breakLongWords($)
  $('.wide').replaceWith((_, box) => scrollable($(box).html() ?? ''))
  pageBlocks($, look)
  return $.html()
}

const stylesOf = ({ light, start, end }: ProseLook): Readonly<Record<string, string>> => ({
  p: 'margin:0 0 18px',
  'ol, ul': `margin:0 0 18px;padding-${start}:26px;padding-${end}:0`,
  li: 'margin:0 0 10px',
  'li p': 'margin:0 0 10px',
  h2: 'margin:26px 0 10px;font-size:23px;font-weight:normal;line-height:1.3',
  h3: 'margin:24px 0 8px;font-size:20px;font-weight:normal;line-height:1.35',
  'h4, h5, h6': 'margin:22px 0 6px;font-size:18px;font-weight:bold;line-height:1.4',
  a: `color:${light.accent};text-decoration:underline`,
  img: 'max-width:100%;height:auto',
  hr: `margin:26px 0;height:0;border:0;border-top:1px solid ${light.line};background:none`,
  // Before `blockquote`: later styles are prepended, and so have lower precedence.
  'blockquote blockquote': `padding-${start}:10px`,
  blockquote: `margin:0 0 18px;padding:0;padding-${start}:16px;border:0;border-${start}:3px solid ${light.accent};background:none;color:inherit`,
  pre: `margin:0 0 18px;padding:12px 14px;border:1px solid ${light.line};border-radius:6px;background:${light.page};color:inherit;font:15px/1.5 ${MONO};text-align:left;white-space:pre-wrap;${ANYWHERE}`,
  code: `padding:1px 4px;border-radius:4px;background:${light.page};color:inherit;font-family:${MONO};font-size:15px;${ANYWHERE}`,
  table: 'border-collapse:collapse;font-size:16px;line-height:1.45',
  th: `${cell(light)};background:${light.page};font-weight:600;text-align:${start}`,
  td: `${cell(light)};text-align:${start}`,
  dl: 'margin:0 0 18px',
  dt: 'margin:0 0 2px;font-weight:600',
  dd: `margin:0 0 12px;margin-${start}:22px`,
  sup: 'top:0;font-size:14px;line-height:0;vertical-align:super',
  '.source': `margin:0;font-size:16px;color:${light.soft}`,
  '.footnotes': 'font-size:16px',
  '.task': 'list-style:none',
})

const cell = ({ line }: Palette) =>
  `padding:7px 10px;border:1px solid ${line};vertical-align:top;word-break:normal;overflow-wrap:normal`

function breakLongWords($: CheerioAPI) {
  $('th, td')
    .find('*')
    .addBack()
    .contents()
    .each((_, node) => {
      if (node.type !== 'text') return
      const broken = node.data.replace(LONG_WORD, (word) =>
        word.startsWith('{{') ? word : `<span style="word-break:break-all">${word}</span>`,
      )
      if (broken !== node.data) $(node).replaceWith(broken)
    })
}

/**
 * A table of fixed layout does not grow with its content, so the box in it scrolls and the mail
 * keeps its width.
 */
const scrollable = (table: string) =>
  `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="width:100%;table-layout:fixed;margin:0 0 18px"><tr><td style="padding:0"><div tabindex="0" style="overflow-x:auto">${table}</div></td></tr></table>`
