/** What an author's build asks: is this folder fit to be sent? */
import { stat } from 'node:fs/promises'
import { checkFolder, type Report } from '../checker.ts'
import type { Finding } from '../domain/finding.ts'
import { Problem } from '../domain/problem.ts'

export interface CheckOptions {
  readonly courses?: string
  readonly json?: true
}

/** Prints all findings, then their number; resolves to whether there is no error among them. */
export async function checkCourses(
  { courses, json }: CheckOptions,
  print: (text: string) => void,
): Promise<boolean> {
  if (courses !== undefined) await expectFolder(courses)
  const report = await checkFolder({ courses })
  if (json) print(JSON.stringify(report))
  else for (const line of [...report.findings.map(inWords), totals(report)]) print(line)
  return report.errors === 0
}

async function expectFolder(path: string) {
  const found = await stat(path).catch(() => null)
  if (!found?.isDirectory()) throw new Problem('invalid', `There is no courses folder at ${path}.`)
}

const inWords = ({ file, line, column, severity, rule, message }: Finding) =>
  `courses/${file}:${line}:${column} ${severity} ${rule} ${message.replace(/\s+/g, ' ')}`

const totals = ({ errors, warnings }: Report) =>
  `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`
const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
