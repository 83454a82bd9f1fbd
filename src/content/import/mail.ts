/** A mail as it was kept elsewhere, and what a lesson can be made of. */
import { Problem } from '../../domain/problem.ts'
import { htmlOf } from '../markdown.ts'
import { frontOf } from './front.ts'
import { type MailBody, mailBody } from './html.ts'
import { beforeMarkdown } from './placeholders.ts'

export interface SourceMail {
  /** Where it stands, for the author: "02-look.html", "line 7". */
  readonly name: string
  readonly text: string
  readonly subject?: string | undefined
  readonly preheader?: string | undefined
  /** What it is called when nothing else says so. */
  readonly otherwise: string
}

export interface ImportedMail extends Omit<MailBody, 'title'> {
  readonly name: string
  /** Of its front matter. */
  readonly keys: Readonly<Record<string, string>>
  readonly subject: string
}

/** Null for a mail without any text. */
export function importedMail({ name, text, otherwise, ...given }: SourceMail): ImportedMail | null {
  const { keys, body, notes } = frontOf(text)
  const subject = given.subject || keys.subject || keys.title || null
  const markdown = !/^\s*<(?!https?:|mailto:)/i.test(body)
  const read = readBody(name, markdown ? htmlOf(beforeMarkdown(body)) : body, subject, markdown)
  if (!read.intro) return null
  return {
    ...read,
    name,
    keys,
    subject: read.title || otherwise,
    preheader:
      given.preheader || keys.preheader || keys.preview || keys.description || read.preheader,
    language: keys.language || keys.lang || read.language,
    notes: [...notes, ...read.notes],
  }
}

/** Parsing takes the square of how deep they lie in each other; no mail has that many. */
const MOST_TAGS = 10_000
/** Of elements that are closed by a tag; tables within tables of mails come to some dozens. */
const DEEPEST = 1_000
const NESTING = /<(\/?)(?:a|b|blockquote|center|div|em|font|i|ol|section|span|strong|table|ul)\b/gi

/** How many elements are open at once, at most. */
function depthOf(html: string): number {
  let [depth, deepest] = [0, 0]
  for (const [, closes] of html.matchAll(NESTING)) {
    depth = closes ? Math.max(0, depth - 1) : depth + 1
    deepest = Math.max(deepest, depth)
  }
  return deepest
}

function readBody(name: string, html: string, subject: string | null, markdown: boolean): MailBody {
  const tags = html.match(/<[a-z]/gi)?.length ?? 0
  if (tags > MOST_TAGS)
    throw new Problem('invalid', 'operator.import.too-many-tags', {
      params: { file: name, tags, most: MOST_TAGS },
    })
  const tooDeep = (options?: ErrorOptions) =>
    new Problem('invalid', 'operator.import.too-deep', { params: { file: name }, ...options })
  if (depthOf(html) > DEEPEST) throw tooDeep()
  try {
    return mailBody(html, subject, markdown)
  } catch (cause) {
    // The libraries walk down into elements within elements, as far as the stack goes.
    if (!(cause instanceof RangeError)) throw cause
    throw tooDeep({ cause })
  }
}
