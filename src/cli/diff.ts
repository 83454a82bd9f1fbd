/** Shows authors whom a change would affect and how, before readers get it. */
import type { App } from '../app/app.ts'
import type { Proposal } from '../app/courses.ts'
import type {
  CourseChange,
  DailyChange,
  KindChange,
  LessonReaders,
  LetterChange,
} from '../domain/change.ts'
import type { Lesson } from '../domain/course.ts'
import { Problem } from '../domain/problem.ts'
import { harmInWords, lessonInWords, readersInWords } from '../domain/words.ts'
import { systemClock } from '../platform/clock.ts'
import type { Config } from '../platform/config.ts'
import { example, type Register, withApp } from './command.ts'
import { expectFolder } from './options.ts'

export const diffCommand: Register = (program, { readConfig, print, fail }) =>
  program
    .command('diff')
    .description(
      'show what the courses folder would change for current readers; fails if it would do harm',
    )
    .argument('[git-ref]', 'compare with the folder at this Git ref instead of with what is live')
    .option('--courses <dir>', 'courses folder (default: that of the site)')
    .option('--accept', 'make the folder live anyway')
    .option('--json', 'print only one JSON object to stdout')
    .addHelpText('after', example('dawnpost diff'))
    .action(async (ref, options) => {
      if (!(await diff(await readConfig(), { ...options, ref }, print))) fail()
    })

export interface DiffOptions {
  readonly ref?: string
  readonly courses?: string
  readonly accept?: true
  readonly json?: true
}

/**
 * Prints what a courses folder would change for the readers of what is live, or of what the folder
 * was at a commit. With `accept` it is published, whatever it does.
 *
 * @returns whether all of it would be published, or is.
 */
export async function diff(
  config: Config,
  { ref, courses, accept, json }: DiffOptions,
  print: (text: string) => void,
): Promise<boolean> {
  if (ref !== undefined && accept) throw new Problem('invalid', 'cli.options.accept')
  await expectFolder(courses)
  const { foldersIn } = await import('../app/courses.ts')
  const { settings } = config.site
  const folder = courses ?? config.site.folder.courses
  const now = systemClock()
  const proposed = await foldersIn({ folder, settings }, now)
  const before = ref === undefined ? null : await foldersIn({ folder, settings, ref }, now)
  const work = async ({ author: { courses: live } }: App) => {
    const proposals = await (before ? live.proposeAfter(before, proposed) : live.propose(proposed))
    const lines = json
      ? [JSON.stringify({ series: proposals.map(inShort) })]
      : proposals.flatMap(proposalInWords)
    for (const line of lines) print(line)
    const printLine = json ? () => {} : print
    const blocked = accept
      ? await live.accept(proposed)
      : proposals.filter(({ objection }) => objection !== null)
    const isQuiet = proposals.every(({ state }) => state === 'same' || state === 'draft')
    if (proposals.every(({ state }) => state === 'same')) printLine('Nothing has changed.')
    else if (isQuiet) printLine('Nothing changes for readers: drafts are not live.')
    else if (accept) {
      printLine(
        blocked.length === 0
          ? 'It is live.'
          : `Not made live: ${blocked.map(({ slug }) => slug).join(', ')}.`,
      )
    } else if (blocked.length > 0) {
      printLine(`Blocked: ${blocked.map(({ slug }) => slug).join(', ')}. The live version stays.`)
      const isBroken = proposals.some(({ state }) => state === 'broken')
      printLine(
        isBroken
          ? 'Fix what is broken.'
          : 'Fix it, or make it live anyway with dawnpost diff --accept.',
      )
    } else printLine('It is safe, and goes live as soon as it is saved where a worker runs.')
    return blocked.length === 0
  }
  // Only accepted content may create a database.
  return withApp(config, work, { coursesDir: folder, existing: accept ? undefined : true })
}

const STATES: Readonly<Record<Exclude<Proposal['state'], 'same'>, string>> = {
  new: 'is new',
  changed: 'changes',
  gone: 'is no longer in the folder',
  broken: 'cannot be used',
  older: 'is an older version that was live before',
  draft: 'is a draft, not sent to readers',
}

function proposalInWords({
  slug,
  title,
  state,
  faults,
  draft,
  unmailable,
  readers,
  restarted,
  change,
}: Proposal): string[] {
  if (state === 'same') return []
  return [
    `${title} (${slug}) ${STATES[state]}; ${readersInWords(readers)} in progress`,
    ...faults.map(({ file, line, message }) => `  courses/${file}:${line} ${message}`),
    ...[draft, unmailable].flatMap((reason) => (reason === null ? [] : [`  ${reason}`])),
    ...(change?.kind === 'course'
      ? courseInWords(change, restarted)
      : change
        ? otherInWords(change)
        : []),
    '',
  ]
}

