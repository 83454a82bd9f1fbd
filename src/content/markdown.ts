import markdownIt from 'markdown-it'
import { forNobody } from '../domain/for-nobody.ts'
import type { BlockMeta } from './blocks.ts'
import { withConstructs } from './constructs.ts'
import { inPrint } from './typography.ts'

type Parser = ReturnType<typeof markdownIt>
export type Token = ReturnType<Parser['parse']>[number]

/** As it was typed: for what looks at a text. */
const asTyped = withConstructs(markdownIt({ html: false, linkify: false }))
/** Reads raw HTML as such, to find it. */
const withHtml = markdownIt({ html: true })

/** A parser for each language there is, made when it is first wanted. */
function byLanguage(make: () => Parser): (language: string) => Parser {
  const known = new Map<string, Parser>()
  return (language) => {
    const md = known.get(language) ?? inPrint(make(), language)
    known.set(language, md)
    return md
  }
}

const markdownIn = byLanguage(() =>
  withLabels(withScrollingTables(withConstructs(markdownIt({ html: false, linkify: false })))),
)
/** Knows nothing but text: no emphasis, no links, no escapes. */
const plainIn = byLanguage(() => markdownIt('zero'))

/** A table that is wider than its page is scrolled in its box, by the keyboard too (WCAG 2.1.1). */
function withScrollingTables(md: Parser): Parser {
  md.renderer.rules.table_open = () => '<div class="wide" tabindex="0"><table>\n'
  md.renderer.rules.table_close = () => '</table></div>\n'
  return md
}

/** Says above a block what it is, where there are words for that. */
function withLabels(md: Parser): Parser {
  md.renderer.rules.block_open = (tokens, index, options, env, renderer) =>
    renderer.renderToken(tokens, index, options) + labelOf(tokens, index, env as Env)
  return md
}

interface Env {
  readonly blockWords?: BlockWords
}

function labelOf(tokens: readonly Token[], index: number, { blockWords: words }: Env = {}): string {
  const { name, minutes = null }: Partial<BlockMeta> = tokens[index]?.meta ?? {}
  const isLabelled = tokens[index + 1]?.attrGet('class') === 'block-label'
  const known =
    name === 'practice'
      ? words?.practice(minutes)
      : name === 'question' || name === 'carry'
        ? words?.[name]
        : undefined
  if (known === undefined || isLabelled) return ''
  return `<p class="block-label">${asTyped.utils.escapeHtml(known)}</p>\n`
}

/**
 * Markdown to HTML, in the print of a language. Raw HTML is shown as text: an author's file cannot
 * bring in markup that the mail's layout does not know. Handlebars slots pass through untouched.
 */
export function markdownToHtml(markdown: string, language: string): string {
  const md = markdownIn(language)
  const env = {}
  return rendered(md, md.parse(markdown, env), env)
}

/** What stands above blocks that do not say it themselves. */
export interface BlockWords {
  readonly practice: (minutes: number | null) => string
  readonly question: string
  readonly carry: string
}

/** A text that was read, to be changed before it is made into HTML. */
export interface ReadMarkdown {
  readonly tokens: Token[]
  readonly html: () => string
}

/** The same in two steps, for a text that no mail's layout words: its blocks are labelled. */
export function readMarkdown(
  markdown: string,
  { language, blockWords }: { language: string; blockWords: BlockWords },
): ReadMarkdown {
  const md = markdownIn(language)
  const env = { blockWords }
  const tokens = md.parse(markdown, env)
  return { tokens, html: () => rendered(md, tokens, env) }
}

