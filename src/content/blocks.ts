/**
 * Blocks in the common container syntax: `::: name`, content, and `:::` on its own line.
 * markdown-it-container is not used because it does not report unclosed or unknown blocks, and ends
 * a block at the `:::` of one nested in it.
 */
import type markdownIt from 'markdown-it'

type Parser = ReturnType<typeof markdownIt>
type State = InstanceType<Parser['block']['State']>

export const BLOCKS = ['practice', 'question', 'carry', 'note', 'button', 'video'] as const
export type BlockName = (typeof BLOCKS)[number]
export const isBlock = (name: string): name is BlockName => BLOCKS.some((known) => known === name)

/** Metadata of a block's token, for the check and the page. */
export interface BlockMeta {
  /** As written; empty for a `:::` that closes no block. */
  readonly name: string
  /** Column in its line, from 1. */
  readonly column: number
  readonly isClosed: boolean
  /** Minutes of a practice, if given. */
  readonly minutes: number | null
}

const FENCE = /^(:{3,})[ \t]*(\S*)[ \t]*(.*?)[ \t]*$/
const CODE = /^[ \t]*(`{3,}|~{3,})/

export function withBlocks(md: Parser): Parser {
  md.block.ruler.before('fence', 'block', readBlock, {
    alt: ['paragraph', 'reference', 'blockquote', 'list'],
  })
  return md
}

const lineAt = (state: State, line: number) =>
  state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line])

function readBlock(state: State, start: number, end: number, silent: boolean): boolean {
  if ((state.sCount[start] ?? 0) - state.blkIndent >= 4) return false
  const [, colons, name = '', args = ''] = FENCE.exec(lineAt(state, start)) ?? []
  if (colons === undefined) return false
  if (silent) return true
  const close = name === '' ? start : closeOf(state, { start, end, length: colons.length })
  const at = (state.bMarks[start] ?? 0) + (state.tShift[start] ?? 0)
  const practice = name === 'practice' ? minutesIn(args) : null
  const meta: BlockMeta = {
    name,
    column: at - (state.src.lastIndexOf('\n', at - 1) + 1) + 1,
    isClosed: close !== null,
    minutes: practice?.minutes ?? null,
  }
  const open = state.push('block_open', 'div', 1)
  const inside = { from: start + 1, to: close ?? end }
  open.map = [start, inside.to]
  open.meta = { ...meta }
  open.attrSet('class', `block block-${name}`)
  if (meta.minutes !== null) open.attrSet('data-minutes', String(meta.minutes))
  if (name === 'button' || name === 'video') linkIn(state, { name, args, ...inside, start })
  else {
    if (name === 'practice') titled(state, practice?.title ?? args, start)
    else if (args) labelled(state, args, start)
    within(state, inside)
  }
  state.push('block_close', 'div', -1)
  state.line = close === null ? end : close + 1
  return true
}

/** Returns the line on which a block ends; null if it is unclosed. Colons in code are ignored. */
function closeOf(state: State, block: { start: number; end: number; length: number }) {
  let depth = 0
  let code = ''
  for (let line = block.start + 1; line < block.end; line += 1) {
    const text = lineAt(state, line)
    // A line outside the list or quotation that contains the block ends it, too.
    if (text !== '' && (state.sCount[line] ?? 0) < state.blkIndent) return null
    const [, fence = ''] = CODE.exec(text) ?? []
    if (code) {
      if (fence.startsWith(code) && text.trim() === fence) code = ''
      continue
    }
    code = fence
    const [, colons = '', name] = FENCE.exec(text) ?? []
    if (colons === '') continue
    if (name && colons.length === block.length) depth += 1
    else if (!name && colons.length >= block.length && depth-- === 0) return line
  }
  return null
}

/** Parses `12 minutes A title`, with minutes in any supported language. */
function minutesIn(args: string): { minutes: number | null; title: string } {
  const [whole, minutes] =
    /^(\d{1,3})(?:\s*(?:min\p{L}*\.?|分|دق\p{L}*)(?=[\s:·–—-]|$)|\s*$)[\s:·–—-]*/u.exec(args) ?? []
  return whole === undefined
    ? { minutes: null, title: args }
    : { minutes: Number(minutes), title: args.slice(whole.length) }
}

function within(state: State, { from, to }: { from: number; to: number }) {
  const { parentType, lineMax } = state
  state.parentType = 'block'
  state.lineMax = to
  state.md.block.tokenize(state, from, to)
  state.parentType = parentType
  state.lineMax = lineMax
}

function line(state: State, tag: string, content: string, at: number) {
  const type = tag === 'p' ? 'paragraph' : 'heading'
  const open = state.push(`${type}_open`, tag, 1)
  open.map = [at, at + 1]
  const inline = state.push('inline', '', 0)
  Object.assign(inline, { content, map: [at, at + 1], children: [] })
  state.push(`${type}_close`, tag, -1)
  return open
}

const titled = (state: State, title: string, at: number) => {
  if (title) line(state, 'h2', title, at)
}
const labelled = (state: State, label: string, at: number) =>
  line(state, 'p', label, at).attrSet('class', 'block-label')

/** Reads a Markdown link, or words and an address in either order, on one line or more. */
function linkIn(
  state: State,
  block: { name: string; args: string; start: number; from: number; to: number },
) {
  const { from, to, start } = block
  const body = state.getLines(from, to, state.blkIndent, false).trim()
  const text = [block.args, body].filter(Boolean).join(' ').replace(/\s+/g, ' ')
  const [, before, words] = /^<?((?:https?:\/\/|mailto:)[^\s<>]+)>?\s+(.+)$/.exec(text) ?? []
  const [, title, after] = /^(.+?)\s*<?((?:https?:\/\/|mailto:)[^\s<>]+)>?$/.exec(text) ?? []
  const isLink = /^\[/.test(text)
  const [said, address] = isLink ? [] : words ? [words, before] : [title, after]
  const at = body && from < to ? from : start
  if (text) line(state, 'p', said && address ? `[${said}](<${address}>)` : text, at)
}
