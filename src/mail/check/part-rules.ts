/** Rules about the parts of a message: nothing of them is lost, and all of it arrives. */
import { load } from 'cheerio'
import { isTransactional } from '../../domain/delivery.ts'
import type { Rule, Spot } from '../../domain/finding.ts'
import { toText } from '../render/plain-text.ts'
import { compileSlots } from '../render/templates.ts'
import { spotIn } from './client-rules.ts'
import type { Rendering } from './rendering.ts'

/** Gmail hides what is beyond about 102 kB, including the unsubscribe link (standards.md F7). */
const LARGE_BYTES = 80_000
const CLIPPED_BYTES = 100_000
/** Octets of a line, without its end (RFC 5322, 2.1.1). */
const MAX_LINE_BYTES = 998

/**
 * MJML silently drops content it does not expect between two of its elements (standards.md F26):
 * slots, and the marks that represent texts.
 */
function* droppedBlock(mail: Rendering): Generator<Spot> {
  const [before, after] = [tagsIn(mail.mjml), tagsIn(mail.frame)]
  for (const [tag, count] of before) {
    const lost = count - (after.get(tag) ?? 0)
    const what = tag.startsWith('{{') ? tag : `"${shorten(load(mail.fill(tag)).text().trim())}"`
    if (lost > 0)
      yield spotIn(
        mail,
        `MJML dropped ${what} from templates/mail/${mail.content.kind}.mjml; put it into mj-text or mj-raw`,
      )
  }
}

function tagsIn(source: string): Map<string, number> {
  const tags = new Map<string, number>()
  for (const [tag] of source.matchAll(/\{\{.*?\}\}|[\u{F0000}-\u{FFFFD}]/gu))
    tags.set(tag, (tags.get(tag) ?? 0) + 1)
  return tags
}

const shorten = (words: string) => (words.length > 60 ? `${words.slice(0, 59)}…` : words)

/**
 * Some people read only text, by choice or with a screen reader, and filters distrust mail without
 * it.
 */
function* emptyText(mail: Rendering): Generator<Spot> {
  const [body = ''] = mail.sample.text.split(/^--\s*$/m)
  if (!/\p{L}/u.test(body))
    yield spotIn(mail, 'its text part is empty; fix templates/mail or write a text')
}

/**
 * Both parts must contain the same: words, what images show, and that words are struck. The few
 * lines of a transactional mail are written separately for each part, except for the headline.
 */
function* lostText(mail: Rendering): Generator<Spot> {
  const { language } = mail
  const text = ` ${plain(mail.sample.text, language)} `
  const texts = isTransactional(mail.content.kind) ? [mail.page('h1').text()] : visibleTexts(mail)
  for (const words of texts) {
    if (text.includes(` ${plain(words, language)} `)) continue
    yield spotIn(mail, `its text part lacks "${shorten(words)}", which the page has`)
  }
  yield* lostMark(mail)
}

/** Struck words must be recognizable as struck. */
function* lostMark(mail: Rendering): Generator<Spot> {
  const { page, sample } = mail
  const lines = spaced(sample.text)
  for (const struck of page('s, del').toArray()) {
    const words = spaced(toText(page.html(struck)))
    if (!lines.includes(words))
      yield spotIn(
        mail,
        `its text part does not show that "${shorten(page(struck).text())}" is struck`,
      )
  }
}

const spaced = (text: string) => text.replace(/\s+/g, ' ').trim()
/**
 * Words without punctuation, in capitals like the labels of a text part. Capitals make ß and SS
 * equal; the reverse conversion is not possible in every language.
 */
const plain = (text: string, language: string) =>
  (text.toLocaleUpperCase(language).match(/[\p{L}\p{N}]+/gu) ?? []).join(' ')

/**
 * Returns the text nodes to be read on the page, and the words of an author's images; without the
 * preheader.
 */
