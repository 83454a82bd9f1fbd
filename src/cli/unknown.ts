import { Problem } from '../domain/problem.ts'
import type { Config } from '../platform/config.ts'
import { EXISTING, example, type Print, type Register, withApp } from './command.ts'

export const unknown: Register = (program, { readConfig, print }) =>
  program
    .command('unknown')
    .description('list mails that may or may not have been sent, and decide what to do with them')
    .argument('[id...]', 'only these deliveries')
    .option('--resend', 'send them again, as the same messages')
    .option('--sent', 'mark them as sent')
    .option('--json', 'print as JSON')
    .addHelpText('after', example('dawnpost unknown --resend'))
    .action(async (ids, options) => decideUnknown(await readConfig(), ids, options, print))

/** At most this many are listed. */
const MAX_LISTED = 1_000

async function decideUnknown(
  config: Config,
  ids: readonly string[],
  { resend, sent, json }: { resend?: true; sent?: true; json?: true },
  print: Print,
): Promise<void> {
  if (resend && sent)
    throw new Problem('invalid', 'cli.options.either', {
      params: { one: '--resend', other: '--sent' },
    })
  const stranger = ids.find((id) => !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))
  if (stranger) throw new Problem('invalid', 'cli.options.delivery', { params: { text: stranger } })
  await withApp(
    config,
    async ({ operator: { unknowns } }) => {
      const which = ids.length > 0 ? ids : null
      if (resend) return print(`${await unknowns.resend(which)} will be sent again.`)
      if (sent) return print(`${await unknowns.settle(which)} marked as sent.`)
      const all = await unknowns.list(MAX_LISTED)
      if (json) return print(JSON.stringify(all))
      if (all.length === 0) return print('There are no mails with an unknown outcome.')
      for (const { id, series, kind, day, local_date, reason, server, tries } of all) {
        const via = server ? `, by ${server}` : ''
        print(`${id}  ${local_date}  ${series} ${kind}${day ? ` ${day}` : ''}${via}: ${reason}`)
        for (const failed of tries ?? []) print(`    ${failed}`)
      }
      print('Send them again with --resend, or mark them as sent with --sent.')
    },
    EXISTING,
  )
}
