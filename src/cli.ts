/** The command line. Exit codes: 0 done, 1 failed, 2 used wrongly. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { ConfigError, readConfig, readHosts } from './config.ts'
import { ContentError } from './domain/faults.ts'
import { messageOf, Problem } from './domain/problem.ts'
import { dateOf } from './domain/rhythm.ts'

const FAILED = 1
const WRONG_USE = 2

const print = (text: string) => process.stdout.write(`${text}\n`)
const complain = (text: string) => process.stderr.write(`${text}\n`)

const example = (line: string) => `\nExample:\n  $ ${line}\n`

// `dawnpost … | head` closes the pipe early; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

const program = new Command('dawnpost')
  .version(manifest.version)
  .description('Courses by mail, one lesson a day at the reader’s own morning.')
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })
  .addHelpText('after', example('dawnpost start'))

program
  .command('start')
  .description('run everything in one process: pages, planner and sender')
  .addHelpText('after', example('PORT=8080 dawnpost start'))
  .action(async () => (await import('./cli/run.ts')).run(readConfig(process.env), ['web', 'worker'], print))

program
  .command('web')
  .description('run the pages only')
  .addHelpText('after', example('DATABASE_URL=postgres://… REDIS_URL=redis://… dawnpost web'))
  .action(async () => (await import('./cli/run.ts')).run(readConfig(process.env), ['web'], print))

program
  .command('worker')
  .description('run planner and sender only; any number of them')
  .addHelpText(
    'after',
    example('DATABASE_URL=postgres://… REDIS_URL=redis://… SMTP_URL=smtp://… dawnpost worker'),
  )
  .action(async () => (await import('./cli/run.ts')).run(readConfig(process.env), ['worker'], print))

program
  .command('migrate')
  .description('bring the database up to date')
  .addHelpText('after', example('DATABASE_URL=postgres://… dawnpost migrate'))
  .action(async () => (await import('./cli/keeper.ts')).migrateDatabase(readConfig(process.env), print))

const rhythmOptions = (command: Command) =>
  command
    .option('--time <HH:MM>', 'time of day', '07:00')
    .option('--zone <zone>', 'IANA time zone', 'UTC')
    .option('--weekdays <list>', 'weekdays, 1 is Monday; those of the course when not given')

rhythmOptions(
  program
    .command('enroll')
    .description('enroll somebody, who gets a mail to confirm')
    .argument('<address>', 'email address')
    .option('--course <slug>', 'the course or daily', 'inner-wisdom')
    .option('--name <first name>', 'first name', ''),
)
  .option('--confirmed <source>', 'confirm at once; says where the consent comes from, for the record')
  .addHelpText('after', example('dawnpost enroll you@example.com --time 06:45 --zone Europe/Berlin'))
  .action(async (address, options) =>
    (await import('./cli/keeper.ts')).enrollSomebody(readConfig(process.env), address, options, print),
  )

program
  .command('unsubscribe')
  .description('end what somebody gets')
  .argument('<address>', 'email address')
  .option('--course <slug>', 'only this course or daily; otherwise everything')
  .addHelpText('after', example('dawnpost unsubscribe you@example.com'))
  .action(async (address, options) =>
    (await import('./cli/keeper.ts')).unsubscribeSomebody(readConfig(process.env), address, options, print),
  )

program
  .command('export')
  .description('print all that is known of somebody, as JSON')
  .argument('<address>', 'email address')
  .addHelpText('after', example('dawnpost export you@example.com > you.json'))
  .action(async (address) =>
    (await import('./cli/keeper.ts')).exportSomebody(readConfig(process.env), address, print),
  )

program
  .command('erase')
  .description('delete somebody and all that is known of them, at once and for good')
  .argument('<address>', 'email address')
  .addHelpText('after', example('dawnpost erase you@example.com'))
  .action(async (address) =>
    (await import('./cli/keeper.ts')).eraseSomebody(readConfig(process.env), address, print),
  )

rhythmOptions(
  program
    .command('simulate')
    .description('live a course in seconds and print its calendar; touches no one')
    .option('--course <slug>', 'the course or daily', 'inner-wisdom'),
)
  .option('--start <date>', 'local date of enrolling, like 2027-03-20', date, Temporal.Now.plainDateISO())
  .addOption(new Option('--days <number>', 'days to live').argParser(days).default(40))
  .option('--no-daily', 'without the daily inspiration')
  .option('--json', 'one JSON object a line a mail, and nothing else, on stdout')
  .addHelpText(
    'after',
    example('dawnpost simulate --course inner-wisdom --zone Europe/Berlin --start 2027-03-20'),
  )
  .action(async (options) =>
    (await import('./cli/calendar.ts')).calendar(readConfig(process.env), options, print, interrupted()),
  )

program
  .command('new')
  .description('begin a course or a daily: a small, complete folder to write over, or mails kept elsewhere')
  .addArgument(new Argument('<what>', 'what to begin').choices(['course', 'daily']))
  .argument('<slug>', 'its folder, which stands in addresses: choose it once')
  .option('--title <title>', 'as readers see it; made from the slug when not given')
  .option('--courses <dir>', 'where the courses are; the folder beside src when not given')
  .option('--from <folder|csv>', 'a folder of HTML or Markdown mails, or a CSV with day, subject and body')
  .addHelpText('after', example('dawnpost new course morning-pages --from ./old-mails'))
  .action(async (what, slug, options) => {
    const { newCourse, newDaily } = await import('./cli/new-course.ts')
    await (what === 'daily' ? newDaily : newCourse)(slug, options, print)
  })

program
  .command('preview')
  .description('show every mail as readers will see it, and follow the files as they are saved')
  .option('--courses <dir>', 'where the courses are; the folder beside src when not given')
  .addOption(new Option('--port <number>', 'where it is shown').argParser(portNumber).default(4000))
  .addHelpText('after', example('dawnpost preview'))
  .action(async (options) =>
    (await import('./cli/preview.ts')).preview(
      { ...options, hosts: readHosts(process.env) },
      print,
      interrupted(),
    ),
  )

program
  .command('send-test')
  .description('send one mail of a course to yourself, through the real transport')
  .argument('<course>', 'the course or daily')
  .argument('<day>', 'number of the lesson, date of the inspiration, welcome or completion')
  .requiredOption('--to <address>', 'where to')
  .option('--name <first name>', 'whom it speaks to', '')
  .addHelpText('after', example('dawnpost send-test inner-wisdom 7 --to you@example.com'))
  .action(async (course, which, { to, name }) =>
    (await import('./cli/keeper.ts')).sendTestMail(
      readConfig(process.env),
      { course, which, to, name },
      print,
    ),
  )

program
  .command('check')
  .description('look for mistakes in the courses folder; fails when there is an error, for a build')
  .option('--courses <dir>', 'the folder of the courses; otherwise the one beside src')
  .option('--json', 'one JSON object, and nothing else, on stdout')
  .addHelpText('after', example('dawnpost check --courses ./courses'))
  .action(async (options) => {
    const { checkCourses } = await import('./cli/check.ts')
    const cacheDir = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
    const terminal = { isTTY: process.stderr.isTTY, write: (text: string) => process.stderr.write(text) }
    if (!(await checkCourses({ ...options, cacheDir }, print, terminal))) process.exitCode = FAILED
  })

program
  .command('diff')
  .description(
    'tell what the courses folder would change for those who are on their way; fails when it would do harm',
  )
  .argument('[git-ref]', 'compare with the folder as it was there, instead of with what is live')
  .option('--courses <dir>', 'the folder of the courses; otherwise the one beside src')
  .option('--accept', 'take it up all the same')
  .option('--json', 'one JSON object, and nothing else, on stdout')
  .addHelpText('after', example('dawnpost diff'))
  .action(async (ref, options) => {
    const { diff } = await import('./cli/diff.ts')
    if (!(await diff(readConfig(process.env), { ...options, ref }, print))) process.exitCode = FAILED
  })

program
  .command('status')
  .description('tell what is enrolled, due, queued and sent, and which courses are live')
  .option('--json', 'as JSON')
  .addHelpText('after', example('dawnpost status --json'))
  .action(async (options) =>
    (await import('./cli/keeper.ts')).showStatus(readConfig(process.env), options, print),
  )

program
  .command('unknown')
  .description('list mails of which nobody knows whether they left, and decide about them')
  .argument('[id...]', 'only these')
  .option('--resend', 'send them again, as the same messages')
  .option('--sent', 'count them as sent')
  .option('--json', 'as JSON')
  .addHelpText('after', example('dawnpost unknown --resend'))
  .action(async (ids, options) =>
    (await import('./cli/keeper.ts')).decideUnknown(readConfig(process.env), ids, options, print),
  )

/** Aborted by the first signal, so that a command can clean up after itself; the second ends it at once. */
function interrupted(): AbortSignal {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => (stop.signal.aborted ? process.exit(130) : stop.abort()))
  }
  return stop.signal
}

