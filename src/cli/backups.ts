/** What an operator does about backups. */
import type { App } from '../app/app.ts'
import { backUp, restore } from '../app/backups.ts'
import { Problem } from '../domain/problem.ts'
import type { Config } from '../platform/config.ts'
import { openLog } from '../platform/log.ts'
import { withApp } from './operator.ts'

type Print = (text: string) => void

export async function makeBackup(
  config: Config,
  given: string | undefined,
  print: Print,
): Promise<void> {
  const file = given ?? `dawnpost-${Temporal.Now.plainDateISO()}.backup`
  await backUp(config, { file, now: Temporal.Now.instant(), log: openLog(config.log.level) })
  print(
    config.secretKeys.length > 0
      ? `${file} is written. It holds addresses, and not the SECRET_KEY: keep that, too, and elsewhere.`
      : `${file} is written. It holds addresses and the key that signs links: keep it closed.`,
  )
}

export async function restoreBackup(config: Config, file: string, print: Print): Promise<void> {
  const { rows, madeAt } = await restore(config, {
    file,
    now: Temporal.Now.instant(),
    log: openLog(config.log.level),
  })
  print(`${rows} rows are restored, as they were at ${madeAt}.`)
  print(
    'Nothing is sent until you say what becomes of the mails that were due since: dawnpost resume-from-backup',
  )
}

type Question = Awaited<ReturnType<App['operator']['restored']['ask']>>

interface Decision {
  readonly send?: true
  readonly countAsSent?: true
  readonly until?: Temporal.Instant
  readonly json?: true
}

/**
 * After a restore, by whatever means: asks what is to become of the mails that were due since, and
 * does it.
 */
export async function resumeFromBackup(
  config: Config,
  { send, countAsSent, until: given, json }: Decision,
  print: Print,
): Promise<void> {
  if (send && countAsSent)
    throw new Problem('invalid', 'Use either --send or --count-as-sent, not both.')
  if (given && send)
    throw new Problem('invalid', '--until goes with --count-as-sent: what was due later is sent.')
  await withApp(
    config,
    async ({ now, operator: { restored } }) => {
      const until = given ?? now()
      if (Temporal.Instant.compare(until, now()) > 0)
        throw new Problem('invalid', '--until is in the future.')
      if (send) {
        await restored.send()
        return print(
          'Mail is sent again, also what was due since the backup, as far as its time has not passed.',
        )
      }
      if (countAsSent) {
        const counted = await restored.countAsSent(until)
        return print(`${counted} mails are counted as sent. Whatever is due from now on is sent.`)
      }
      const question = await restored.ask(until)
      if (json) return print(JSON.stringify(question))
      for (const line of asked(question)) print(line)
    },
    { existing: true },
  )
}

function asked({ held, from, until, due }: Question): string[] {
  if (due.length === 0) {
    return [
      held
        ? 'Nothing was due since the backup. Let mail leave again with --send.'
        : 'Nothing was due since the last sign of life in this database, so there is nothing to decide.',
    ]
  }
  const since = from ? `between ${from}, when the backup was made, and ${until}` : `until ${until}`
  const widest = Math.max(...due.map(({ series }) => series.length))
  return [
    `Nothing is sent until you decide. These mails were due ${since}:`,
    ...due.map(({ series, date, mails }) => `  ${date}  ${series.padEnd(widest)}  ${mails}`),
    'If they were sent before the restore:         dawnpost resume-from-backup --count-as-sent',
    'If only those were sent that were due before:  dawnpost resume-from-backup --count-as-sent --until <time>',
    'If they were not sent:                         dawnpost resume-from-backup --send',
    'A mail that is sent a second time has the Message-ID of the first, and most mailboxes show it once.',
  ]
}