function visibleTexts({ page }: Rendering): string[] {
  const texts = page('body *')
    .toArray()
    .filter((element) => !/display:\s*none/.test(element.attribs.style ?? ''))
    .flatMap((element) => [
      ...(element.name === 'img' && page(element).closest('.prose').length > 0
        ? [element.attribs.alt ?? '']
        : []),
      ...element.children.flatMap((node) => (node.type === 'text' ? [node.data] : [])),
    ])
    .map((text) => text.replace(/\s+/g, ' ').trim())
  return [...new Set(texts)].filter((text) => /[\p{L}\p{N}]/u.test(text))
}

/** Indentation can change the meaning of code, so it must arrive as written in both parts. */
function* changedCode(mail: Rendering): Generator<Spot> {
  const { page, sample } = mail
  const shownCodes = new Set(
    page('pre')
      .toArray()
      .map((block) => page(block).text()),
  )
  for (const code of codeOf(mail)) {
    const first = shorten(code.trim().split('\n')[0] ?? '')
    if (!shownCodes.has(code))
      yield spotIn(
        mail,
        `the code "${first}" is not shown as written; fix templates/mail or src/mail`,
      )
    if (!hasLines(sample.text, code))
      yield spotIn(mail, `its text part does not show the lines of the code "${first}" as written`)
  }
}

/**
 * Whether a text contains the lines of a code block in a row, all indented alike, as in a list or a
 * quotation.
 */
function hasLines(text: string, code: string): boolean {
  const lines = text.split('\n')
  const [first = '', ...more] = code
    .replace(/^(?:[ \t]*\n)+/, '')
    .trimEnd()
    .split('\n')
  return lines.some((line, at) => {
    const edge = line.trimEnd().length - first.trimEnd().length
    return (
      line.trimEnd().slice(Math.max(0, edge)) === first.trimEnd() &&
      more.every(
        (codeLine, index) => lines[at + index + 1]?.slice(edge).trimEnd() === codeLine.trimEnd(),
      )
    )
  })
}

/** Returns the content's code blocks, filled in for the sample reader. */
function codeOf({ content, sample }: Rendering): string[] {
  const html = htmlsOf(content).join('')
  if (!html.includes('<pre')) return []
  const filled = load(compileSlots(html, { noEscape: false })(sample.reader), null, false)
  return filled('pre')
    .toArray()
    .map((block) => filled(block).text())
}

function htmlsOf(content: Rendering['content']): string[] {
  if (content.kind === 'lesson')
    return [
      content.lesson.html,
      content.lesson.practice?.html ?? '',
      content.companion && 'inspiration' in content.companion
        ? content.companion.inspiration.html
        : '',
    ]
  if (content.kind === 'inspiration') return [content.inspiration.html]
  return 'letter' in content ? [content.letter.html] : []
}

/** A link that only the page has cannot be followed by those who read text. */
function* lostLink(mail: Rendering): Generator<Spot> {
  for (const href of new Set(
    mail
      .page('a[href]')
      .toArray()
      .map(({ attribs }) => attribs.href ?? ''),
  )) {
    if (!mail.sample.text.includes(href.replace(/^mailto:/, '')))
      yield spotIn(mail, `its text part lacks the link to ${href}, which the page has`)
  }
}

/** Readers who find no way to unsubscribe report spam; the law requires it, too. */
function* noUnsubscribe(mail: Rendering): Generator<Spot> {
  if (isTransactional(mail.content.kind)) return
  const { sample, page } = mail
  const { unsubscribeUrl } = sample.reader
  const linked = page('a')
    .toArray()
    .some(({ attribs }) => attribs.href === unsubscribeUrl)
  if (!linked)
    yield spotIn(
      mail,
      'its page has no unsubscribe link; put {{unsubscribeUrl}} back into templates/mail',
    )
  if (!sample.text.includes(unsubscribeUrl))
    yield spotIn(
      mail,
      'its text part has no unsubscribe link; put {{unsubscribeUrl}} back into templates/mail',
    )
  if (
    !sample.fields.some(
      ([name, value]) => name === 'List-Unsubscribe' && value.includes(unsubscribeUrl),
    )
  )
    yield spotIn(mail, 'its header has no List-Unsubscribe')
}