function date(text: string): Temporal.PlainDate {
  const read = dateOf(text)
  if (read) return read
  throw new InvalidArgumentError('Give a date like 2027-03-20.')
}

function portNumber(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new InvalidArgumentError('Give a port from 0 to 65535.')
}

function days(text: string): number {
  if (/^\d{1,4}$/.test(text) && Number(text) > 0) return Number(text)
  throw new InvalidArgumentError('Give a number of days from 1 to 9999.')
}

/** Says what went wrong in a line or a list; a stack is for bugs only. */
function exitCodeOf(thrown: unknown): number {
  if (thrown instanceof SuppressedError) return exitCodeOf(thrown.suppressed)
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : WRONG_USE
  if (thrown instanceof ConfigError) {
    complain('Dawnpost cannot start with this environment:')
    for (const fault of thrown.faults) complain(`  ${fault}`)
  } else if (thrown instanceof ContentError) {
    complain('The courses folder cannot be used:')
    for (const { file, line, message } of thrown.faults) complain(`  courses/${file}:${line} ${message}`)
  } else if (thrown instanceof Problem) {
    complain(thrown.message)
    for (const [name, message] of Object.entries(thrown.fields)) complain(`  ${name}: ${message}`)
    if (thrown.code === 'invalid') return WRONG_USE
  } else {
    complain(thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown))
  }
  return FAILED
}

try {
  await program.parseAsync()
} catch (thrown) {
  process.exitCode = exitCodeOf(thrown)
}
