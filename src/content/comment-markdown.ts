/**
 * Markdown from strangers. It may produce only what is listed here: paragraphs, emphasis, lists,
 * quotes, code, and links to the web. No HTML, no pictures, no headings, no tables.
 */
import { LRUCache } from 'lru-cache'
import markdownIt from 'markdown-it'

export interface RenderedComment {
  /** Safe, whatever was entered. */
  readonly html: string
  /** Number of links. */
  readonly links: number
  /** Its text without markup. */
  readonly words: string
}

const REL = 'ugc nofollow noopener'
/** Levels of nesting, as of lists in quotes; nobody reads deeper ones. */
const MAX_NESTING = 12
/** Characters of sources and HTML to cache. */
const MAX_CACHED_CHARACTERS = 4_000_000

const md = markdownIt('zero', {
  html: false,
  linkify: false,
  breaks: true,
  maxNesting: MAX_NESTING,
}).enable([
  'fence',
  'blockquote',
  'list',
  'newline',
  'escape',
  'backticks',
  'strikethrough',
  'emphasis',
  'link',
  'autolink',
  'entity',
  'balance_pairs',
  'fragments_join',
])

/**
 * Allows web addresses only, and none with a user or password before the host, which hide where the
 * link leads.
 */
md.validateLink = (address) => {
  const url = /^https?:\/\//i.test(address) ? URL.parse(address) : null
  return url !== null && url.username === '' && url.password === ''
}

const { rules } = md.renderer
rules.link_open = (tokens, index) => {
  const address = String(tokens[index]?.attrGet('href') ?? '')
  return `<a href="${md.utils.escapeHtml(address)}" rel="${REL}">`
}
rules.fence = (tokens, index) =>
  `<pre><code>${md.utils.escapeHtml(tokens[index]?.content ?? '')}</code></pre>\n`
rules.ordered_list_open = () => '<ol>\n'

const cache = new LRUCache<string, RenderedComment>({
  maxSize: MAX_CACHED_CHARACTERS,
  sizeCalculation: ({ html }, text) => html.length + text.length + 1,
})

/** Renders a comment; recent results are cached. */
export function renderComment(text: string): RenderedComment {
  const cached = cache.get(text)
  if (cached) return cached
  const env = {}
  const tokens = md.parse(text, env)
  const inline = tokens.flatMap(({ children }) => children ?? [])
  const rendered = {
    html: md.renderer.render(tokens, md.options, env).trim(),
    links: inline.filter(({ type }) => type === 'link_open').length,
    words: wordsOf(tokens),
  }
  cache.set(text, rendered)
  return rendered
}

type Token = ReturnType<typeof md.parse>[number]

const wordsOf = (tokens: readonly Token[]): string =>
  tokens
    .map(({ type, content, children }) => {
      if (children) return `${wordsOf(children)}\n`
      if (type === 'fence') return `${content}\n`
      if (type === 'softbreak' || type === 'hardbreak') return '\n'
      return type === 'text' || type === 'code_inline' || type === 'text_special' ? content : ''
    })
    .join('')
    .replace(/\n{2,}/g, '\n')
    .trim()
