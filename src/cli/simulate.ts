import { InvalidArgumentError, Option } from 'commander'
import { parseDate } from '../domain/rhythm.ts'
import type { Config } from '../platform/config.ts'
import { example, type Register } from './command.ts'
import { type RhythmOptions, rhythmFrom, rhythmOptions } from './options.ts'
import type { SimulatedMail } from './simulation.ts'

export const simulateCommand: Register = (program, { readConfig, print, stop }) =>
  rhythmOptions(
    program
      .command('simulate')
      .description('run through a course in seconds and print its calendar; sends nothing')
      .option('--course <slug>', 'slug of the course or daily (default: the first course)'),
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
    .option('--json', 'print only JSON to stdout, one line per mail')
    .addHelpText(
      'after',
      example('dawnpost simulate --course inner-wisdom --zone Europe/Berlin --start 2027-03-20'),
    )
    .action(async (options) => calendar(await readConfig(), options, print, stop.orderly()))

function date(text: string): Temporal.PlainDate {
  const read = parseDate(text)
  if (read) return read
  throw new InvalidArgumentError('Use a date like 2027-03-20.')
}

function days(text: string): number {
  if (/^\d{1,4}$/.test(text) && Number(text) > 0) return Number(text)
  throw new InvalidArgumentError('Use a number of days from 1 to 9999.')
}

interface CalendarOptions extends RhythmOptions {
  readonly course?: string
  readonly start: Temporal.PlainDate
  readonly days: number
  readonly daily: boolean
  readonly json?: true
}

/**
 * Prints a simulation, one row or one line of JSON per mail. A bar on stderr shows its progress.
 */
async function calendar(
  config: Config,
  options: CalendarOptions,
  print: (text: string) => void,
  signal: AbortSignal,
) {
  const { course, start, days, daily, json } = options
  const rhythm = rhythmFrom(options, config.site.settings)
  const { simulate } = await import('./simulation.ts')
  const bar = progressBar(days)
  if (!json)
    print(
      row({
        day: 'day',
        kind: 'kind',
        local: 'local time',
        utc: 'UTC',
        subject: 'subject',
        messageId: 'Message-ID',
      }),
    )
  const quiet = {
    ...config,
    log: { level: config.log.level === 'info' ? 'warn' : config.log.level },
  } as Config
  await simulate(
    quiet,
    { course, start, days, daily, rhythm },
    {
      mail: (mail) => {
        bar.clear()
        print(
          json
            ? JSON.stringify(mail)
            : row({
                ...mail,
                kind: mail.kind + (mail.companion ? ', inspiration' : ''),
                day: String(mail.day ?? ''),
              }),
        )
      },
      progress: bar.show,
    },
    signal,
  )
  bar.clear()
}

const row = ({
  day,
  kind,
  local,
  utc,
  subject,
  messageId,
}: Omit<SimulatedMail, 'day' | 'series' | 'companion'> & { day: string }) =>
  [
    day.padStart(4),
    kind.padEnd(19),
    local.padEnd(16),
    utc.padEnd(20),
    subject.padEnd(46),
    messageId,
  ].join('  ')

const WIDTH = 30

function progressBar(days: number) {
  const { stderr } = process
  const write = (text: string) => stderr.isTTY && stderr.write(`\r\x1b[K${text}`)
  return {
    clear: () => write(''),
    show: (done: number) => {
      const filled = Math.round((WIDTH * Math.min(done, days)) / days)
      write(
        `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} day ${Math.min(done, days)} of ${days}`,
      )
    },
  }
}