/** What stands between braces is a slot by now, and a backslash before it one that is shown. */
const rendered = (md: Parser, tokens: Token[], env: Record<string, unknown>) =>
  md.renderer
    .render(tokens, md.options, env)
    .trim()
    .replace(/\\(?=\{\{)/g, '&#92;')

/** One line of plain text, which is no Markdown, in the print of a language. */
export const typographic = (line: string, language: string) =>
  typographicIn(plainIn(language), line)

function typographicIn(md: Parser, line: string): string {
  const [inline] = md.parseInline(line, {})
  return lineOf(inline?.children ?? [])
}

/** The words of a heading, without its markup, in the print of a language. */
export const headingWords = (heading: string, language: string) =>
  typographicIn(markdownIn(language), heading)

/** The words of a heading that was read. */
export const lineIn = ({ children }: Token) => lineOf(children ?? [])

/** What a text says as one line, in which `\{{` is a brace and `{{` a slot. */
const lineOf = (tokens: readonly Token[]): string =>
  tokens
    .map(({ type, content }, index) => {
      if (type === 'softbreak') return ' '
      if (type === 'code_inline') return content.replace(/\\*\{\{/g, '\\{{')
      return type === 'brace' && tokens[index + 1]?.content.startsWith('{') ? '\\{' : content
    })
    .join('')

/**
 * The first sentence of a text, as a reader without a name and answers reads it; empty for a text
 * without paragraphs.
 */
export function firstSentence(markdown: string, language: string): string {
  const tokens = markdownIn(language).parse(markdown, {})
  const lines = tokens.flatMap((token, index) =>
    token.type === 'inline' && tokens[index - 1]?.type === 'paragraph_open'
      ? [lineOf(token.children ?? [])]
      : [],
  )
  const unnamed = lines.map((line) =>
    forNobody(line)
      .replace(/(?<!\\)\{\{.*?\}\}/g, '')
      .replace(/\s+/g, ' ')
      .trim(),
  )
  const text = unnamed.find((line) => /\p{L}/u.test(line)) ?? ''
  let first = ''
  for (const { segment } of new Intl.Segmenter(language || 'und', {
    granularity: 'sentence',
  }).segment(text)) {
    first += segment
    if (!TITLE.test(first)) break
  }
  return first.trim()
}

/** "Dr. ", "St. ": no end of a sentence, though it looks like one. */
const TITLE = /(?:^|\s)\p{Lu}\p{L}{0,2}\.\s*$/u

export interface LessonHtml {
  readonly intro: string
  /** What stands below the first heading of level 2, that heading being the practice's title. */
  readonly practice: (Pick<Section, 'title' | 'line'> & { readonly html: string }) | null
}

/**
 * A lesson with what stands above its first heading of level 2 and what stands below it. Both are
 * read as one text: a note or an address that is given at the end is known at the beginning.
 */
export function lessonToHtml(markdown: string, language: string): LessonHtml {
  const md = markdownIn(language)
  const env = {}
  const tokens = md.parse(markdown, env)
  const html = (some: Token[]) => rendered(md, some, env)
  const notes = tokens.findIndex(({ type }) => type === 'footnote_block_open')
  const text = notes < 0 ? tokens : tokens.slice(0, notes)
  const at = text.findIndex(isSectionHeading)
  if (at < 0) return { intro: html(tokens), practice: null }
  const [intro, below] = [text.slice(0, at), text.slice(at + 3)]
  const notesOf = notesIn(notes < 0 ? [] : tokens.slice(notes), intro)
  return {
    intro: html([...intro, ...notesOf('above')]),
    practice: {
      title: typographicIn(md, text[at + 1]?.content ?? ''),
      line: (text[at]?.map?.[0] ?? 0) + 1,
      html: html([...below, ...notesOf('below')]),
    },
  }
}

const isSectionHeading = ({ type, tag, level }: Token) =>
  type === 'heading_open' && tag === 'h2' && level === 0

/** The notes of a text in two: those that stand behind its first part, and all others. */
function notesIn(block: readonly Token[], first: readonly Token[]) {
  const above = new Set(
    first.flatMap(({ children }) =>
      (children ?? []).flatMap(({ type, meta }) => (type === 'footnote_ref' ? [meta?.id] : [])),
    ),
  )
  const [open, ...rest] = block
  const groups = { above: [] as Token[], below: [] as Token[] }
  let group = groups.below
  for (const token of rest.slice(0, -1)) {
    if (token.type === 'footnote_open')
      group = above.has(token.meta?.id) ? groups.above : groups.below
    group.push(token)
  }
  const close = rest.at(-1)
  return (which: keyof typeof groups): Token[] =>
    groups[which].length > 0 && open && close ? [open, ...groups[which], close] : []
}

export interface Section {
  /** Its words, without the markup. */
  readonly title: string
  /** Line of the heading, from 1 within the text given. */
  readonly line: number
  /** Line of the first line below the heading. */
  readonly from: number
  readonly markdown: string
}

/**
 * A text cut at its level-2 headings: what stands before the first, and a section for each. Titles
 * are in the print of `language`, or as they were typed.
 */
export function sections(
  markdown: string,
  language?: string,
): { intro: string; sections: Section[] } {
  const lines = markdown.split('\n')
  const md = language === undefined ? asTyped : markdownIn(language)
  const headings = asTyped.parse(markdown, {}).flatMap((token, index, tokens) =>
    isSectionHeading(token)
      ? [
          {
            at: token.map?.[0] ?? 0,
            body: token.map?.[1] ?? 0,
            title: tokens[index + 1]?.content ?? '',
          },
        ]
      : [],
  )
  return {
    intro: lines.slice(0, headings[0]?.at).join('\n'),
    sections: headings.map(({ at, body, title }, index) => ({
      title: typographicIn(md, title),
      line: at + 1,
      from: body + 1,
      markdown: lines.slice(body, headings[index + 1]?.at).join('\n'),
    })),
  }
}

/** Lines, from 1, of headings other than level 2: the formats have no place for them. */
export const strayHeadings = (markdown: string) =>
  asTyped
    .parse(markdown, {})
    .filter((token) => token.type === 'heading_open' && token.tag !== 'h2')
    .map((token) => (token.map?.[0] ?? 0) + 1)

/** What Markdown is made of, as it was typed; and as it would be, were raw HTML let in. */
export const tokensOf = (markdown: string) => asTyped.parse(markdown, {})
export const tokensWithHtml = (markdown: string) => withHtml.parse(markdown, {})

/** Markdown to HTML with the HTML in it, for what is made into Markdown again; never for a mail. */
export const htmlOf = (markdown: string) => withHtml.render(markdown)
