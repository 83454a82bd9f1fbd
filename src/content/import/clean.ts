/** Removes from a mail what belongs to the system that sent it. */
import type { CheerioAPI } from 'cheerio'
import { cutAtWord } from '../../domain/cut.ts'
import { TODO } from '../draft.ts'
import { oneLine } from './lines.ts'
import type { CopyFile } from './local-files.ts'
import { hasPlaceholder, namesOldSender, withSlots } from './placeholders.ts'

/** What the old sender put below every mail, and Dawnpost adds itself. */
const FOOTER =
  /unsub(scri)?|opt[- ]?out|(manage|update|change|edit) (my |your |e-?mail |mail |subscription )*(preferences|subscription|profile)|update_profile|subscriber_preferences|view (this |it |the )?(e?-?mail )?(online|in (your|a) browser)|abmelden|abbestellen|désabonn|désinscri|darse de baja|afmelden|cancella(ti|re)/i
const BLOCKS = 'p, li, td, th, div, blockquote, center, section, footer'
const FOOTER_PLACE = /foot(er)?(?![a-z-]*note)|utility|canspam|rewards/i
/**
 * Maximum characters: a block up to this length holds nothing else; an element named as a footer
 * may be longer.
 */
const FOOTER_CHARS = { block: 300, place: 1_500 }

type Note = (note: string) => void

export interface CleanOptions {
  readonly note: Note
  readonly take: CopyFile
}

export function clean($: CheerioAPI, { note, take }: CleanOptions) {
  cleanLinks($, { note, take })
  cleanImages($, { note, take })
  layoutIntoColumn($)
  const unknown = new Set<string>()
  for (const node of $('body, body *').contents().get()) {
    if (node.type !== 'text') continue
    node.data = node.data.replace(NO_TEXT, '')
    if ($(node).closest('pre, code').length > 0) continue
    node.data = withSlots(node.data, (placeholder) => unknown.add(placeholder))
  }
  for (const placeholder of unknown)
    note(`${oneLine(placeholder)} cannot be filled in; it is marked with ${TODO}`)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are looked for.
const NO_TEXT = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F\uE000-\uF8FF\uFEFF]/g

export function dropComments($: CheerioAPI) {
  $('*')
    .contents()
    .filter((_, node) => node.type === 'comment')
    .remove()
}

/** Removes blocks with old unsubscribe links, and those that only name the old sender. */
export function dropFooters($: CheerioAPI, note: Note) {
  const drop = (what: ReturnType<CheerioAPI>) => {
    const text = oneLine(what.text())
    if (text) note(`left out, since every mail has its own: "${cutAtWord(text, 80)}"`)
    what.remove()
  }
  const total = oneLine($('body').text()).length
  const known = new Map<unknown, number>()
  // One element may hold thousands of links: it is measured once.
  const charsIn = (selection: ReturnType<CheerioAPI>) => {
    const chars = known.get(selection.get(0)) ?? oneLine(selection.text()).length
    known.set(selection.get(0), chars)
    return chars
  }
  for (const element of $('a').get()) {
    const link = $(element)
    if (link.closest('body').length === 0) continue
    if (!FOOTER.test(oneLine(link.text())) && !FOOTER.test(link.attr('href') ?? '')) continue
    const block = link.closest(BLOCKS)
    const place = link
      .parents()
      .filter((_, { attribs: { id = '', class: name = '' } }) => FOOTER_PLACE.test(`${id} ${name}`))
      .last()
    const chars = charsIn(place)
    if (place.length > 0 && chars <= FOOTER_CHARS.place && chars < total * 0.75) drop(place)
    else drop(block.length > 0 && charsIn(block) <= FOOTER_CHARS.block ? block : link)
  }
  for (const element of $(BLOCKS).get().reverse()) {
    const block = $(element)
    if (block.closest('body').length > 0 && namesOldSender(ownText($, block)) && isShort(block))
      drop(block)
  }
}

const isShort = (block: ReturnType<CheerioAPI>) =>
  block.length > 0 && oneLine(block.text()).length <= FOOTER_CHARS.block

/** The block's text, without that of nested blocks. */
const ownText = ($: CheerioAPI, block: ReturnType<CheerioAPI>) =>
  block.find(BLOCKS).length === 0 ? block.text() : $(block).contents().not(BLOCKS).text()

