/** Checks whether a folder is fit to be sent, for an author's build. */
import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { CheckReport } from '../app/checker.ts'
import type { Finding } from '../domain/finding.ts'
import { BUILT_IN_SITE, displayPathOf, type SiteFolder } from '../platform/site-folder.ts'
import { example, type Register, type Terminal } from './command.ts'
import { expectFolder } from './options.ts'

export const check: Register = (program, { env, cwd, site, print, fail, terminal }) =>
  program
    .command('check')
    .description(
      'check the courses, settings, templates and sentences for mistakes; fails on errors, for use in a build',
    )
    .option('--courses <dir>', 'courses folder (default: that of the site)')
    .option('--json', 'print only one JSON object to stdout')
    .addHelpText('after', example('dawnpost check --courses ./courses'))
    .action(async (options) => {
      const cacheDir = env.XDG_CACHE_HOME || join(homedir(), '.cache')
      const asked = { ...options, site: site(), cwd, cacheDir }
      if (!(await checkCourses(asked, print, terminal))) fail()
    })

export interface CheckOptions {
  readonly site?: SiteFolder
  readonly cwd?: string
  readonly courses?: string
  readonly json?: true
  /** The user's cache folder. */
  readonly cacheDir: string
}

/** Prints all findings, then their number; resolves to true if none is an error. */
export async function checkCourses(
  { site = BUILT_IN_SITE, cwd = '.', courses, json, cacheDir }: CheckOptions,
  print: (text: string) => void,
  terminal: Terminal,
): Promise<boolean> {
  await expectFolder(courses)
  const { checkFolder } = await import('../app/checker.ts')
  const counter = counterOn(terminal)
  const folder = courses ?? site.courses
  const memory = cacheFileOf(folder, cacheDir)
  const report = await checkFolder({ site, courses, memory, onProgress: counter.show }).finally(
    counter.clear,
  )
  const formatFinding = (finding: Finding) =>
    findingInWords(finding, displayPathOf(finding.file, folder, cwd))
  if (json) print(JSON.stringify(report))
  else
    for (const line of [
      ...report.findings.map(formatFinding),
      ...draftsOf(report, (slug) => displayPathOf(slug, folder, cwd)),
      totals(report),
    ])
      print(line)
  return report.errors === 0
}

/** One file per folder, so that two folders do not evict each other's mails. */
const cacheFileOf = (courses: string, cacheDir: string) => {
  const name = createHash('sha256').update(resolve(courses)).digest('hex').slice(0, 16)
  return join(cacheDir, 'dawnpost', `check-${name}.json`)
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

const findingInWords = (
  { file, line, column, severity, rule, message }: Finding,
  place = `courses/${file}`,
) => `${place}:${line}:${column} ${severity} ${rule} ${message.replace(/\s+/g, ' ')}`

const draftsOf = ({ drafts }: CheckReport, placeOf: (slug: string) => string) =>
  drafts.map(({ slug, reason }) => `${placeOf(slug)} is a draft, not sent to readers: ${reason}`)

/**
 * Returns each rule with findings, its first finding and how many more there are; then the totals.
 */
export function summaryOf(report: CheckReport): string[] {
  const rules = Map.groupBy(report.findings, ({ rule }) => rule)
  const lines = [...rules.values()].flatMap(([first, ...more]) => {
    if (!first) return []
    return more.length > 0
      ? [findingInWords(first), `  … and ${more.length} more: ${first.rule}`]
      : [findingInWords(first)]
  })
  return [...lines, totals(report)]
}

const totals = ({ errors, warnings }: CheckReport) =>
  `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`
const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
