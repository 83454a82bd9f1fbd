/**
 * Rules about the Markdown of any text: links, images, headings, and what Markdown does not
 * understand.
 */
import type { Rule, Spot } from '../../domain/finding.ts'
import type { Mark } from '../marks.ts'
import { isReference } from '../references.ts'
import type { SeriesSource } from '../source.ts'
import { normalized, short } from '../words.ts'

type Kind = Mark['kind']
type Of<K extends Kind> = Extract<Mark, { kind: K }>

/**
 * A rule that looks at one kind of mark, and says what is wrong with it or nothing; and how far
 * into it that begins.
 */
export const of = <K extends Kind>(
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

/** Whoever hears the mail read, or whose program shows no images, is told nothing. */
const imageAlt = of('image', ({ text, target }) =>
  text ? null : `the image ${target} has no description; write between the brackets what it shows`,
)

/** Mail programs do not show images by http or data:. A file beside the text is looked for. */
const imageAddress = of('image', ({ target }) =>
  isAddress(target, ['https:']) || isReference(target, 'image')
    ? null
    : `the image ${shown(target)} has no address that works in a mail; put its file beside the text, or use an absolute https:// address`,
)

/** From a mail nothing leads to /about; and http:// is an old door that mail filters distrust. */
const linkAddress = of('link', ({ target }) =>
  isAddress(target, ['https:', 'mailto:']) || isReference(target, 'link') || ARTICLE.test(target)
    ? null
    : `the link to ${shown(target)} does not work in a mail; use an absolute https:// or mailto: address`,
)

/** Whether there is such an article is looked at where all are known. */
export const ARTICLE = /^article:([^#]+)(?:#.*)?$/

/** Markdown encodes braces in an address, so the reader's name would not get in. */
const addressSlot = (kind: 'link' | 'image') =>
  of(kind, ({ target }) =>
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

/** Screen readers list links without their sentence: "here" five times tells nothing. */
const linkText = of('link', ({ target, text, bare }) => {
  if ((bare && !target.startsWith('mailto:')) || /^(https?:\/\/|www\.|mailto:)/i.test(text))
    return `the link shows its address; give it a text: [what it leads to](address)`
  if (!text.trim()) return 'the link has no text; give it one: [what it leads to](address)'
  return EMPTY_WORDS.has(normalized(text))
    ? `the link says only "${text}"; say what it leads to, for people who hear links without their sentence`
    : null
})

/**
 * Raw HTML is shown as text, brackets and all: the layout knows no other markup than Markdown's.
 */
const rawHtml = of(
  'html',
  ({ text }) =>
    `contains HTML, which readers would see as written: ${short(text)}; write it in Markdown, or put \\ before <`,
)

/** Not a link in the page, but one that each program makes, or not; and nobody reads an address. */
const bareAddress = of(
  'text',
  ({ text }) =>
    ADDRESS.test(text)
      ? 'an address in the text is not a link; write [what it leads to](address)'
      : null,
  ({ text }) => text.search(ADDRESS),
)
// What follows ]( is told of by the rule below.
const ADDRESS = /(?<!\]\()(?:https?:\/\/\w|\bwww\.\w)/i

/**
 * A link or an image that Markdown refused or could not read stays in the text, brackets and all.
 */
const brokenLink = of(
  'text',
  ({ text }) =>
    MIDDLE.test(text)
      ? `Markdown does not see a link in ${short(text.slice(beginOf(text)))}; write [words](https://address) without spaces in the address`
      : null,
  ({ text }) => beginOf(text),
)
/** Where the words of a link end and its address begins. */
const MIDDLE = /\]\(|\]\[\w/
const beginOf = (text: string) => Math.max(0, text.lastIndexOf('[', text.search(MIDDLE) - 1))

/**
 * Headings are the map of those who listen. The mail's title is level 1; a level left out is a
 * missing step.
 */
function* headingOrder({ pages }: SeriesSource): Generator<Spot> {
  for (const { file, marks, role, isWithin } of pages.flatMap(({ passages }) => passages)) {
    // Of inspirations, loading looks at it; a block is looked at where it stands.
    if (role === 'inspiration' || isWithin) continue
    let level = role === 'practice' ? 2 : 1
    for (const mark of marks) {
      if (mark.kind !== 'heading' || mark.isTitle) continue
      const { line, column } = mark
      // Of an article, reading looks at it.
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

export const shown = (target: string) => (target ? short(target) : 'nothing')

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
