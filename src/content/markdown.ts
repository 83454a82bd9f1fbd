import markdownIt from 'markdown-it'

const md = markdownIt({ html: false, linkify: false, typographer: true })
/** Reads raw HTML as such, to find it. */
const withHtml = markdownIt({ html: true })

/**
 * Markdown to HTML. Raw HTML is shown as text: an author's file cannot bring in markup that the mail's
 * layout does not know. Handlebars slots pass through untouched.
 */
export const toHtml = (markdown: string) => md.render(markdown).trim()

/** Typographic quotes, dashes and ellipses for one line of plain text. */
export function typographic(line: string): string {
  const [inline] = md.parseInline(line, {})
  return (inline?.children ?? []).map((token) => (token.type === 'softbreak' ? ' ' : token.content)).join('')
}

export interface Section {
  readonly title: string
  /** Line of the heading, from 1 within the text given. */
  readonly line: number
  /** Line of the first line below the heading. */
  readonly from: number
  readonly markdown: string
}

/** A text cut at its level-2 headings: what stands before the first, and a section for each. */
export function sections(markdown: string): { intro: string; sections: Section[] } {
  const lines = markdown.split('\n')
  const headings = md
    .parse(markdown, {})
    .flatMap((token, index, tokens) =>
      token.type === 'heading_open' && token.tag === 'h2' && token.level === 0
        ? [{ at: token.map?.[0] ?? 0, body: token.map?.[1] ?? 0, title: tokens[index + 1]?.content ?? '' }]
        : [],
    )
  return {
    intro: lines.slice(0, headings[0]?.at).join('\n'),
    sections: headings.map(({ at, body, title }, index) => ({
      title: typographic(title),
      line: at + 1,
      from: body + 1,
      markdown: lines.slice(body, headings[index + 1]?.at).join('\n'),
    })),
  }
}

/** Lines, from 1, of headings other than level 2: the formats have no place for them. */
export const strayHeadings = (markdown: string) =>
  md
    .parse(markdown, {})
    .filter((token) => token.type === 'heading_open' && token.tag !== 'h2')
    .map((token) => (token.map?.[0] ?? 0) + 1)

/** What Markdown is made of, as it is mailed; and as it would be, were raw HTML let in. */
export const tokensOf = (markdown: string) => md.parse(markdown, {})
export const tokensWithHtml = (markdown: string) => withHtml.parse(markdown, {})

/** Markdown to HTML with the HTML in it, for what is made into Markdown again; never for a mail. */
export const htmlOf = (markdown: string) => withHtml.render(markdown)