function courseInWords(change: CourseChange, restarted: number): string[] {
  const { added, gone, moved, renamed, rewritten, late, spared, twice, never, next } = change
  const orEnd = (lesson: Lesson | null) => (lesson ? lessonInWords(lesson) : 'the closing letter')
  const rows = [
    ...added.map((lesson) => row('new', lessonInWords(lesson))),
    ...gone.map((lesson) => row('gone', lessonInWords(lesson))),
    ...moved.map(({ lesson, from }) =>
      row('moved', `${lessonInWords(lesson)}, which was lesson ${from}`),
    ),
    ...renamed.map(({ lesson, from }) =>
      row('renamed', `${lessonInWords(lesson)}, which was ${from}.md`),
    ),
    ...rewritten.map((lesson) => row('rewritten', lessonInWords(lesson))),
    ...next.map(({ from, to, readers }) =>
      row('next', `${readersInWords(readers)}: ${orEnd(to)}, instead of ${orEnd(from)}`),
    ),
    ...late.map((group) =>
      row(
        'late',
        `${whoArePast(group)} get ${lessonInWords(group.lesson)} next (add late: skip to it to prevent that)`,
      ),
    ),
    ...spared.map((group) =>
      row('spared', `${whoArePast(group)} do not get ${lessonInWords(group.lesson)}`),
    ),
    ...twice.map(({ lesson, readers, as }) =>
      row(
        'TWICE',
        `${readersInWords(readers)} would get ${lessonInWords(lesson)} again, which they received as ${as}.md (add aliases: [${as}] to it)`,
      ),
    ),
    ...never.map(({ lesson, readers }) =>
      row('NEVER', `${readersInWords(readers)} would never get ${lessonInWords(lesson)}`),
    ),
  ]
  rows.push(...scheduleInWords(change.schedule, restarted))
  return rows.length === 0 ? ['  Only settings and letters change, no lessons.'] : rows
}

function scheduleInWords(
  { gaps, completes, starts }: CourseChange['schedule'],
  restarted: number,
): string[] {
  const moved = gaps.map(({ from, to, readers }) => {
    const when = to > from ? '' : ', once the date they wait for has come'
    return row('gap', `${readersInWords(readers)}: ${inDays(to)} instead of ${inDays(from)}${when}`)
  })
  const list = starts?.length ? starts.join(', ') : 'none; each reader starts individually'
  return [
    ...moved,
    ...(completes > 0
      ? [
          row(
            'closed',
            `${readersInWords(completes)}: the closing letter, instead of waiting for more`,
          ),
        ]
      : []),
    ...(starts ? [row('starts', list)] : []),
    ...(restarted > 0
      ? [row('moved', `${readersInWords(restarted)}: another start, because theirs is gone`)]
      : []),
  ]
}

const inDays = (count: number) => (count === 1 ? '1 day' : `${count} days`)

const whoArePast = ({ readers }: LessonReaders) => `${readersInWords(readers)} who are past it`

function otherInWords(change: DailyChange | LetterChange | KindChange): string[] {
  if (change.kind === 'letter') return letterInWords(change)
  if (change.kind === 'other') return [row('HARM', harmInWords(change))]
  const titles = change.again.map((title) => `“${title}”`).join(', ')
  return [
    row('texts', `${change.dates} of the next 30 dates have another text`),
    ...(change.again.length > 0
      ? [row('TWICE', `in the past 30 days and the next: ${titles}`)]
      : []),
  ]
}

const letterInWords = ({ gap }: LetterChange): string[] =>
  gap
    ? [row('gap', `at least ${inDays(gap.to)} between two letters instead of ${inDays(gap.from)}`)]
    : ['  Only settings and the welcome change.']

const row = (what: string, text: string) => `  ${what.padEnd(9)} ${text}`

/** The same for programs: lessons by id, day and subject. */
function inShort({ folder: _, digest: __, objection, ...proposal }: Proposal) {
  const short = JSON.stringify(proposal, (_, value) =>
    value !== null && typeof value === 'object' && 'practice' in value
      ? { id: value.id, name: value.name, day: value.day, subject: value.subject }
      : value,
  )
  return { ...JSON.parse(short), blocked: objection !== null }
}
