import markdownIt from 'markdown-it'
import { anonymousText } from '../domain/anonymous-text.ts'
import type { BlockMeta } from './blocks.ts'
import { withExtensions } from './markdown-extensions.ts'
import { withTypography } from './typography.ts'

type Parser = ReturnType<typeof markdownIt>
export type Token = ReturnType<Parser['parse']>[number]

/** Without typography: for checks of a text. */
const untypographic = withExtensions(markdownIt({ html: false, linkify: false }))
/** Recognizes raw HTML, in order to find it. */
const withHtml = markdownIt({ html: true })

/** Returns a parser for each language, created on first use. */
function byLanguage(make: () => Parser): (language: string) => Parser {
  const known = new Map<string, Parser>()
  return (language) => {
    const md = known.get(language) ?? withTypography(make(), language)
    known.set(language, md)
    return md
  }
}

const markdownIn = byLanguage(() =>
  withLabels(withScrollingTables(withExtensions(markdownIt({ html: false, linkify: false })))),
)
/** Plain text only: no emphasis, no links, no escapes. */
const plainIn = byLanguage(() => markdownIt('zero'))

/** A table wider than its page scrolls in its box, by keyboard too (WCAG 2.1.1). */
function withScrollingTables(md: Parser): Parser {
  md.renderer.rules.table_open = () => '<div class="wide" tabindex="0"><table>\n'
  md.renderer.rules.table_close = () => '</table></div>\n'
  return md
}

/** Puts a label above a block if there are words for it. */
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
  return `<p class="block-label">${untypographic.utils.escapeHtml(known)}</p>\n`
}

/**
 * Renders Markdown to HTML, in the typography of a language. Raw HTML is shown as text: an author's
 * file cannot bring in markup that the mail's layout does not know. Handlebars slots pass through
 * unchanged.
 */
export function markdownToHtml(markdown: string, language: string): string {
  const md = markdownIn(language)
  const env = {}
  return rendered(md, md.parse(markdown, env), env)
}

/** Labels for blocks without one of their own. */
export interface BlockWords {
  readonly practice: (minutes: number | null) => string
  readonly question: string
  readonly carry: string
}

/** Parsed Markdown, which may be changed before it is rendered. */
export interface ParsedMarkdown {
  readonly tokens: Token[]
  readonly html: () => string
}

/** Like markdownToHtml in two steps, for texts outside mail layouts: blocks get labels. */
export function parseMarkdown(
  markdown: string,
  { language, blockWords }: { language: string; blockWords: BlockWords },
): ParsedMarkdown {
  const md = markdownIn(language)
  const env = { blockWords }
  const tokens = md.parse(markdown, env)
  return { tokens, html: () => rendered(md, tokens, env) }
}

/** By now every `{{` is a slot, and a backslash before it is text, which must not escape it. */
const rendered = (md: Parser, tokens: Token[], env: Record<string, unknown>) =>
  md.renderer
    .render(tokens, md.options, env)
    .trim()
    .replace(/\\(?=\{\{)/g, '&#92;')

/** Returns one line of plain text, not Markdown, in the typography of a language. */
export const typographic = (line: string, language: string) =>
  typographicIn(plainIn(language), line)

function typographicIn(md: Parser, line: string): string {
  const [inline] = md.parseInline(line, {})
  return lineOf(inline?.children ?? [])
}

/** Returns the words of a heading, without its markup, in the typography of a language. */
export const headingWords = (heading: string, language: string) =>
  typographicIn(markdownIn(language), heading)

/** Returns the words of a parsed heading. */
export const lineIn = ({ children }: Token) => lineOf(children ?? [])

/** Returns the words of tokens as one line, in which `\{{` is a literal brace and `{{` a slot. */
const lineOf = (tokens: readonly Token[]): string =>
  tokens
    .map(({ type, content }, index) => {
      if (type === 'softbreak') return ' '
      if (type === 'code_inline') return content.replace(/\\*\{\{/g, '\\{{')
      return type === 'brace' && tokens[index + 1]?.content.startsWith('{') ? '\\{' : content
    })
    .join('')

/**
 * Returns the first sentence of a text, as read by somebody without a name and answers; empty for a
 * text without paragraphs.
 */
export function firstSentence(markdown: string, language: string): string {
  const tokens = markdownIn(language).parse(markdown, {})
  const lines = tokens.flatMap((token, index) =>
    token.type === 'inline' && tokens[index - 1]?.type === 'paragraph_open'
      ? [lineOf(token.children ?? [])]
      : [],
  )
  const unnamed = lines.map((line) =>
    anonymousText(line)
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

/** "Dr. ", "St. ": looks like the end of a sentence, but is not. */
const TITLE = /(?:^|\s)\p{Lu}\p{L}{0,2}\.\s*$/u

export interface LessonHtml {
  readonly intro: string
  /** The content below the first heading of level 2, which is the practice's title. */
  readonly practice: (Pick<Section, 'title' | 'line'> & { readonly html: string }) | null
}

/**
 * Renders a lesson in two parts: above and below its first heading of level 2. Both are parsed as
 * one text, so that footnotes and link references at the end apply to all of it.
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

/** Splits the footnotes of a text: those that its first part refers to, and all others. */
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
  /** Its words, without markup. */
  readonly title: string
  /** Line of the heading in the given text, from 1. */
  readonly line: number
  /** Line of the first line below the heading. */
  readonly from: number
  readonly markdown: string
}

/**
 * Splits a text at its level-2 headings: what precedes the first, and a section for each. Titles
 * are in the typography of `language`, or as typed.
 */
export function sections(
  markdown: string,
  language?: string,
): { intro: string; sections: Section[] } {
  const lines = markdown.split('\n')
  const md = language === undefined ? untypographic : markdownIn(language)
  const headings = untypographic.parse(markdown, {}).flatMap((token, index, tokens) =>
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

/**
 * Returns the lines, from 1, of headings other than level 2, for which the formats have no place.
 */
export const strayHeadings = (markdown: string) =>
  untypographic
    .parse(markdown, {})
    .filter((token) => token.type === 'heading_open' && token.tag !== 'h2')
    .map((token) => (token.map?.[0] ?? 0) + 1)

/** The tokens of Markdown, without typography; and those with raw HTML recognized. */
export const tokensOf = (markdown: string) => untypographic.parse(markdown, {})
export const tokensWithHtml = (markdown: string) => withHtml.parse(markdown, {})

/** Renders Markdown with its raw HTML, for conversion back to Markdown; never for a mail. */
export const htmlOf = (markdown: string) => withHtml.render(markdown)
