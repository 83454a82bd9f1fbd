/**
 * The blocks of an author's Markdown (src/content/blocks.ts) in a form suitable for mail: tables
 * with inline styles, and for the dark scheme the classes of templates/mail/partials/layout.mjml.
 */
import { type CheerioAPI, load } from 'cheerio/slim'
import Handlebars from 'handlebars/dist/handlebars.min.js'
import type { Palette } from '../../domain/theme.ts'
import type { LessonLabels } from './lesson-labels.ts'

/** The look and words of the text that contains the blocks. */
export interface BlockLook {
  readonly light: Palette
  /** Absent if the text is shown without labels. */
  readonly words?: LessonLabels | undefined
  /** Whether it is a lesson's text, whose mail can mark a practice as done. */
  readonly asks?: boolean | undefined
}

const SANS = "-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
const TABLE = 'role="presentation" cellpadding="0" cellspacing="0" border="0"'
const PRACTICE_URL_SLOT = '{{practiceUrl}}'
const safe = Handlebars.escapeExpression
type Block = ReturnType<CheerioAPI>

/** Replaces the blocks of a page by their HTML. */
export function pageBlocks($: CheerioAPI, look: BlockLook) {
  const { light, words } = look
  // A lesson has a single page for its practice, so only the last practice links to it.
  const last = $('.block-practice').last()[0]
  // Nested blocks come later in the page and have to be replaced first.
  for (const element of $('.block').toArray().reverse()) {
    const block = $(element)
    const ownLabel = block.children('.block-label').first().remove().html()
    const kind = kindOf(block)
    if (kind === 'practice')
      block.replaceWith(practice(block, { ...look, asks: look.asks && element === last }))
    else if (kind === 'note')
      block.replaceWith(box('paper', light.page, label(ownLabel, light) + inner(block)))
    else if (kind === 'question') {
      const body = `<div style="font-size:19px">${inner(block)}</div>`
      block.replaceWith(
        `<div style="margin:26px 0 8px">${heading(ownLabel ?? words?.question, light)}${body}</div>`,
      )
    } else if (kind === 'carry')
      block.replaceWith(carry(ownLabel ?? words?.carry, inner(block), light))
    else if (kind === 'button') block.replaceWith(button(block, look))
    else if (kind === 'video') block.replaceWith(video($, block, look))
  }
}

const kindOf = (block: Block) => /block-(\w+)/.exec(block.attr('class') ?? '')?.[1]

const inner = (block: Block) => (block.html() ?? '').trim()

/** An author's words are HTML already; our own have to be escaped. */
const label = (words: string | null | undefined, { accent }: Palette, align = '') =>
  words
    ? `<div class="label"><div style="margin:0 0 6px;font:600 13px/1.4 ${SANS};letter-spacing:1.2px;text-transform:uppercase;color:${accent}${align}">${words}</div></div>`
    : ''

/** The same as a heading, for blocks that nothing else names: readers can navigate by it. */
const heading = (words: string | null | undefined, light: Palette, align = '') =>
  words ? label(`<h2 style="${AS_LABEL}">${words}</h2>`, light, align) : ''
const AS_LABEL = 'margin:0;font:inherit;letter-spacing:inherit;color:inherit'

/** A fixed width keeps the content from making the mail wider. */
const box = (name: string, color: string, html: string) =>
  `<table class="${name}" ${TABLE} width="100%" style="width:100%;table-layout:fixed;margin:8px 0 24px;border-radius:8px;background:${color}"><tr><td style="padding:20px 20px 4px">${html}</td></tr></table>`

function practice(block: Block, { light, words, asks }: BlockLook): string {
  const minutes = block.attr('data-minutes')
  const above = words && safe(words.practice(minutes ? Number(minutes) : null))
  const heading = block.children('.block-title').first().remove().html()
  const title = heading
    ? `<div class="title subtitle"><div style="margin:0 0 12px;font-size:23px;line-height:1.25;color:${light.title}"><h2 style="margin:0;font-size:inherit;font-weight:normal;line-height:inherit">${heading}</h2></div></div>`
    : ''
  const quiet = {
    name: 'button-quiet',
    css: `background:${light.tint};border:2px solid ${light.button}`,
    ink: light.accent,
  }
  const end = asks && words ? buttonTable(PRACTICE_URL_SLOT, safe(words.did), quiet) : ''
  return box('tint', light.tint, label(above, light) + title + inner(block) + end)
}

