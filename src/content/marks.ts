/** Locates the parts of an author's Markdown: the tokens of markdown-it, with lines and columns. */
import { tokensOf, tokensWithHtml } from './markdown.ts'
import { plain } from './words.ts'

type Token = ReturnType<typeof tokensOf>[number]

export interface Position {
  readonly line: number
  readonly column: number
}

export type Mark = Position &
  (
    | {
        readonly kind: 'link'
        readonly target: string
        readonly text: string
        readonly bare: boolean
      }
    | { readonly kind: 'image'; readonly target: string; readonly text: string }
    | {
        readonly kind: 'heading'
        readonly level: number
        readonly text: string
        /** Title of a block, which is allowed at any level. */
        readonly isTitle: boolean
      }
    | { readonly kind: 'html'; readonly text: string }
    | { readonly kind: 'steps' }
    /** Text outside links and code. */
    | { readonly kind: 'text'; readonly text: string }
  )

/** Returns all marks of a Markdown text whose first line is line `from` of its file. */
export function marksOf(markdown: string, from: number): Mark[] {
  const lines = markdown.split('\n')
  const here = (line: number, column: number): Position => ({
    line: from + line,
    column: column + 1,
  })
  return [...blockMarks(tokensOf(markdown), lines, here), ...htmlMarks(markdown, lines, here)].sort(
    (a, b) => a.line - b.line || a.column - b.column,
  )
}

type Here = (line: number, column: number) => Position

function* blockMarks(
  tokens: readonly Token[],
  lines: readonly string[],
  here: Here,
): Generator<Mark> {
  for (const [index, token] of tokens.entries()) {
    const [line = 0] = token.map ?? []
    if (token.type === 'heading_open')
      yield {
        kind: 'heading',
        level: Number(token.tag.slice(1)),
        text: tokens[index + 1]?.content ?? '',
        isTitle: token.attrGet('class') === 'block-title',
        ...here(line, 0),
      }
    if (token.type === 'ordered_list_open') yield { kind: 'steps', ...here(line, 0) }
    if (token.type === 'inline') yield* inlineMarks(token.children ?? [], finder(lines, line), here)
  }
}

const OPENINGS = { link: /(?<![!\\])\[|<(?=[a-z])/i, image: /!\[/ } as const

/** Follows the tokens of one paragraph through the source, since they have no columns. */
function finder(lines: readonly string[], first: number) {
  let [line, column] = [first, 0]
  const find = (pattern: RegExp) => {
    const index = (lines[line] ?? '').slice(column).search(pattern)
    if (index < 0) return { line, column: 0 }
    column += index + 1
    return { line, column: column - 1 }
  }
  return {
    find,
    /** Returns where a text begins, if the source has it unchanged. */
    here: (text: string) => {
      const found = (lines[line] ?? '').indexOf(text.slice(0, 12), column)
      return { line, column: found < 0 ? column : found }
    },
    nextLine: () => {
      line += 1
      column = 0
    },
    /** Skips brackets that are text, not links. */
    pass: (text: string) => {
      for (const _ of text.matchAll(/\[/g)) find(/\[/)
    },
  }
}

function* inlineMarks(
  children: readonly Token[],
  at: ReturnType<typeof finder>,
  here: Here,
): Generator<Mark> {
  let inLink = false
  for (const [index, child] of children.entries()) {
    if (child.type === 'softbreak' || child.type === 'hardbreak') at.nextLine()
    if (child.type === 'link_open') {
      const end = children.findIndex(({ type }, other) => other > index && type === 'link_close')
      const { line, column } = at.find(OPENINGS.link)
      inLink = true
      yield {
        kind: 'link',
        target: String(child.attrGet('href') ?? ''),
        text: plain(children.slice(index + 1, end)),
        bare: child.markup === 'autolink',
        ...here(line, column),
      }
    }
    if (child.type === 'image') {
      const { line, column } = at.find(OPENINGS.image)
      const target = String(child.attrGet('src') ?? '')
      yield { kind: 'image', target, text: child.content.trim(), ...here(line, column) }
    }
    if (child.type === 'link_close') inLink = false
    if (child.type === 'text' || child.type === 'code_inline') {
      const { line, column } = at.here(child.content)
      at.pass(child.content)
      if (!inLink && child.type === 'text')
        yield { kind: 'text', text: child.content, ...here(line, column) }
    }
  }
}

function* htmlMarks(markdown: string, lines: readonly string[], here: Here): Generator<Mark> {
  for (const token of tokensWithHtml(markdown)) {
    const [line = 0, end = line] = token.map ?? []
    const raw =
      token.type === 'html_block'
        ? [token.content.trim()]
        : (token.children ?? [])
            .filter(({ type }) => type === 'html_inline')
            .map(({ content }) => content)
    let [at, column] = [line, 0]
    for (const text of raw) {
      const [first = ''] = text.split('\n')
      while (at < end - 1 && !lines[at]?.includes(first, column)) [at, column] = [at + 1, 0]
      const found = Math.max(lines[at]?.indexOf(first, column) ?? 0, 0)
      yield { kind: 'html', text: first, ...here(at, found) }
      column = found + 1
    }
  }
}
