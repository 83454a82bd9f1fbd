/** Faults in the blocks of a text, and the practices among its blocks. */
import type { Faults } from '../domain/finding.ts'
import { BLOCKS, type BlockMeta, isBlock } from './blocks.ts'
import { type Token, tokensOf } from './markdown.ts'
import { editDistance } from './words.ts'

/** A block in a text. */
interface Block {
  readonly meta: BlockMeta
  /** Lines from 0: its first, and the one after its last. */
  readonly map: readonly [from: number, to: number]
  readonly inner: readonly Token[]
}

function blocksIn(markdown: string): Block[] {
  const tokens = tokensOf(markdown)
  return tokens.flatMap(({ type, meta, map, level }, index) => {
    if (type !== 'block_open') return []
    const end = tokens.findIndex(
      (token, at) => at > index && token.type === 'block_close' && token.level === level,
    )
    const [from = 0, to = from] = map ?? []
    return [{ meta: metaOf(meta), map: [from, to] as const, inner: tokens.slice(index + 1, end) }]
  })
}

const metaOf = (meta: Token['meta']) => meta as unknown as BlockMeta

/** Returns the practices among the blocks of a text; `line`, from 1, is the block's first. */
export const practicesIn = (markdown: string) =>
  blocksIn(markdown).flatMap(({ meta, map: [from, to], inner }) => {
    if (meta.name !== 'practice') return []
    const isTitled = inner[0]?.attrGet('class') === 'block-title'
    const title = isTitled ? (inner[1]?.content ?? '') : ''
    return [{ title, minutes: meta.minutes, line: from + 1, to }]
  })

interface Body {
  readonly file: string
  readonly body: string
  /** Lines of the file above the body. */
  readonly offset: number
}

/** Adds a fault for each block that is unknown, unclosed, or not what its name says. */
export function checkBlocks({ file, body, offset }: Body, faults: Faults): void {
  for (const block of blocksIn(body)) {
    const what = faultOf(block)
    if (what) faults.add(file, offset + block.map[0] + 1, what, { column: block.meta.column })
  }
}

const KNOWN = BLOCKS.map((name) => `::: ${name}`).join(', ')

function faultOf({ meta: { name, isClosed }, inner }: Block): string | null {
  if (name === '') return `ends a block that was never opened; remove it. Blocks are ${KNOWN}`
  if (!isBlock(name)) {
    const like = likelyName(name)
    return `has an unknown block "${name}"; ${like ? `write ::: ${like}` : `blocks are ${KNOWN}`}`
  }
  if (!isClosed) return `has a block that is not closed; write ::: on a line of its own below it`
  const inline = inner.flatMap(({ children }) => children ?? [])
  const links = inline.filter(({ type }) => type === 'link_open').length
  if (name === 'button' && links !== 1)
    return 'has a button without its link; write [its words](https://…) in it, and nothing else'
  if (name === 'video' && (links !== 1 || !inline.some(({ type }) => type === 'image')))
    return 'has a video without its picture and link; write [![what it shows](picture)](https://…) in it'
  if (name === 'practice' && inner.length <= (inner[0]?.attrGet('class') ? 3 : 0))
    return 'has a practice without steps'
  return inner.length > 0 ? null : 'has a block with nothing in it; write its text, or remove it'
}

/** Names that other programs use. */
const OTHER_NAMES: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ['note', 'tip info warning danger important caution hint callout box aside notice details'],
    ['practice', 'exercise task activity todo homework'],
    ['question', 'prompt journal reflect reflection'],
    ['carry', 'quote takeaway mantra'],
    ['button', 'cta link action'],
    ['video', 'youtube vimeo embed movie film'],
  ].flatMap(([name = '', synonyms = '']) => synonyms.split(' ').map((other) => [other, name])),
)

function likelyName(name: string): string | undefined {
  const bare = name.toLowerCase().replace(/[^\p{L}]/gu, '')
  return (
    OTHER_NAMES[bare] ?? BLOCKS.find((known) => known === bare || editDistance(known, bare) <= 2)
  )
}