function cleanLinks($: CheerioAPI, { note, take }: CleanOptions) {
  let upgraded = 0
  for (const element of $('a[href]').get()) {
    const link = $(element)
    const target = link.attr('href')?.trim() ?? ''
    const short = shortAddress(target)
    const address = addressOf(target) ?? (hasPlaceholder(target) ? null : take(target, 'link'))
    if (address) {
      if (/^http:/i.test(target)) upgraded += 1
      link.removeAttr('title').attr('href', address)
    } else if (hasPlaceholder(target) && isAlone(link)) {
      note(
        `left out, since its address ${short} was filled in by another system: "${oneLine(link.text())}"`,
      )
      link.remove()
    } else {
      if (target) note(`a link was turned into plain text: ${short}`)
      link.replaceWith(link.contents())
    }
  }
  if (upgraded > 0)
    note(
      upgraded === 1
        ? 'a link was changed from http:// to https://; check that it works'
        : `${upgraded} links were changed from http:// to https://; check that they work`,
    )
}

/**
 * Returns an address that works in a mail: https, since filters distrust http, or mailto; null for
 * any other.
 */
function addressOf(target: string): string | null {
  if (hasPlaceholder(target) || /[\s<>"]/.test(target)) return null
  if (/^mailto:./i.test(target)) return target
  return /^https?:\/\/[^/]/i.test(target) ? target.replace(/^https?:/i, 'https:') : null
}

/** Shows an address as its author wrote it: Markdown encodes the braces of placeholders. */
const shortAddress = (address: string) =>
  cutAtWord(oneLine(address.replace(/%7B/gi, '{').replace(/%7D/gi, '}')), 60)

/** Returns whether a link's block holds nothing else. */
function isAlone(link: ReturnType<CheerioAPI>): boolean {
  const block = link.closest('p, li, td, div')
  return block.length > 0 && oneLine(block.text()) === oneLine(link.text())
}

function cleanImages($: CheerioAPI, { note, take }: CleanOptions) {
  let [pixels, upgraded] = [0, 0]
  for (const element of $('img').get()) {
    const image = $(element)
    const { src = '' } = element.attribs
    const address = /^https?:/i.test(src.trim()) ? addressOf(src.trim()) : take(src, 'image')
    if (isPixel(element.attribs)) {
      pixels += 1
      image.remove()
    } else if (address === null) {
      const name = src.startsWith('data:')
        ? 'that was part of the mail'
        : shortAddress(src) || 'without an address'
      note(`a picture cannot be imported: ${name}; it is marked with ${TODO}`)
      image.replaceWith(
        $('<span>').text(
          `${TODO} a picture was here (${name}); put it beside this text as .jpg, .png or .gif`,
        ),
      )
    } else {
      if (/^http:/i.test(src.trim())) upgraded += 1
      const words = wordsOf(image)
      for (const name of Object.keys(element.attribs)) image.removeAttr(name)
      image.attr({ src: address, alt: words || `${TODO} say what the picture shows` })
    }
  }
  if (pixels > 0)
    note(`left out: ${pixels === 1 ? 'a picture' : `${pixels} pictures`} for tracking`)
  if (upgraded > 0)
    note(
      upgraded === 1
        ? 'a picture address was changed from http:// to https://; check that it is shown'
        : `${upgraded} picture addresses were changed from http:// to https://; check that they are shown`,
    )
}

function isPixel({ width = '', height = '', style = '' }: Readonly<Record<string, string>>) {
  const sizes = [...style.matchAll(/(?:^|;)\s*(?:width|height)\s*:\s*(\d+)px/gi)]
  return [width, height, ...sizes.map((match) => match[1])].some((size) =>
    /^[012](px)?$/.test(size ?? ''),
  )
}

/**
 * Returns a picture's description for people who do not see it: the first of the author's that has
 * words.
 */
function wordsOf(image: ReturnType<CheerioAPI>): string {
  const caption = image.closest('figure').find('figcaption').text()
  const words = [image.attr('alt'), image.attr('title'), caption].map((text) => oneLine(text ?? ''))
  return withSlots(words.find(Boolean) ?? '', () => {}).replace(/[[\]{}]/g, '')
}

/** Mails are laid out in tables; a lesson is one column, in which only tables of data remain. */
function layoutIntoColumn($: CheerioAPI) {
  const data = new Set(
    $('table')
      .get()
      .filter((table) => isData($, $(table))),
  )
  const isKept = (element: ReturnType<CheerioAPI>) =>
    data.has(element.closest('table').get(0) as never)
  $('table, thead, tbody, tfoot, tr, td, th, caption, center, button, figure, figcaption').each(
    (_, element) => {
      if (!isKept($(element)) || /^(center|button|fig)/.test(element.tagName))
        element.tagName = 'div'
    },
  )
}

function isData($: CheerioAPI, table: ReturnType<CheerioAPI>): boolean {
  if (table.find('table, h1, h2, h3, pre').length > 0 || table.attr('role') === 'presentation')
    return false
  const rows = table.find('tr').get()
  return (
    (table.find('th').length > 0 || Number(table.attr('border')) > 0) &&
    rows.length > 1 &&
    rows.some((row) => $(row).children().length > 1)
  )
}
