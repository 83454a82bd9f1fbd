/**
 * Extensions of Markdown: footnotes, definition lists, task lists, quotations with a source, and
 * literal braces.
 */
import type markdownIt from 'markdown-it'
import deflist from 'markdown-it-deflist'
import footnote from 'markdown-it-footnote'
import { withBlocks } from './blocks.ts'

type Parser = ReturnType<typeof markdownIt>
type State = InstanceType<Parser['core']['State']>
type Token = State['tokens'][number]

/** A literal brace: never taken for a slot, and shown as it is. */
const ENTITY = '&#123;'
/** Stands for a literal brace in an image's description during rendering. */
const BRACE_PLACEHOLDER = '\u0001'

/** Adds all extensions to a parser, whatever it is used for. */
export function withExtensions(md: Parser): Parser {
  withBlocks(md).use(deflist).use(footnote)
  md.core.ruler.after('inline', 'titles', ({ tokens }) => markTitles(tokens))
  md.core.ruler.after('inline', 'tasks', ({ tokens }) => markTasks(tokens))
  md.core.ruler.after('inline', 'sources', markSources)
  return plainNotes(literalBraces(md))
}

/**
 * Renders footnotes as numbers and a list at the end, since anchors do not work reliably in mail.
 */
function plainNotes(md: Parser): Parser {
  const { rules } = md.renderer
  rules.footnote_ref = (tokens, index) => `<sup>${numberOf(tokens[index])}</sup>`
  rules.footnote_block_open = () => '<hr>\n<div class="footnotes">\n<ol>\n'
  rules.footnote_block_close = () => '</ol>\n</div>\n'
  rules.footnote_open = (tokens, index) => `<li value="${numberOf(tokens[index])}">`
  rules.footnote_close = () => '</li>\n'
  rules.footnote_anchor = () => ''
  return md
}

const numberOf = (token: Token | undefined) => Number(token?.meta?.id ?? 0) + 1

/** Braces in code are literal, and so is `\{` elsewhere. */
function literalBraces(md: Parser): Parser {
  md.core.ruler.before('text_join', 'braces', ({ tokens }) => {
    for (const { children } of tokens) for (const token of children ?? []) markEscaped(token)
  })
  const { rules } = md.renderer
  rules.brace = () => ENTITY
  for (const name of ['code_inline', 'code_block', 'fence', 'image'] as const) {
    const render = rules[name]
    if (!render) continue
    const sign = name === 'image' ? BRACE_PLACEHOLDER : '{'
    rules[name] = (...args) => render.apply(rules, args).replaceAll(sign, ENTITY)
  }
  return md
}

function markEscaped(token: Token, within?: Token) {
  if (token.type === 'text_special' && token.markup === '\\{') {
    token.type = within ? 'text' : 'brace'
    token.content = within ? BRACE_PLACEHOLDER : '{'
  }
  for (const child of token.children ?? []) markEscaped(child, token)
}

/** The heading at the start of a practice is its title, whatever its level. */
function markTitles(tokens: readonly Token[]) {
  for (const [index, { type, meta }] of tokens.entries()) {
    const heading = tokens[index + 1]
    if (type !== 'block_open' || meta?.name !== 'practice' || heading?.type !== 'heading_open')
      continue
    heading.attrSet('class', 'block-title')
    for (const token of [heading, tokens[index + 3]]) if (token) token.tag = 'h2'
  }
}

const TASK = /^\[([ xX])\][ \t]+(?=\S)/

/** `- [ ] one` and `- [x] two`: boxes are characters, since nothing can be ticked in a mail. */
function markTasks(tokens: readonly Token[]) {
  for (const [index, item] of tokens.entries()) {
    const first = tokens[index + 2]?.children?.[0]
    if (item.type !== 'list_item_open' || first?.type !== 'text') continue
    const [box, sign] = TASK.exec(first.content) ?? []
    if (box === undefined) continue
    first.content = `${sign === ' ' ? '☐' : '☑'}\u00A0${first.content.slice(box.length)}`
    item.attrSet('class', 'task')
  }
}

const SOURCE = /^(—|–|--)[ \t]+/

/** A last line of a quotation that begins with a dash is its source. */
function markSources({ tokens, Token }: State) {
  for (let at = tokens.length - 1; at > 0; at -= 1) {
    const [open, inline, close] = tokens.slice(at - 3, at)
    if (tokens[at]?.type !== 'blockquote_close' || close?.type !== 'paragraph_close') continue
    const children = inline?.children ?? []
    const line = children.findLastIndex(({ type }) => type === 'softbreak' || type === 'hardbreak')
    const first = children[line + 1]
    if (!open || !inline || first?.type !== 'text' || !SOURCE.test(first.content)) continue
    first.content = first.content.replace(SOURCE, '— ')
    if (line < 0) {
      open.attrSet('class', 'source')
      continue
    }
    const source = Object.assign(new Token('paragraph_open', 'p', 1), {
      block: true,
      map: open.map,
      level: open.level,
    })
    source.attrSet('class', 'source')
    const words = Object.assign(new Token('inline', '', 0), {
      content: inline.content.slice(inline.content.lastIndexOf('\n') + 1),
      children: children.slice(line + 1),
      map: inline.map,
      level: inline.level,
      block: true,
    })
    inline.children = children.slice(0, line)
    inline.content = inline.content.slice(0, inline.content.lastIndexOf('\n'))
    const end = Object.assign(new Token('paragraph_close', 'p', -1), {
      block: true,
      level: close.level,
    })
    tokens.splice(at, 0, source, words, end)
  }
}
