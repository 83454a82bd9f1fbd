import markdownIt from 'markdown-it'
import { inPrint } from './typography.ts'

type Parser = ReturnType<typeof markdownIt>

/** As it was typed: for what looks at a text. */
const asTyped = markdownIt({ html: false, linkify: false })
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
  withScrollingTables(markdownIt({ html: false, linkify: false })),
)
/** Knows nothing but text: no emphasis, no links, no escapes. */
const plainIn = byLanguage(() => markdownIt('zero'))

/** A table that is wider than its page is scrolled in its box, by the keyboard too (WCAG 2.1.1). */
function withScrollingTables(md: Parser): Parser {
  md.renderer.rules.table_open = () => '<div class="wide" tabindex="0"><table>\n'
  md.renderer.rules.table_close = () => '</table></div>\n'
  return md
}

/**
 * Markdown to HTML, in the print of a language. Raw HTML is shown as text: an author's file cannot
 * bring in markup that the mail's layout does not know. Handlebars slots pass through untouched.
 */
export const markdownToHtml = (markdown: string, language: string) =>
  markdownIn(language).render(markdown).trim()

/** One line of plain text, which is no Markdown, in the print of a language. */
export const typographic = (line: string, language: string) =>
  typographicIn(plainIn(language), line)

function typographicIn(md: Parser, line: string): string {
  const [inline] = md.parseInline(line, {})
  return (inline?.children ?? [])
    .map((token) => (token.type === 'softbreak' ? ' ' : token.content))
    .join('')
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
    token.type === 'heading_open' && token.tag === 'h2' && token.level === 0
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
