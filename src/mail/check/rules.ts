/** The rules that check mails as they are sent. */
import { type Finding, findingsOf } from '../../domain/finding.ts'
import { messageOf } from '../../domain/problem.ts'
import type { MailTemplates } from '../render/templates.ts'
import { AUTHOR_RULES } from './author-rules.ts'
import { CLIENT_RULES } from './client-rules.ts'
import type { Memory } from './memory.ts'
import { PART_RULES } from './part-rules.ts'
import { READER_RULES } from './reader-rules.ts'
import { type Rendering, render, type Written } from './rendering.ts'

export const MAIL_RULES = [...PART_RULES, ...CLIENT_RULES, ...READER_RULES, ...AUTHOR_RULES]

/** Number of mails that MJML lays out, in its own process, while the previous ones are checked. */
const AT_ONCE = 12

export interface Checking {
  /** Findings of earlier checks; without it every mail is checked. */
  readonly memory?: Memory | undefined
  /** Called as mails are done. */
  readonly onProgress?: ((done: number, all: number) => void) | undefined
}

/** Renders and checks each mail. A finding in the same words for several is reported once. */
export async function checkMails(
  written: readonly Written[],
  templates: MailTemplates,
  { memory, onProgress }: Checking = {},
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
  return onceEach([...findings.values()].flatMap((found) => found ?? []))
}

/** Yields each mail as sent, in order; the next batch is laid out while one is checked. */
async function* renderings(all: readonly Written[], templates: MailTemplates) {
  const tried = new Set<string>()
  const ahead = (index: number) => renderAll(all.slice(index, index + AT_ONCE), templates, tried)
  let next = ahead(0)
  for (let index = 0; index < all.length; index += AT_ONCE) {
    const rendered = await next
    next = ahead(index + AT_ONCE)
    for (const rendering of rendered) yield rendering
  }
}

const renderAll = (batch: readonly Written[], templates: MailTemplates, tried: Set<string>) =>
  Promise.all(
    batch.map(
      async (mail): Promise<[Written, Rendering | Finding]> => [
        mail,
        await render(mail, templates, tried).catch((error) => unmailable(mail, messageOf(error))),
      ],
    ),
  )

/** A text that cannot be made into a mail stops its course on the morning it is due. */
const unmailable = ({ file, line, content }: Written, message: string): Finding => ({
  file,
  line,
  column: 1,
  severity: 'error',
  rule: 'unmailable',
  message: `no ${content.kind} mail can be made of it: ${message.replace(/\s+/g, ' ')}`,
})

/** Reports a finding that many mails share, as for a layout, once with the number of others. */
function onceEach(findings: readonly Finding[]): Finding[] {
  const alike = Map.groupBy(findings, ({ rule, message }) => `${rule} ${message}`)
  return [...alike.values()].flatMap(([first, ...more]) => {
    const places = new Set(
      [first, ...more].map((finding) => finding && `${finding.file}:${finding.line}`),
    ).size
    if (!first || places === 1) return first ?? []
    return { ...first, message: `${first.message} (so do ${places - 1} more)` }
  })
}
