import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import type { Faults } from '../domain/finding.ts'
import { messageOf } from '../domain/problem.ts'

export interface TextFile {
  readonly file: string
  readonly text: string
}

/**
 * Parses YAML and checks it against a schema; null, with faults at their lines, if it does not fit.
 * Where the schema wants a string, a plain scalar that YAML reads as a number or boolean is taken
 * as written.
 */
export function readYaml<T extends z.ZodType>(
  schema: T,
  { file, text }: TextFile,
  faults: Faults,
  firstLine = 1,
): { data: z.infer<T>; lineOf: (...path: PropertyKey[]) => number } | null {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const lineAt = (offset: number) => firstLine - 1 + lines.linePos(offset).line
  const about = (offset: number) =>
    ({ column: lines.linePos(offset).col, rule: 'front-matter' }) as const
  const refuse = (offset: number, message: string) =>
    faults.add(file, lineAt(offset), `is not YAML: ${message}. ${QUOTES}`, about(offset))
  const [error] = document.errors
  if (error) {
    refuse(error.pos[0], error.message)
    return null
  }
  const result = parsed(schema, document)
  if ('broken' in result) {
    refuse(0, result.broken)
    return null
  }
  if (result.success) {
    return { data: result.data, lineOf: (...path) => lineAt(offsetOf(document.contents, path)) }
  }
  for (const issue of result.error.issues) {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [issue.path.join('.')]
    for (const key of keys) {
      const path = issue.code === 'unrecognized_keys' ? [...issue.path, key] : issue.path
      const what =
        issue.code === 'unrecognized_keys'
          ? 'is not a known key; remove or rename it'
          : issue.message
      const offset = offsetOf(document.contents, path)
      faults.add(file, lineAt(offset), path.length > 0 ? `${key}: ${what}` : NO_KEYS, about(offset))
    }
  }
  return null
}

const QUOTES =
  'Put values in quotes if they contain ": " or start with a character like * & @ ` [ { or !.'
const NO_KEYS = 'contains no keys; write one on each line, like subject: A subject'

/** `broken`: why the document, though it parses, has no value. */
function parsed<T extends z.ZodType>(
  schema: T,
  document: Document,
): z.ZodSafeParseResult<z.infer<T>> | { broken: string } {
  try {
    const first = schema.safeParse(document.toJS() ?? {})
    const again =
      !first.success &&
      first.error.issues.filter((issue) => restoreSourceText(issue, document)).length > 0
    return again ? schema.safeParse(document.toJS()) : first
  } catch (error) {
    // An alias without its anchor, or aliases that expand to too much.
    return { broken: messageOf(error) }
  }
}

/**
 * Replaces a parsed value with its source text if a string is wanted there. Returns whether it did.
 */
function restoreSourceText(
  { code, path, ...issue }: z.core.$ZodIssue,
  document: Document,
): boolean {
  if (code !== 'invalid_type' || !('expected' in issue) || issue.expected !== 'string') return false
  const node = document.getIn(path, true)
  if (!isScalar(node) || node.type !== 'PLAIN' || !node.source || node.source === '~') return false
  node.value = node.source
  return true
}

/** Returns the offset in the source of the value at `path`, or of its nearest container. */
function offsetOf(node: unknown, path: readonly PropertyKey[]): number {
  let offset = rangeStart(node)
  for (const key of path) {
    if (isSeq(node)) {
      const item = node.items[Number(key)]
      if (!item) break
      offset = rangeStart(item)
      node = item
      continue
    }
    if (!isMap(node)) break
    const pair = node.items.find((item) => String(item.key) === String(key))
    if (!pair) break
    offset = rangeStart(pair.key)
    node = pair.value
  }
  return offset
}

const rangeStart = (node: unknown) =>
  (node as { range?: [number, number, number] } | null)?.range?.[0] ?? 0

export interface Page<T> {
  readonly data: T
  /** Line in the file of the value at a path of keys, or of its container. */
  readonly lineOf: (...path: PropertyKey[]) => number
  readonly body: string
  /** Lines before the body, to convert a line of the body to one of the file. */
  readonly offset: number
}

/**
 * Reads a Markdown file that begins with YAML between two lines of `---`. Null, with faults, if it
 * does not.
 */
export function readPage<T extends z.ZodType>(
  schema: T,
  page: TextFile,
  faults: Faults,
): Page<z.infer<T>> | null {
  const parts = splitFrontMatter(page.text)
  if (!parts) {
    faults.add(
      page.file,
      1,
      'does not start with front matter: put its keys between two lines of ---',
      {
        rule: 'front-matter',
      },
    )
    return null
  }
  const { yaml, body, offset } = parts
  const read = readYaml(schema, { file: page.file, text: yaml }, faults, 2)
  return read && { ...read, body, offset }
}

/** Splits a page at the end of its front matter, `offset` lines down; null if it has none. */
export function splitFrontMatter(
  text: string,
): { yaml: string; body: string; offset: number } | null {
  const [whole, yaml] = /^---\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(text) ?? []
  if (whole === undefined || yaml === undefined) return null
  return { yaml, body: text.slice(whole.length), offset: whole.split('\n').length - 1 }
}
