/**
 * The front matter of a page from elsewhere: YAML, TOML or JSON. Never part of the text, whether it
 * can be parsed or not.
 */
import { parse } from 'yaml'
import { oneLine } from './lines.ts'

export interface ForeignFrontMatter {
  /** One-line values, by their names in lower case. */
  readonly keys: Readonly<Record<string, string>>
  readonly body: string
  readonly notes: readonly string[]
}

type Keys = readonly (readonly [key: string, value: unknown])[]

/** Keys that are read: about the mail, and about its place among the others. */
const KNOWN = [
  ...['subject', 'title', 'preheader', 'preview', 'preview_text', 'description'],
  ...['language', 'lang', 'author', 'from_name'],
]
const PLACE = ['weight', 'order', 'day', 'date', 'draft']
const FENCED = /^(---|\+\+\+|;;;)([a-z]*)[ \t]*\n([\s\S]*?)\n\1[ \t]*(?:\n|$)/

export function readForeignFrontMatter(text: string): ForeignFrontMatter {
  const front = fenced(text) ?? braced(text) ?? headed(text)
  if (!front) return { keys: {}, body: text, notes: [] }
  const entries = front.keys.map(([key, value]) => [key.toLowerCase(), value] as const)
  const known = entries.filter(
    ([key, value]) => [...KNOWN, ...PLACE].includes(key) && isLine(value),
  )
  const ignored = entries.filter((entry) => !known.includes(entry)).map(([key]) => oneLine(key))
  const keys = Object.fromEntries(known.map(([key, value]) => [key, oneLine(String(value))]))
  return {
    keys,
    body: front.body,
    notes: [
      ...(ignored.length > 0
        ? [`left out of its front matter: ${ignored.join(', ').slice(0, 200)}`]
        : []),
      ...(keys.draft === 'true' ? ['was marked as a draft; it is imported as a day'] : []),
    ],
  }
}

const isLine = (value: unknown) =>
  ['string', 'number', 'boolean'].includes(typeof value) || value instanceof Date

/**
 * Reads front matter between two lines of `---`, `+++` or `;;;`; a text may also begin with a
 * horizontal rule.
 */
function fenced(text: string): { keys: Keys; body: string } | null {
  const [whole, fence, name, inner = ''] = FENCED.exec(text) ?? []
  if (whole === undefined) return null
  const body = text.slice(whole.length)
  if (fence === '+++' || name === 'toml') return { keys: linesOf(inner, '='), body }
  if (fence === ';;;' || name === 'json') return { keys: entriesOf(jsonOf(inner)) ?? [], body }
  const keys = entriesOf(yamlOf(inner))
  if (keys) return { keys, body }
  // Front matter that is invalid YAML for lack of quotes is still front matter.
  return /^[A-Za-z][\w-]*:(\s|$)/.test(inner) ? { keys: linesOf(inner, ':'), body } : null
}

/** Reads a JSON object at the very beginning, which ends at the end of a line. */
function braced(text: string): { keys: Keys; body: string } | null {
  if (!/^\{\s*("|\})/.test(text)) return null
  for (const { index, 0: end } of text.matchAll(/\}[ \t]*(?:\n|$)/g)) {
    const keys = entriesOf(jsonOf(text.slice(0, index + 1)))
    if (keys) return { keys, body: text.slice(index + end.length) }
  }
  return null
}

const HEADED =
  /^(?:[*_]*(?:subject|preheader|preview(?: text)?)(?: line)?[*_]*:[*_]*[ \t]*.*\n){1,3}\s*\n/i

/** Reads lines of `Subject:` and `Preview:` above the text, as mails are often drafted. */
function headed(text: string): { keys: Keys; body: string } | null {
  const [lines] = HEADED.exec(text) ?? []
  if (lines === undefined) return null
  const keys = lines
    .trim()
    .split('\n')
    .map((line): Keys[number] => {
      const [name = '', ...value] = line.replace(/^[*_]+/, '').split(':')
      const key = /^s/i.test(name) ? 'subject' : 'preheader'
      return [
        key,
        value
          .join(':')
          .replace(/^[*_\s]+/, '')
          .trim(),
      ]
    })
  return { keys, body: text.slice(lines.length) }
}

/** Reads names and values, one per line; those in tables or over several lines get no value. */
function linesOf(text: string, sign: '=' | ':'): Keys {
  const pattern = new RegExp(`^["']?([\\w-]+)["']?[ \\t]*${sign}[ \\t]*(.*)$`)
  let table = ''
  return text.split('\n').flatMap((line): Keys => {
    table = /^\[+([^\]]+)\]/.exec(line)?.[1] ?? table
    const [, key, value = ''] = pattern.exec(line) ?? []
    if (key === undefined) return []
    return [table ? [`${table}.${key}`, null] : [key, lineValue(value.trim())]]
  })
}

function lineValue(text: string): unknown {
  const [, quoted] = /^("(?:[^"\\]|\\.)*")\s*(?:#.*)?$/.exec(text) ?? []
  if (quoted !== undefined) return jsonOf(quoted)
  const [, literal] = /^'([^']*)'\s*(?:#.*)?$/.exec(text) ?? []
  if (literal !== undefined) return literal
  return /^(["'[{|>]|$)/.test(text) ? null : text
}

const entriesOf = (value: unknown): Keys | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value)
    : null

function yamlOf(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0 })
  } catch {
    return null
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
