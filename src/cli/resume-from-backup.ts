import { InvalidArgumentError, Option } from 'commander'
import type { App } from '../app/app.ts'
import { Problem } from '../domain/problem.ts'
import type { Config } from '../platform/config.ts'
import { EXISTING, example, type Print, type Register, withApp } from './command.ts'

export const resumeFromBackupCommand: Register = (program, { readConfig, print }) =>
  program
    .command('resume-from-backup')
    .description('after a restore, decide what happens to the mails that were due since the backup')
    .option('--send', 'send them: they have not been sent')
    .option('--count-as-sent', 'do not send them: they were sent before the restore')
    .addOption(
      new Option(
        '--until <time>',
        'with --count-as-sent: only those that were due by then',
      ).argParser(instant),
    )
    .option('--json', 'print what was due as JSON')
    .addHelpText(
      'after',
      example('dawnpost resume-from-backup --count-as-sent --until 2027-03-20T08:15:00Z'),
    )
    .action(async (options) => resumeFromBackup(await readConfig(), options, print))

function instant(text: string): Temporal.Instant {
  try {
    return Temporal.Instant.from(text)
  } catch {
    throw new InvalidArgumentError('Use a time with its offset, like 2027-03-20T09:15:00+01:00.')
  }
}

type RestoreQuestion = Awaited<ReturnType<App['operator']['restored']['ask']>>

interface Decision {
  readonly send?: true
  readonly countAsSent?: true
  readonly until?: Temporal.Instant
  readonly json?: true
}

/**
 * Asks what should become of the mails that were due since a restored backup was made, by whatever
 * means it was restored, and does it.
 */
async function resumeFromBackup(
  config: Config,
  { send, countAsSent, until: given, json }: Decision,
  print: Print,
): Promise<void> {
  if (send && countAsSent)
    throw new Problem('invalid', 'cli.options.either', {
      params: { one: '--send', other: '--count-as-sent' },
    })
  if (given && send) throw new Problem('invalid', 'cli.options.until-alone')
  await withApp(
    config,
    async ({ now, operator: { restored } }) => {
      const until = given ?? now()
      if (Temporal.Instant.compare(until, now()) > 0)
        throw new Problem('invalid', 'cli.options.until-future')
      if (send) {
        await restored.send()
        return print(
          'Sending has resumed. Mails that were due since the backup are sent, too, unless their time has passed.',
        )
      }
      if (countAsSent) {
        const counted = await restored.countAsSent(until)
        return print(`${counted} mails are counted as sent. Mails due later are sent.`)
      }
      const question = await restored.ask(until)
      if (json) return print(JSON.stringify(question))
      for (const line of questionLines(question)) print(line)
    },
    EXISTING,
  )
}

function questionLines({ held, from, until, due }: RestoreQuestion): string[] {
  if (due.length === 0) {
    return [
      held
        ? 'Nothing was due since the backup. Resume sending with --send.'
        : 'Nothing was due since this database was last in use, so there is nothing to decide.',
    ]
  }
  const since = from ? `between ${from}, when the backup was made, and ${until}` : `until ${until}`
  const widest = Math.max(...due.map(({ series }) => series.length))
  return [
    `Nothing is sent until you decide. These mails were due ${since}:`,
    ...due.map(({ series, date, mails }) => `  ${date}  ${series.padEnd(widest)}  ${mails}`),
    'If they were sent before the restore:         dawnpost resume-from-backup --count-as-sent',
    'If only those due by some time were sent:      dawnpost resume-from-backup --count-as-sent --until <time>',
    'If they were not sent:                         dawnpost resume-from-backup --send',
    'A mail that is sent twice has the same Message-ID both times, and most mailboxes show it once.',
  ]
}
