/** A mail as it was kept elsewhere, and what a lesson can be made of. */
import { parse } from 'yaml'
import { Problem } from '../../domain/problem.ts'
import { cut } from '../front-matter.ts'
import { htmlOf } from '../markdown.ts'
import { type Body, bodyOf } from './html.ts'
import { oneLine } from './lines.ts'
import { beforeMarkdown } from './placeholders.ts'

export interface Written {
  /** Where it stands, for the author: "02-look.html", "line 7". */
  readonly name: string
  readonly text: string
  readonly subject?: string | undefined
  readonly preheader?: string | undefined
  /** What it is called when nothing else says so. */
  readonly otherwise: string
}

export interface Mail extends Omit<Body, 'title'> {
  readonly name: string
  readonly subject: string
}

/** Null for a mail without any text. */
export function mailOf({ name, text, otherwise, ...given }: Written): Mail | null {
  const { keys, body, notes } = partsOf(text)
  const subject = given.subject || keys.subject || keys.title || null
  const markdown = !/^\s*<(?!https?:|mailto:)/i.test(body)
  const read = readBody(name, markdown ? htmlOf(beforeMarkdown(body)) : body, subject, markdown)
  if (!read.intro) return null
  return {
    ...read,
    name,
    subject: read.title || otherwise,
    preheader: given.preheader || keys.preheader || keys.preview || read.preheader,
    language: keys.language || keys.lang || read.language,
    notes: [...notes, ...read.notes],
  }
}

/** Parsing takes the square of how deep they lie in each other; no mail has that many. */
const MOST_TAGS = 10_000

function readBody(name: string, html: string, subject: string | null, markdown: boolean): Body {
  const tags = html.match(/<[a-z]/gi)?.length ?? 0
  if (tags > MOST_TAGS)
    throw new Problem('invalid', `${name} has ${tags} HTML tags; ${MOST_TAGS} may be read.`)
  try {
    return bodyOf(html, subject, markdown)
  } catch (cause) {
    // The libraries walk down into elements within elements, as far as the stack goes.
    if (!(cause instanceof RangeError)) throw cause
    throw new Problem('invalid', `${name} has too many elements within each other to be read.`, { cause })
  }
}

const KNOWN = ['subject', 'title', 'preheader', 'preview', 'language', 'lang']

/** Front matter, where there is some: a text may as well begin with a rule. */
function partsOf(text: string): { keys: Record<string, string>; body: string; notes: string[] } {
  const plain = { keys: {}, body: text, notes: [] }
  const parts = cut(text)
  if (!parts) return plain
  const found = yamlOf(parts.yaml)
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return plain
  const entries = Object.entries(found).map(([key, value]) => [key.toLowerCase(), value] as const)
  const known = entries.filter(([key, value]) => KNOWN.includes(key) && isLine(value))
  const others = entries.filter((entry) => !known.includes(entry)).map(([key]) => oneLine(key))
  return {
    keys: Object.fromEntries(known.map(([key, value]) => [key, oneLine(String(value))])),
    body: parts.body,
    notes: others.length > 0 ? [`left out of its front matter: ${others.join(', ').slice(0, 200)}`] : [],
  }
}

const isLine = (value: unknown) => typeof value === 'string' || typeof value === 'number'

function yamlOf(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0 })
  } catch {
    return null
  }
}
