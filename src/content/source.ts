/**
 * A series as written: files, front matter and Markdown passages with their positions, even if the
 * series cannot be loaded. The rules in `check` examine it.
 */
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { Series } from '../domain/course.ts'
import { practicesIn } from './block-faults.ts'
import { withoutLiterals } from './braces.ts'
import { splitFrontMatter, type TextFile } from './front-matter.ts'
import { type Section, sections } from './markdown.ts'
import { type Mark, marksOf, type Position } from './marks.ts'
import { plainText } from './words.ts'

/** A value of front matter or course.yaml, with the position of its key. */
export interface SourceKey extends Position {
  readonly value: unknown
  readonly text: string
}

export type Role = 'description' | 'letter' | 'lesson' | 'practice' | 'inspiration' | 'article'

/** A passage of Markdown that is one unit to its reader. */
export interface Passage {
  readonly role: Role
  readonly file: string
  /** Line of its heading, or its first line. */
  readonly line: number
  readonly title: string
  /** Text without markup. */
  readonly text: string
  readonly marks: readonly Mark[]
  /** A block within another passage, which includes its marks. */
  readonly isWithin?: boolean
  /** Minutes of a practice within a text, if given. */
  readonly minutes?: number
}

export interface SourcePage {
  readonly file: string
  readonly role: 'settings' | 'letter' | 'lesson' | 'inspirations' | 'article'
  readonly lines: readonly string[]
  /** The lines with literal braces blanked. */
  readonly slots: readonly string[]
  /** By name; nested keys by their path, like `theme.logo`. */
  readonly keys: ReadonlyMap<string, SourceKey>
  readonly passages: readonly Passage[]
}

export interface SeriesSource {
  readonly slug: string
  readonly kind: Series['kind']
  readonly pages: readonly SourcePage[]
}

export function sourceOf(slug: string, texts: readonly TextFile[]): SeriesSource {
  const kind = kindOf(slug, texts)
  return {
    slug,
    kind,
    pages: texts.map((text) => pageOf(text, kind)).filter((page) => page !== null),
  }
}

/** Returns the kind in course.yaml, even if that is not valid; `course` if it names none. */
export function kindOf(slug: string, texts: readonly TextFile[]): SeriesSource['kind'] {
  const settings = texts.find(({ file }) => file === `${slug}/course.yaml`)
  const [, kind = 'course'] = /^kind:\s*["']?(daily|letter)\b/m.exec(settings?.text ?? '') ?? []
  return kind as SeriesSource['kind']
}

/** Null for a file that is not part of the series, which loading reports. */
function pageOf(text: TextFile, kind: SeriesSource['kind']): SourcePage | null {
  const name = text.file.slice(text.file.lastIndexOf('/') + 1)
  if (name === 'course.yaml') return settingsOf(text)
  if (name === 'welcome.md' || (name === 'completion.md' && kind === 'course'))
    return letterOf(text)
  if (!name.endsWith('.md')) return null
  if (kind === 'daily') return inspirationsOf(text)
  return kind === 'course' && /^\d+-/.test(name) ? lessonOf(text) : null
}

const passage = (
  role: Role,
  file: string,
  line: number,
  title: string,
  markdown: string,
  from = line,
) => ({
  role,
  file,
  line,
  title,
  text: plainText(markdown),
  marks: marksOf(markdown, from),
})

/** Reads a settings file: course.yaml, or a site's dawnpost.yaml. */
export function settingsOf({ file, text }: TextFile): SourcePage {
  const keys = keysOf(text, 1)
  const description = keys.get('description')
  // A block scalar begins below its key, any other value next to it.
  const from = (description?.line ?? 0) + (/^description:\s*[|>]/m.test(text) ? 1 : 0)
  const passages = description ? [passage('description', file, from, '', description.text)] : []
  return { file, role: 'settings', ...linesOf(file, text), keys, passages }
}

function letterOf({ file, text }: TextFile): SourcePage {
  const { keys, body, offset } = splitPage(text)
  const passages = [passage('letter', file, offset + 1, '', body)]
  return { file, role: 'letter', ...linesOf(file, text), keys, passages }
}

/** Reads an article, which belongs to no series. */
export function articleOf({ file, text }: TextFile): SourcePage {
  const { keys, body, offset } = splitPage(text)
  const passages = [passage('article', file, offset + 1, '', body)]
  return { file, role: 'article', ...linesOf(file, text), keys, passages }
}

function lessonOf({ file, text }: TextFile): SourcePage {
  const { keys, body, offset } = splitPage(text)
  const [first] = keys.has('minutes') ? sections(body).sections : []
  const lines = body.split('\n')
  const within = practicesIn(body)
  const passages = [
    passage(
      'lesson',
      file,
      offset + 1,
      '',
      first && within.length === 0 ? lines.slice(0, first.line - 1).join('\n') : body,
    ),
    ...(first && within.length === 0
      ? [practice(file, { ...first, markdown: lines.slice(first.from - 1).join('\n') }, offset)]
      : within.map(({ line, to, title, minutes }) => {
          const markdown = lines.slice(line, to).join('\n')
          return {
            ...practice(file, { line, title, from: line + 1, markdown }, offset),
            isWithin: true,
            ...(minutes !== null && { minutes }),
          }
        })),
  ]
  return { file, role: 'lesson', ...linesOf(file, text), keys, passages }
}

function inspirationsOf({ file, text }: TextFile): SourcePage {
  const passages = sections(text).sections.map(({ title, line, from, markdown }) =>
    passage('inspiration', file, line, title, markdown, from),
  )
  return { file, role: 'inspirations', ...linesOf(file, text), keys: new Map(), passages }
}

const practice = (file: string, { title, line, from, markdown }: Section, offset: number) =>
  passage('practice', file, offset + line, title, markdown, offset + from)

const linesOf = (file: string, text: string) => ({
  lines: text.split('\n'),
  slots: withoutLiterals(file, text).split('\n'),
})

function splitPage(text: string) {
  const { yaml, body, offset } = splitFrontMatter(text) ?? { yaml: '', body: text, offset: 0 }
  return { keys: keysOf(yaml, 2), body, offset }
}

function keysOf(yaml: string, firstLine: number): Map<string, SourceKey> {
  const counter = new LineCounter()
  const { contents } = parseDocument(yaml, { lineCounter: counter, prettyErrors: false })
  const keys = new Map<string, SourceKey>()
  const add = (node: unknown, within: string) => {
    for (const { key, value } of isMap(node) ? node.items : []) {
      if (!isScalar(key)) continue
      const { line, col } = counter.linePos(key.range?.[0] ?? 0)
      const scalar = isScalar(value) ? value.value : isSeq(value) ? value.toJSON() : null
      const text = typeof scalar === 'string' ? scalar.trim() : ''
      keys.set(`${within}${key.value}`, {
        value: scalar,
        text,
        line: firstLine - 1 + line,
        column: col,
      })
      add(value, `${within}${key.value}.`)
    }
  }
  add(contents, '')
  return keys
}
