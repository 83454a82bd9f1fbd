/**
 * The commands by what they are for; each file that does the work is read when its command runs.
 */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Argument, type Command, InvalidArgumentError, Option } from 'commander'
import { dateOf } from '../domain/rhythm.ts'
import { type Env, readConfig, readHosts } from '../platform/config.ts'
import type { Terminal } from './check.ts'
import type { Half } from './run.ts'
import type { Stop } from './stop.ts'

/** What a command is given. */
export interface Context {
  readonly env: Env
  /** Prints a line. */
  readonly print: (text: string) => void
  readonly stop: Stop
  /** The command has done its work, and what it found is a failure. */
  readonly fail: () => void
  /** For what changes while one looks on. */
  readonly terminal: Terminal
}

/** A line to type, beneath the help of a command. */
export const example = (line: string) => `\nExample:\n  $ ${line}\n`

/** What stays until it is stopped, and what comes before it. */
export function running(program: Command, context: Context) {
  const { env, print } = context
  program
    .command('start')
    .description('run everything in one process: web pages, planner and sender')
    .addHelpText('after', example('PORT=8080 dawnpost start'))
    .action(() => runHalves(['web', 'worker'], context))

  program
    .command('web')
    .description('run the web pages only')
    .addHelpText('after', example('DATABASE_URL=postgres://… REDIS_URL=redis://… dawnpost web'))
    .action(() => runHalves(['web'], context))

  program
    .command('worker')
    .description('run the planner and sender only; start as many as you need')
    .addHelpText(
      'after',
      example('DATABASE_URL=postgres://… REDIS_URL=redis://… SMTP_URL=smtp://… dawnpost worker'),
    )
    .action(() => runHalves(['worker'], context))

  program
    .command('migrate')
    .description('bring the database up to date')
    .addHelpText('after', example('DATABASE_URL=postgres://… dawnpost migrate'))
    .action(async () => (await import('./operator.ts')).migrateDatabase(readConfig(env), print))
}

const rhythmOptions = (command: Command) =>
  command
    .option('--time <HH:MM>', 'time of day', '07:00')
    .option('--zone <zone>', 'IANA time zone', 'UTC')
    .option('--weekdays <list>', 'weekdays, 1 is Monday (default: those of the course)')

/** What an operator does for one person. */
export function aboutReaders(program: Command, { env, print }: Context) {
  rhythmOptions(
    program
      .command('enroll')
      .description('enroll someone and send them a confirmation email')
      .argument('<address>', 'email address')
      .option('--course <slug>', 'slug of the course or daily', 'inner-wisdom')
      .option('--name <first name>', 'first name', ''),
  )
    .option('--confirmed <source>', 'confirm right away; records where the consent comes from')
    .addHelpText(
      'after',
      example('dawnpost enroll you@example.com --time 06:45 --zone Europe/Berlin'),
    )
    .action(async (address, options) =>
      (await import('./operator.ts')).enrollSomebody(readConfig(env), address, options, print),
    )

  program
    .command('unsubscribe')
    .description('unsubscribe someone')
    .argument('<address>', 'email address')
    .option('--course <slug>', 'only this course or daily (default: everything)')
    .addHelpText('after', example('dawnpost unsubscribe you@example.com'))
    .action(async (address, options) =>
      (await import('./operator.ts')).unsubscribeSomebody(readConfig(env), address, options, print),
    )

  program
    .command('mails')
    .description(
      'show how the last mails to someone fared: when, by which SMTP server, and what it said',
    )
    .argument('<address>', 'email address')
    .option('--json', 'print as JSON')
    .addHelpText('after', example('dawnpost mails you@example.com'))
    .action(async (address, options) =>
      (await import('./operator.ts')).showMails(readConfig(env), address, options, print),
    )

  program
    .command('export')
    .description('print everything stored about someone, as JSON')
    .argument('<address>', 'email address')
    .addHelpText('after', example('dawnpost export you@example.com > you.json'))
    .action(async (address) =>
      (await import('./operator.ts')).exportSomebody(readConfig(env), address, print),
    )

  program
    .command('erase')
    .description('delete everything stored about someone, permanently')
    .argument('<address>', 'email address')
    .addHelpText('after', example('dawnpost erase you@example.com'))
    .action(async (address) =>
      (await import('./operator.ts')).eraseSomebody(readConfig(env), address, print),
    )
}

