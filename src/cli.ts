/** The command line. Exit codes: 0 done, 1 failed, 2 used wrongly. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { addBackupCommands } from './cli/backup-commands.ts'
import type { Half } from './cli/run.ts'
import { openStop } from './cli/stop.ts'
import { ConfigError, readConfig, readHosts } from './config.ts'
import { ContentError } from './domain/faults.ts'
import { messageOf, Problem } from './domain/problem.ts'
import { dateOf } from './domain/rhythm.ts'

const FAILED = 1
const WRONG_USE = 2

const { DAWNPOST_PARENT: parent } = process.env
delete process.env.DAWNPOST_PARENT
const stop = openStop(parent === undefined ? null : Number(parent))

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
  .description('Email courses, one lesson a day at the time each reader chooses.')
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })
  .addHelpText('after', example('dawnpost start'))

program
  .command('start')
  .description('run everything in one process: web pages, planner and sender')
  .addHelpText('after', example('PORT=8080 dawnpost start'))
  .action(() => runHalves(['web', 'worker']))

program
  .command('web')
  .description('run the web pages only')
  .addHelpText('after', example('DATABASE_URL=postgres://… REDIS_URL=redis://… dawnpost web'))
  .action(() => runHalves(['web']))

program
  .command('worker')
  .description('run the planner and sender only; start as many as you need')
  .addHelpText(
    'after',
    example('DATABASE_URL=postgres://… REDIS_URL=redis://… SMTP_URL=smtp://… dawnpost worker'),
  )
  .action(() => runHalves(['worker']))

program
  .command('migrate')
  .description('bring the database up to date')
  .addHelpText('after', example('DATABASE_URL=postgres://… dawnpost migrate'))
  .action(async () => (await import('./cli/keeper.ts')).migrateDatabase(readConfig(process.env), print))

const rhythmOptions = (command: Command) =>
  command
    .option('--time <HH:MM>', 'time of day', '07:00')
    .option('--zone <zone>', 'IANA time zone', 'UTC')
    .option('--weekdays <list>', 'weekdays, 1 is Monday (default: those of the course)')

rhythmOptions(
  program
    .command('enroll')
    .description('enroll someone and send them a confirmation email')
    .argument('<address>', 'email address')
    .option('--course <slug>', 'slug of the course or daily', 'inner-wisdom')
    .option('--name <first name>', 'first name', ''),
)
  .option('--confirmed <source>', 'confirm right away; records where the consent comes from')
  .addHelpText('after', example('dawnpost enroll you@example.com --time 06:45 --zone Europe/Berlin'))
  .action(async (address, options) =>
    (await import('./cli/keeper.ts')).enrollSomebody(readConfig(process.env), address, options, print),
  )

program
  .command('unsubscribe')
  .description('unsubscribe someone')
  .argument('<address>', 'email address')
  .option('--course <slug>', 'only this course or daily (default: everything)')
  .addHelpText('after', example('dawnpost unsubscribe you@example.com'))
  .action(async (address, options) =>
    (await import('./cli/keeper.ts')).unsubscribeSomebody(readConfig(process.env), address, options, print),
  )

program
  .command('mails')
  .description('show how the last mails to someone fared: when, by which SMTP server, and what it said')
  .argument('<address>', 'email address')
  .option('--json', 'print as JSON')
  .addHelpText('after', example('dawnpost mails you@example.com'))
  .action(async (address, options) =>
    (await import('./cli/keeper.ts')).showMails(readConfig(process.env), address, options, print),
  )

program
  .command('export')
  .description('print everything stored about someone, as JSON')
  .argument('<address>', 'email address')
  .addHelpText('after', example('dawnpost export you@example.com > you.json'))
  .action(async (address) =>
    (await import('./cli/keeper.ts')).exportSomebody(readConfig(process.env), address, print),
  )

program
  .command('erase')
  .description('delete everything stored about someone, permanently')
  .argument('<address>', 'email address')
  .addHelpText('after', example('dawnpost erase you@example.com'))
  .action(async (address) =>
    (await import('./cli/keeper.ts')).eraseSomebody(readConfig(process.env), address, print),
  )

rhythmOptions(
  program
    .command('simulate')
    .description('run through a course in seconds and print its calendar; sends nothing')
    .option('--course <slug>', 'slug of the course or daily', 'inner-wisdom'),
)
  .option('--start <date>', 'local date of enrollment, like 2027-03-20', date, Temporal.Now.plainDateISO())
  .addOption(new Option('--days <number>', 'number of days to simulate').argParser(days).default(40))
  .option('--no-daily', 'without the daily inspiration')
  .option('--json', 'print only JSON to stdout, one object per line and mail')
  .addHelpText(
    'after',
    example('dawnpost simulate --course inner-wisdom --zone Europe/Berlin --start 2027-03-20'),
  )
  .action(async (options) =>
    (await import('./cli/calendar.ts')).calendar(readConfig(process.env), options, print, stop.orderly()),
  )

program
  .command('new')
  .description('create a course or daily from a small, complete sample, or import existing mails')
  .addArgument(new Argument('<what>', 'what to create').choices(['course', 'daily']))
  .argument('<slug>', 'its folder name, also used in web addresses; cannot be changed later')
  .option('--title <title>', 'title that readers see (default: made from the slug)')
  .option('--courses <dir>', 'courses folder (default: courses, next to src)')
  .option('--from <folder|csv>', 'folder of HTML or Markdown mails, or a CSV file with day, subject and body')
  .addHelpText('after', example('dawnpost new course morning-pages --from ./old-mails'))
  .action(async (what, slug, options) => {
    const { newCourse, newDaily } = await import('./cli/new-course.ts')
    await (what === 'daily' ? newDaily : newCourse)(slug, options, print)
  })

program
  .command('preview')
  .description('show every mail as readers will see it, and update as files are saved')
  .option('--courses <dir>', 'courses folder (default: courses, next to src)')
  .addOption(new Option('--port <number>', 'port to listen on').argParser(portNumber).default(4000))
  .addHelpText('after', example('dawnpost preview'))
  .action(async (options) =>
    (await import('./cli/preview.ts')).preview(
      { ...options, hosts: readHosts(process.env) },
      print,
      stop.orderly(),
    ),
  )

program
  .command('send-test')
  .description('send one mail of a course to yourself, over the real mail server')
  .argument('<course>', 'slug of the course or daily')
  .argument('<day>', 'number of the lesson, date of the inspiration, or "welcome" or "completion"')
  .requiredOption('--to <address>', 'recipient address')
  .option('--name <first name>', 'first name to use in the mail', '')
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
  .description('check the courses folder for mistakes; fails on errors, for use in a build')
  .option('--courses <dir>', 'courses folder (default: courses, next to src)')
  .option('--json', 'print only one JSON object to stdout')
  .addHelpText('after', example('dawnpost check --courses ./courses'))
  .action(async (options) => {
    const { checkCourses } = await import('./cli/check.ts')
    const cacheDir = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
    const terminal = { isTTY: process.stderr.isTTY, write: (text: string) => process.stderr.write(text) }
    if (!(await checkCourses({ ...options, cacheDir }, print, terminal))) process.exitCode = FAILED
  })

program
  .command('diff')
  .description('show what the courses folder would change for current readers; fails if it would do harm')
  .argument('[git-ref]', 'compare with the folder at this Git ref instead of with what is live')
  .option('--courses <dir>', 'courses folder (default: courses, next to src)')
  .option('--accept', 'make the folder live anyway')
  .option('--json', 'print only one JSON object to stdout')
  .addHelpText('after', example('dawnpost diff'))
  .action(async (ref, options) => {
    const { diff } = await import('./cli/diff.ts')
    if (!(await diff(readConfig(process.env), { ...options, ref }, print))) process.exitCode = FAILED
  })

program
  .command('status')
  .description('show enrollments, due, queued and sent mails, and live courses')
  .option('--json', 'print as JSON')
  .addHelpText('after', example('dawnpost status --json'))
  .action(async (options) =>
    (await import('./cli/keeper.ts')).showStatus(readConfig(process.env), options, print),
  )

program
  .command('unknown')
  .description('list mails that may or may not have been sent, and decide what to do with them')
  .argument('[id...]', 'only these deliveries')
  .option('--resend', 'send them again, as the same messages')
  .option('--sent', 'mark them as sent')
  .option('--json', 'print as JSON')
  .addHelpText('after', example('dawnpost unknown --resend'))
  .action(async (ids, options) =>
    (await import('./cli/keeper.ts')).decideUnknown(readConfig(process.env), ids, options, print),
  )

program
  .command('servers')
  .description('list SMTP servers that are down, or were halted because they refuse nearly all mail')
  .option('--resume', 'send mail by the halted ones again')
  .option('--believe', 'the same, and suppress the addresses they refuse: they really do not exist')
  .option('--json', 'print as JSON')
  .addHelpText('after', example('dawnpost servers --resume'))
  .action(async (options) =>
    (await import('./cli/keeper.ts')).decideServers(readConfig(process.env), options, print),
  )

addBackupCommands(program, { print, example, config: () => readConfig(process.env) })

async function runHalves(halves: readonly Half[]) {
  const { run } = await import('./cli/run.ts')
  await run(readConfig(process.env), halves, { print, stop: stop.orderly() })
}

function date(text: string): Temporal.PlainDate {
  const read = dateOf(text)
  if (read) return read
  throw new InvalidArgumentError('Use a date like 2027-03-20.')
}

function portNumber(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new InvalidArgumentError('Use a port from 0 to 65535.')
}

function days(text: string): number {
  if (/^\d{1,4}$/.test(text) && Number(text) > 0) return Number(text)
  throw new InvalidArgumentError('Use a number of days from 1 to 9999.')
}

/** Says what went wrong in a line or a list; a stack is for bugs only. */
function exitCodeOf(thrown: unknown): number {
  if (thrown instanceof SuppressedError) return exitCodeOf(thrown.suppressed)
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : WRONG_USE
  if (thrown instanceof ConfigError) {
    complain('Dawnpost cannot start with these settings:')
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
