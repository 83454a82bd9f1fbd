/** The rules that need mails as they are sent. */
import { type Finding, findingsOf } from '../../domain/finding.ts'
import { messageOf } from '../../domain/problem.ts'
import type { MailTemplates } from '../templates.ts'
import { AUTHOR_RULES } from './author-rules.ts'
import { CLIENT_RULES } from './client-rules.ts'
import { PART_RULES } from './part-rules.ts'
import { READER_RULES } from './reader-rules.ts'
import { type Rendering, render, type Written } from './rendering.ts'

export const MAIL_RULES = [...PART_RULES, ...CLIENT_RULES, ...READER_RULES, ...AUTHOR_RULES]

/** So many mails are laid out by MJML, in its own process, while the ones before them are looked at. */
const AT_ONCE = 12

/** Renders each mail and looks at it. What is wrong in the same words with several is told once. */
export async function checkMails(written: readonly Written[], templates: MailTemplates): Promise<Finding[]> {
  const findings: Finding[] = []
  const batches = Array.from({ length: Math.ceil(written.length / AT_ONCE) }, (_, index) =>
    written.slice(index * AT_ONCE, (index + 1) * AT_ONCE),
  )
  let next = renderAll(batches[0] ?? [], templates)
  for (const index of batches.keys()) {
    const rendered = await next
    next = renderAll(batches[index + 1] ?? [], templates)
    for (const one of rendered) findings.push(...('rule' in one ? [one] : findingsOf(MAIL_RULES, one)))
  }
  return onceEach(findings)
}

const renderAll = (batch: readonly Written[], templates: MailTemplates): Promise<(Rendering | Finding)[]> =>
  Promise.all(batch.map((one) => render(one, templates).catch((error) => unmailable(one, messageOf(error)))))

/** A text that cannot be made into a mail stops its course on the morning it is due. */
const unmailable = ({ file, line, content }: Written, message: string): Finding => ({
  ...{ file, line, column: 1, severity: 'error', rule: 'unmailable' },
  message: `no ${content.kind} mail can be made of it: ${message.replace(/\s+/g, ' ')}`,
})

/** What the layout does is in every mail: told at the first, with how many more. */
function onceEach(findings: readonly Finding[]): Finding[] {
  const alike = Map.groupBy(findings, ({ rule, message }) => `${rule} ${message}`)
  return [...alike.values()].flatMap(([first, ...more]) => {
    const places = new Set([first, ...more].map((one) => one && `${one.file}:${one.line}`)).size
    if (!first || places === 1) return first ?? []
    return { ...first, message: `${first.message} (so do ${places - 1} more)` }
  })
}
