/**
 * Rules about the Markdown of any text: links, images, headings, and what Markdown cannot parse.
 */
import type { Rule, Spot } from '../../domain/finding.ts'
import type { Mark } from '../marks.ts'
import { isReference } from '../references.ts'
import type { SeriesSource } from '../source.ts'
import { normalized, shortened } from '../words.ts'

type Kind = Mark['kind']
type Of<K extends Kind> = Extract<Mark, { kind: K }>

/**
 * Makes a rule for one kind of mark. `complain` returns what is wrong with a mark, or null;
 * `offset`, how far into the mark that begins.
 */
export const markRule = <K extends Kind>(
  kind: K,
  complain: (mark: Of<K>) => string | null,
  offset: (mark: Of<K>) => number = () => 0,
) =>
  function* find({ pages }: SeriesSource): Generator<Spot> {
    const passages = pages.flatMap((page) => page.passages)
    for (const { file, marks } of passages.filter(({ isWithin }) => !isWithin)) {
      for (const mark of marks.filter((candidate): candidate is Of<K> => candidate.kind === kind)) {
        const message = complain(mark)
        if (message) yield { file, line: mark.line, column: mark.column + offset(mark), message }
      }
    }
  }

/**
 * People who listen to the mail, or whose program shows no images, get nothing without a
 * description.
 */
const imageAlt = markRule('image', ({ text, target }) =>
  text ? null : `the image ${target} has no description; write between the brackets what it shows`,
)

/**
 * Mail programs do not show images by http or data:. Files next to the text are checked elsewhere.
 */
const imageAddress = markRule('image', ({ target }) =>
  isAddress(target, ['https:']) || isReference(target, 'image')
    ? null
    : `the image ${shown(target)} has no address that works in a mail; put its file beside the text, or use an absolute https:// address`,
)

/** A path like /about leads nowhere from a mail, and mail filters distrust http://. */
const linkAddress = markRule('link', ({ target }) =>
  isAddress(target, ['https:', 'mailto:']) || isReference(target, 'link') || ARTICLE.test(target)
    ? null
    : `the link to ${shown(target)} does not work in a mail; use an absolute https:// or mailto: address`,
)

/** Whether the article exists is checked where all are known. */
export const ARTICLE = /^article:([^#]+)(?:#.*)?$/

/** Markdown encodes braces in an address, so the slot would not be filled. */
const addressSlot = (kind: 'link' | 'image') =>
  markRule(kind, ({ target }) =>
    /%7B%7B|\{\{/i.test(target)
      ? 'an address cannot contain a slot, since Markdown encodes its braces; remove it'
      : null,
  )

const EMPTY_WORDS = new Set(
  [
    'here',
    'click here',
    'click',
    'this',
    'this link',
    'link',
    'read more',
    'more',
    'learn more',
    'see here',
  ].concat(['go', 'this page', 'press here', 'tap here', 'follow this link', 'click this link']),
)

/** Screen readers list links out of context, where "here" says nothing. */
const linkText = markRule('link', ({ target, text, bare }) => {
  if ((bare && !target.startsWith('mailto:')) || /^(https?:\/\/|www\.|mailto:)/i.test(text))
    return `the link shows its address; give it a text: [what it leads to](address)`
  if (!text.trim()) return 'the link has no text; give it one: [what it leads to](address)'
  return EMPTY_WORDS.has(normalized(text))
    ? `the link says only "${text}"; say what it leads to, for people who hear links out of context`
    : null
})

/** Raw HTML is shown as text, brackets and all: the layout knows no markup but Markdown's. */
const rawHtml = markRule(
  'html',
  ({ text }) =>
    `contains HTML, which readers would see as written: ${shortened(text)}; write it in Markdown, or put \\ before <`,
)

/** Not a link on a page; only some mail programs make it one. And nobody reads an address. */
const bareAddress = markRule(
  'text',
  ({ text }) =>
    ADDRESS.test(text)
      ? 'an address in the text is not a link; write [what it leads to](address)'
      : null,
  ({ text }) => text.search(ADDRESS),
)
// The rule below reports what follows ](.
const ADDRESS = /(?<!\]\()(?:https?:\/\/\w|\bwww\.\w)/i

/**
 * A link or an image that Markdown refused or could not parse stays in the text, brackets and all.
 */
const brokenLink = markRule(
  'text',
  ({ text }) =>
    MIDDLE.test(text)
      ? `Markdown does not see a link in ${shortened(text.slice(beginOf(text)))}; write [words](https://address) without spaces in the address`
      : null,
  ({ text }) => beginOf(text),
)
/** Where a link's words end and its address begins. */
const MIDDLE = /\]\(|\]\[\w/
const beginOf = (text: string) => Math.max(0, text.lastIndexOf('[', text.search(MIDDLE) - 1))

/**
 * Headings are how people who listen navigate. The mail's title is level 1; a skipped level is a
 * missing step.
 */
function* headingOrder({ pages }: SeriesSource): Generator<Spot> {
  for (const { file, marks, role, isWithin } of pages.flatMap(({ passages }) => passages)) {
    // Loading checks those of inspirations; a block is checked in its passage.
    if (role === 'inspiration' || isWithin) continue
    let level = role === 'practice' ? 2 : 1
    for (const mark of marks) {
      if (mark.kind !== 'heading' || mark.isTitle) continue
      const { line, column } = mark
      // Reading checks those of articles.
      if (mark.level === 1 && role === 'article') continue
      if (mark.level === 1)
        yield {
          file,
          line,
          column,
          message: 'has a heading of level 1, which is the title of the mail; start with ##',
        }
      else if (mark.level > level + 1)
        yield {
          file,
          line,
          column,
          message: `jumps from level ${level} to level ${mark.level}; use ${'#'.repeat(level + 1)}`,
        }
      level = mark.level
    }
  }
}

export function isAddress(target: string, protocols: readonly string[]): boolean {
  const url = URL.parse(target)
  if (!url || !protocols.includes(url.protocol)) return false
  return url.protocol === 'mailto:'
    ? /^[^@\s]+@[^@\s]+$/.test(url.pathname)
    : /^https:\/\/[^/]/i.test(target)
}

export const shown = (target: string) => (target ? shortened(target) : 'nothing')

export const MARKDOWN_RULES: readonly Rule<SeriesSource>[] = [
  { name: 'image-alt', severity: 'error', find: imageAlt },
  { name: 'image-address', severity: 'error', find: imageAddress },
  { name: 'link-address', severity: 'error', find: linkAddress },
  { name: 'address-slot', severity: 'error', find: addressSlot('link') },
  { name: 'address-slot', severity: 'error', find: addressSlot('image') },
  { name: 'link-text', severity: 'warning', find: linkText },
  { name: 'bare-address', severity: 'warning', find: bareAddress },
  { name: 'raw-html', severity: 'error', find: rawHtml },
  { name: 'broken-link', severity: 'error', find: brokenLink },
  { name: 'heading-order', severity: 'error', find: headingOrder },
]
