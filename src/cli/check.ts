/** What an author's build asks: is this folder fit to be sent? */
import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Report } from '../app/checker.ts'
import type { Finding } from '../domain/finding.ts'
import { example, type Register, type Terminal } from './command.ts'
import { expectFolder } from './options.ts'

export const check: Register = (program, { env, print, fail, terminal }) =>
  program
    .command('check')
    .description('check the courses folder for mistakes; fails on errors, for use in a build')
    .option('--courses <dir>', 'courses folder (default: courses, next to src)')
    .option('--locales <dir>', "folder of the site's own sentences (default: none)")
    .option('--json', 'print only one JSON object to stdout')
    .addHelpText('after', example('dawnpost check --courses ./courses'))
    .action(async (options) => {
      const cacheDir = env.XDG_CACHE_HOME || join(homedir(), '.cache')
      if (!(await checkCourses({ ...options, cacheDir }, print, terminal))) fail()
    })

export interface CheckOptions {
  readonly courses?: string
  readonly locales?: string
  readonly json?: true
  /** The folder in which programs keep what they can make again. */
  readonly cacheDir: string
}

/** Prints all findings, then their number; resolves to whether there is no error among them. */
export async function checkCourses(
  { courses, locales, json, cacheDir }: CheckOptions,
  print: (text: string) => void,
  terminal: Terminal,
): Promise<boolean> {
  await expectFolder(courses)
  await expectFolder(locales)
  const { checkFolder } = await import('../app/checker.ts')
  const counter = counterOn(terminal)
  const memory = memoryOf(courses, cacheDir)
  const report = await checkFolder({ courses, locales, memory, onProgress: counter.show }).finally(
    counter.clear,
  )
  if (json) print(JSON.stringify(report))
  else
    for (const line of [
      ...report.findings.map(findingInWords),
      ...draftsOf(report),
      totals(report),
    ])
      print(line)
  return report.errors === 0
}

/** One for each folder, so that two do not forget each other's mails. */
const memoryOf = (courses: string | undefined, cacheDir: string) => {
  const name = createHash('sha256')
    .update(resolve(courses ?? ''))
    .digest('hex')
    .slice(0, 16)
  return join(cacheDir, 'dawnpost', `check-${courses === undefined ? 'shipped' : name}.json`)
}

const REWRITE_LINE = '\r\u001b[K'

function counterOn({ isTTY, write }: Terminal) {
  if (!isTTY) return { show: undefined, clear: () => {} }
  let isShown = false
  return {
    show: (done: number, all: number) => {
      write(`${REWRITE_LINE}Checking mails: ${done} of ${all} …`)
      isShown = true
    },
    clear: () => {
      if (isShown) write(REWRITE_LINE)
    },
  }
}

const findingInWords = ({ file, line, column, severity, rule, message }: Finding) =>
  `${below(file)}:${line}:${column} ${severity} ${rule} ${message.replace(/\s+/g, ' ')}`

/** A path below the courses folder, or beside it. */
const below = (file: string) => (file.startsWith('../') ? file.slice(3) : `courses/${file}`)

const draftsOf = ({ drafts }: Report) =>
  drafts.map(({ slug, reason }) => `courses/${slug} is a draft, not sent to readers: ${reason}`)

/** Each rule that found something, with how often and where first; then the number of findings. */
export function summaryOf(report: Report): string[] {
  const rules = Map.groupBy(report.findings, ({ rule }) => rule)
  const lines = [...rules.values()].flatMap(([first, ...more]) => {
    if (!first) return []
    return more.length > 0
      ? [findingInWords(first), `  … and ${more.length} more: ${first.rule}`]
      : [findingInWords(first)]
  })
  return [...lines, totals(report)]
}

const totals = ({ errors, warnings }: Report) =>
  `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`
const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
