/** A mail as kept elsewhere, and what a lesson is made from. */
import { Problem } from '../../domain/problem.ts'
import { readForeignFrontMatter } from './foreign-front-matter.ts'
import { type MailBody, mailBody } from './html.ts'
import type { CopyFile } from './local-files.ts'
import { htmlOfSource } from './markdown-source.ts'
import { asksToConfirm } from './placeholders.ts'

export interface SourceMail {
  /** Its place, for the author: "02-look.html", "line 7". */
  readonly name: string
  readonly text: string
  /** Number of its day or place, if it has one. */
  readonly number: number | null
  /** Index of its folder, if mails come from several. */
  readonly group: number
  readonly subject?: string | undefined
  readonly preheader?: string | undefined
  /** Its subject if nothing else gives one. */
  readonly otherwise: string
  /** Copies files that are next to it. */
  readonly take: CopyFile
}

export interface ImportedMail extends Omit<MailBody, 'title'> {
  readonly name: string
  readonly number: number | null
  readonly group: number
  /** Keys of its front matter. */
  readonly keys: Readonly<Record<string, string>>
  readonly subject: string
  /** Whether it asks readers to confirm their address. */
  readonly confirms: boolean
}

/** Converts a mail; null if it has no text. */
export function importMail(mail: SourceMail): ImportedMail | null {
  const { name, number, group, text, otherwise } = mail
  const { keys, body, notes } = readForeignFrontMatter(text)
  const subject = mail.subject || keys.subject || keys.title || null
  const read = readBody(mail, body, subject)
  if (!read.text) return null
  const preheader = mail.preheader || keys.preheader || keys.preview || keys.preview_text
  return {
    ...read,
    name,
    number,
    group,
    keys,
    subject: read.title || otherwise,
    preheader: preheader || keys.description || read.preheader,
    language: keys.language || keys.lang || read.language,
    author: keys.author || keys.from_name || read.author,
    confirms: asksToConfirm(text),
    notes: [...notes, ...read.notes],
  }
}

/** Parsing time is quadratic in the depth of nesting; no mail has this many tags. */
const MAX_TAGS = 10_000
/** Nesting of elements with a closing tag; nested tables in mails reach some dozens. */
const MAX_NESTING = 1_000
const NESTING = /<(\/?)(?:a|b|blockquote|center|div|em|font|i|ol|section|span|strong|table|ul)\b/gi

/** Returns the maximum nesting depth. */
function depthOf(html: string): number {
  let [depth, deepest] = [0, 0]
  for (const [, closes] of html.matchAll(NESTING)) {
    depth = closes ? Math.max(0, depth - 1) : depth + 1
    deepest = Math.max(deepest, depth)
  }
  return deepest
}

function readBody({ name, take }: SourceMail, body: string, subject: string | null): MailBody {
  const from = /^\s*<(?!https?:|mailto:)/i.test(body) ? 'html' : 'markdown'
  const html = from === 'markdown' ? htmlOfSource(body) : body
  const tags = html.match(/<[a-z]/gi)?.length ?? 0
  if (tags > MAX_TAGS)
    throw new Problem('invalid', 'operator.import.too-many-tags', {
      params: { file: name, tags, most: MAX_TAGS },
    })
  const tooDeep = (options?: ErrorOptions) =>
    new Problem('invalid', 'operator.import.too-deep', { params: { file: name }, ...options })
  if (depthOf(html) > MAX_NESTING) throw tooDeep()
  try {
    return mailBody(html, { subject, from, take })
  } catch (cause) {
    // The libraries recurse into nested elements until the stack overflows.
    if (!(cause instanceof RangeError)) throw cause
    throw tooDeep({ cause })
  }
}
