/** The rules that check mails as they are sent. */
import { type Finding, findingsOf } from '../../domain/finding.ts'
import { messageOf } from '../../domain/problem.ts'
import type { MailTemplates } from '../render/templates.ts'
import { AUTHOR_RULES } from './author-rules.ts'
import { CLIENT_RULES } from './client-rules.ts'
import type { FindingsCache } from './findings-cache.ts'
import { PART_RULES } from './part-rules.ts'
import { READER_RULES } from './reader-rules.ts'
import { type LocatedContent, type Rendering, render } from './rendering.ts'

export const MAIL_RULES = [...PART_RULES, ...CLIENT_RULES, ...READER_RULES, ...AUTHOR_RULES]

/** Number of mails that MJML lays out, in its own process, while the previous ones are checked. */
const BATCH_SIZE = 12

export interface CheckOptions {
  /** Findings of earlier checks; without it every mail is checked. */
  readonly memory?: FindingsCache | undefined
  /** Called as mails are done. */
  readonly onProgress?: ((done: number, all: number) => void) | undefined
}

/** Renders and checks each mail. A finding in the same words for several is reported once. */
export async function checkMails(
  written: readonly LocatedContent[],
  templates: MailTemplates,
  { memory, onProgress }: CheckOptions = {},
): Promise<Finding[]> {
  const known = new Map(written.map((mail) => [mail, memory?.of(mail)]))
  const findings = new Map(written.map((mail) => [mail, known.get(mail)?.findings]))
  const changed = written.filter((mail) => !findings.get(mail))
  let done = written.length - changed.length
  for await (const [mail, rendered] of renderings(changed, templates)) {
    const found = 'rule' in rendered ? [rendered] : findingsOf(MAIL_RULES, rendered)
    findings.set(mail, found)
    known.get(mail)?.keep(found)
    onProgress?.(++done, written.length)
  }
  await memory?.save()
  return deduplicate([...findings.values()].flatMap((found) => found ?? []))
}

/** Yields each mail as sent, in order; the next batch is laid out while one is checked. */
async function* renderings(all: readonly LocatedContent[], templates: MailTemplates) {
  const tried = new Set<string>()
  const ahead = (index: number) => renderAll(all.slice(index, index + BATCH_SIZE), templates, tried)
  let next = ahead(0)
  for (let index = 0; index < all.length; index += BATCH_SIZE) {
    const rendered = await next
    next = ahead(index + BATCH_SIZE)
    for (const rendering of rendered) yield rendering
  }
}

const renderAll = (
  batch: readonly LocatedContent[],
  templates: MailTemplates,
  tried: Set<string>,
) =>
  Promise.all(
    batch.map(
      async (mail): Promise<[LocatedContent, Rendering | Finding]> => [
        mail,
        await render(mail, templates, tried).catch((error) => unmailable(mail, messageOf(error))),
      ],
    ),
  )

/** A text that cannot be made into a mail stops its course on the morning it is due. */
const unmailable = ({ file, line, content }: LocatedContent, message: string): Finding => ({
  file,
  line,
  column: 1,
  severity: 'error',
  rule: 'unmailable',
  message: `no ${content.kind} mail can be made from it: ${message.replace(/\s+/g, ' ')}`,
})

/** Reports a finding that many mails share, as for a layout, once with the number of others. */
function deduplicate(findings: readonly Finding[]): Finding[] {
  const alike = Map.groupBy(findings, ({ rule, message }) => `${rule} ${message}`)
  return [...alike.values()].flatMap(([first, ...more]) => {
    const places = new Set(
      [first, ...more].map((finding) => finding && `${finding.file}:${finding.line}`),
    ).size
    if (!first || places === 1) return first ?? []
    return { ...first, message: `${first.message} (also in ${places - 1} more)` }
  })
}
