/** What an author's build asks: is this folder fit to be sent? */
import { checkFolder, type Report } from '../checker.ts'
import type { Finding } from '../domain/finding.ts'
import { expectFolder } from './options.ts'

export interface CheckOptions {
  readonly courses?: string
  readonly json?: true
}

/** Prints all findings, then their number; resolves to whether there is no error among them. */
export async function checkCourses(
  { courses, json }: CheckOptions,
  print: (text: string) => void,
): Promise<boolean> {
  await expectFolder(courses)
  const report = await checkFolder({ courses })
  if (json) print(JSON.stringify(report))
  else for (const line of [...report.findings.map(inWords), ...draftsOf(report), totals(report)]) print(line)
  return report.errors === 0
}

const inWords = ({ file, line, column, severity, rule, message }: Finding) =>
  `courses/${file}:${line}:${column} ${severity} ${rule} ${message.replace(/\s+/g, ' ')}`

const draftsOf = ({ drafts }: Report) =>
  drafts.map(({ slug, reason }) => `courses/${slug} is a draft, and readers get nothing of it: ${reason}`)

/** Each rule that found something, with how often and where first; then the number of findings. */
export function summaryOf(report: Report): string[] {
  const rules = Map.groupBy(report.findings, ({ rule }) => rule)
  const lines = [...rules.values()].flatMap(([first, ...others]) => {
    if (!first) return []
    return others.length > 0
      ? [inWords(first), `  … and ${others.length} more: ${first.rule}`]
      : [inWords(first)]
  })
  return [...lines, totals(report)]
}

const totals = ({ errors, warnings }: Report) =>
  `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`
const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