/** Writing a course, and trying it. */
export function forAuthors(program: Command, { env, print, stop, fail, terminal }: Context) {
  rhythmOptions(
    program
      .command('simulate')
      .description('run through a course in seconds and print its calendar; sends nothing')
      .option('--course <slug>', 'slug of the course or daily', 'inner-wisdom'),
  )
    .option(
      '--start <date>',
      'local date of enrollment, like 2027-03-20',
      date,
      Temporal.Now.plainDateISO(),
    )
    .addOption(
      new Option('--days <number>', 'number of days to simulate').argParser(days).default(40),
    )
    .option('--no-daily', 'without the daily inspiration')
    .option('--json', 'print only JSON to stdout, one object per line and mail')
    .addHelpText(
      'after',
      example('dawnpost simulate --course inner-wisdom --zone Europe/Berlin --start 2027-03-20'),
    )
    .action(async (options) =>
      (await import('./calendar.ts')).calendar(readConfig(env), options, print, stop.orderly()),
    )

  program
    .command('new')
    .description('create a course or daily from a small, complete sample, or import existing mails')
    .addArgument(new Argument('<what>', 'what to create').choices(['course', 'daily']))
    .argument('<slug>', 'its folder name, also used in web addresses; cannot be changed later')
    .option('--title <title>', 'title that readers see (default: made from the slug)')
    .option('--courses <dir>', 'courses folder (default: courses, next to src)')
    .option(
      '--from <folder|csv>',
      'folder of HTML or Markdown mails, or a CSV file with day, subject and body',
    )
    .addHelpText('after', example('dawnpost new course morning-pages --from ./old-mails'))
    .action(async (what, slug, options) => {
      const { newCourse, newDaily } = await import('./new-course.ts')
      await (what === 'daily' ? newDaily : newCourse)(slug, options, print)
    })

  program
    .command('preview')
    .description('show every mail as readers will see it, and update as files are saved')
    .option('--courses <dir>', 'courses folder (default: courses, next to src)')
    .addOption(
      new Option('--port <number>', 'port to listen on').argParser(portNumber).default(4000),
    )
    .addHelpText('after', example('dawnpost preview'))
    .action(async (options) =>
      (await import('./preview.ts')).preview(
        { ...options, hosts: readHosts(env) },
        print,
        stop.orderly(),
      ),
    )

  program
    .command('send-test')
    .description('send one mail of a course to yourself, over the real mail server')
    .argument('<course>', 'slug of the course or daily')
    .argument(
      '<day>',
      'number of the lesson, date of the inspiration, or "welcome" or "completion"',
    )
    .requiredOption('--to <address>', 'recipient address')
    .option('--name <first name>', 'first name to use in the mail', '')
    .addHelpText('after', example('dawnpost send-test inner-wisdom 7 --to you@example.com'))
    .action(async (course, which, { to, name }) =>
      (await import('./operator.ts')).sendTestMail(
        readConfig(env),
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
      const { checkCourses } = await import('./check.ts')
      const cacheDir = env.XDG_CACHE_HOME || join(homedir(), '.cache')
      if (!(await checkCourses({ ...options, cacheDir }, print, terminal))) fail()
    })

  program
    .command('diff')
    .description(
      'show what the courses folder would change for current readers; fails if it would do harm',
    )
    .argument('[git-ref]', 'compare with the folder at this Git ref instead of with what is live')
    .option('--courses <dir>', 'courses folder (default: courses, next to src)')
    .option('--accept', 'make the folder live anyway')
    .option('--json', 'print only one JSON object to stdout')
    .addHelpText('after', example('dawnpost diff'))
    .action(async (ref, options) => {
      const { diff } = await import('./diff.ts')
      if (!(await diff(readConfig(env), { ...options, ref }, print))) fail()
    })
}

/** How the installation fares. */
export function forOperators(program: Command, { env, print }: Context) {
  program
    .command('status')
    .description('show enrollments, due, queued and sent mails, and live courses')
    .option('--json', 'print as JSON')
    .addHelpText('after', example('dawnpost status --json'))
    .action(async (options) =>
      (await import('./operator.ts')).showStatus(readConfig(env), options, print),
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
      (await import('./operator.ts')).decideUnknown(readConfig(env), ids, options, print),
    )

  program
    .command('servers')
    .description(
      'list SMTP servers that are down, or were halted because they refuse nearly all mail',
    )
    .option('--resume', 'send mail by the halted ones again')
    .option(
      '--believe',
      'the same, and suppress the addresses they refuse: they really do not exist',
    )
    .option('--json', 'print as JSON')
    .addHelpText('after', example('dawnpost servers --resume'))
    .action(async (options) =>
      (await import('./operator.ts')).decideServers(readConfig(env), options, print),
    )
}

async function runHalves(halves: readonly Half[], { env, print, stop }: Context) {
  const { run } = await import('./run.ts')
  await run(readConfig(env), halves, { print, stop: stop.orderly() })
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