interface ButtonStyle {
  readonly name: string
  readonly css: string
  readonly ink: string
}

const buttonTable = (href: string, words: string, { name, css, ink }: ButtonStyle) =>
  `<table class="${name}" ${TABLE} style="border-collapse:separate;margin:6px 0 20px"><tr><td style="border-radius:6px;${css}"><a href="${href}" style="display:inline-block;padding:12px 24px;font:600 16px/1.25 ${SANS};color:${ink};text-decoration:none;border-radius:6px">${words}</a></td></tr></table>`

const filled = ({ button, onButton }: Palette): ButtonStyle => ({
  name: 'button',
  css: `background:${button}`,
  ink: onButton,
})

function button(block: Block, { light }: BlockLook): string {
  const link = block.find('a').first()
  return buttonTable(link.attr('href') ?? '', link.html() ?? '', filled(light))
}

/**
 * An image with a bar below it that has the image's words, which remain readable without images. A
 * play symbol on the image itself would need CSS that half of all programs drop.
 */
function video($: CheerioAPI, block: Block, { light }: BlockLook): string {
  const link = block.find('a').first()
  const href = link.attr('href') ?? ''
  const picture = link.find('img').first()
  const words = picture.attr('alt') ?? ''
  // An image that is not shown would be as high as it is wide, unless its size is known.
  const width = picture.attr('width') ? 'width' : 'max-width'
  picture.attr('alt', '').attr('style', `display:block;${width}:100%;height:auto;border:0`)
  const bar = `<a href="${href}" style="display:block;padding:12px 18px;font:600 16px/1.35 ${SANS};color:${light.onButton};text-decoration:none">▶&nbsp; ${words}</a>`
  return `<table class="button" ${TABLE} width="100%" style="width:100%;table-layout:fixed;margin:8px 0 24px;background:${light.button}"><tr><td style="padding:0;font-size:0;line-height:0"><a href="${href}" tabindex="-1" aria-hidden="true">${$.html(picture)}</a></td></tr><tr><td style="background:${light.button}">${bar}</td></tr></table>`
}

const carry = (above: string | undefined, html: string, light: Palette) =>
  `<hr style="margin:26px 0 22px;border:0;border-top:1px solid ${light.line}"><div style="margin:0 12px 26px;text-align:center">${heading(above, light, ';text-align:center')}<div style="font-size:21px;line-height:1.45;font-style:italic">${html}</div></div>`

/** Whether a text has a practice among its blocks. */
export const hasPractice = (html: string) => html.includes('class="block block-practice')

/**
 * The same for the text part: HTML of words only. Links that belong to one reader are in its
 * footer, which replies omit.
 */
export function textBlocks(html: string, { words }: Pick<BlockLook, 'words'>): string {
  if (!html.includes('class="block')) return html
  const $ = load(html, { xml: { xmlMode: false, decodeEntities: false } }, false)
  for (const element of $('.block').toArray()) {
    const block = $(element)
    const ownLabel = block.children('.block-label').first().remove().text()
    const kind = kindOf(block)
    const minutes = block.attr('data-minutes')
    const usual =
      kind === 'practice'
        ? words?.practice(minutes ? Number(minutes) : null)
        : kind === 'question' || kind === 'carry'
          ? words?.[kind]
          : undefined
    const above = ownLabel || safe(usual ?? '')
    const label = above && (words?.upper(above) ?? above)
    if (kind === 'practice') {
      const title = block.children('.block-title').first().remove().html()
      block.prepend(`<p>${[label, title].filter(Boolean).join('<br>')}</p>`)
    } else if (label) labelText(block, label)
    if (kind === 'video')
      block.find('img').each((_, img) => void $(img).replaceWith(`▶ ${img.attribs.alt ?? ''}`))
    block.removeAttr('class')
  }
  return $.html()
}

/** Puts a label directly above its words. */
function labelText(block: Block, label: string) {
  const first = block.children().first()
  if (first.is('p')) first.prepend(`${label}<br>`)
  else block.prepend(`<p>${label}</p>`)
}