/** The law requires the sender's name and address (standards.md H). */
function* noPostalAddress(mail: Rendering): Generator<Spot> {
  if (isTransactional(mail.content.kind)) return
  const { postalAddress } = mail.letterhead
  const parts = [
    ['page', mail.page('body').text()],
    ['text part', mail.sample.text],
  ] as const
  for (const [part, text] of parts) {
    if (!text.includes(postalAddress))
      yield spotIn(
        mail,
        `its ${part} has no postal address; put back {{postalAddress}} in templates/mail`,
      )
  }
}

/** MJML gives every image an empty alt, which hides that there was none (standards.md F11). */
function* layoutImageAlt({ mjml, ...mail }: Rendering): Generator<Spot> {
  for (const [tag] of mjml.matchAll(/<(mj-image|mj-carousel-image)\b[^>]*>/g)) {
    if (!/\salt=/.test(tag))
      yield spotIn(
        mail,
        `an image of templates/mail/${mail.content.kind}.mjml has no alt; give it one`,
      )
  }
}

const bytesOf = (mail: Rendering) => Buffer.byteLength(mail.sample.html)
const inKilobytes = (bytes: number) => `${Math.ceil(bytes / 1_000)} kB`

function* large(mail: Rendering): Generator<Spot> {
  const bytes = bytesOf(mail)
  if (bytes > LARGE_BYTES && bytes <= CLIPPED_BYTES)
    yield spotIn(
      mail,
      `its page is ${inKilobytes(bytes)}; Gmail cuts it off at 102, so keep it under 80`,
    )
}

function* clipped(mail: Rendering): Generator<Spot> {
  const bytes = bytesOf(mail)
  if (bytes > CLIPPED_BYTES)
    yield spotIn(mail, `its page is ${inKilobytes(bytes)}; Gmail cuts it off, so keep it under 80`)
}

/** A server may refuse a longer line, or break it anywhere. */
function* longLine(mail: Rendering): Generator<Spot> {
  for (const { raw } of [mail.sample, mail.nameless, ...mail.hostile]) {
    const longest = Math.max(
      ...raw
        .toString('latin1')
        .split('\r\n')
        .map(({ length }) => length),
    )
    if (longest > MAX_LINE_BYTES) {
      yield spotIn(
        mail,
        `a line of the message has ${longest} bytes, but the limit is ${MAX_LINE_BYTES}; a word is too long`,
      )
      return
    }
  }
}

/** Programs show "(no subject)" if the subject is empty without a name. */
function* emptySubject(mail: Rendering): Generator<Spot> {
  const without = [mail.sample, mail.nameless].find(({ subject }) => !/[\p{L}\p{N}]/u.test(subject))
  if (without)
    yield spotIn(
      mail,
      'its subject is empty for a reader without a name; add words outside {{#if firstName}}',
    )
}

export const PART_RULES: readonly Rule<Rendering>[] = [
  { name: 'dropped-block', severity: 'error', find: droppedBlock },
  { name: 'empty-text', severity: 'error', find: emptyText },
  { name: 'lost-text', severity: 'error', find: lostText },
  { name: 'changed-code', severity: 'error', find: changedCode },
  { name: 'lost-link', severity: 'error', find: lostLink },
  { name: 'no-unsubscribe', severity: 'error', find: noUnsubscribe },
  { name: 'no-postal-address', severity: 'error', find: noPostalAddress },
  { name: 'layout-image-alt', severity: 'error', find: layoutImageAlt },
  { name: 'html-size', severity: 'warning', find: large },
  { name: 'html-clipped', severity: 'error', find: clipped },
  { name: 'long-line', severity: 'error', find: longLine },
  { name: 'empty-subject', severity: 'error', find: emptySubject },
]
