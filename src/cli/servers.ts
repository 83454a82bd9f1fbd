import { Problem } from '../domain/problem.ts'
import type { Config } from '../platform/config.ts'
import { EXISTING, example, type Print, type Register, withApp } from './command.ts'

export const servers: Register = (program, { readConfig, print }) =>
  program
    .command('servers')
    .description(
      'list SMTP servers that are down, or were halted because they refuse nearly all mail',
    )
    .option('--resume', 'send mail by the halted servers again')
    .option(
      '--believe',
      'the same, and suppress the addresses that they refuse, because they do not exist',
    )
    .option('--json', 'print as JSON')
    .addHelpText('after', example('dawnpost servers --resume'))
    .action(async (options) => decideServers(await readConfig(), options, print))

const ALL_UP = 'All SMTP servers are in use.'
const NOTHING_KNOWN = 'No live worker has an SMTP server, and without one their state is not known.'

async function decideServers(
  config: Config,
  { resume, believe, json }: { resume?: true; believe?: true; json?: true },
  print: Print,
): Promise<void> {
  if (resume && believe)
    throw new Problem('invalid', 'cli.options.either', {
      params: { one: '--resume', other: '--believe' },
    })
  await withApp(
    config,
    async ({ operator: { servers } }) => {
      if (resume || believe) {
        const names = await servers.resume(believe ? 'believe' : 'ask again')
        return print(
          names.length > 0
            ? `Mail is sent by ${names.join(', ')} again.`
            : 'No SMTP server was halted.',
        )
      }
      const { halted, down, up } = await servers.list()
      if (json) return print(JSON.stringify({ halted, down, up }))
      for (const name of down) print(`${name}  down`)
      for (const [name, { refused, since }] of Object.entries(halted)) {
        print(`${name}  halted since ${since}: it refused ${refused} of its last 50 mails`)
      }
      if (down.length + Object.keys(halted).length === 0)
        return print(up.length > 0 ? ALL_UP : NOTHING_KNOWN)
      if (Object.keys(halted).length > 0)
        print(
          'Use it again with --resume, or with --believe if the addresses that it refused do not exist.',
        )
    },
    EXISTING,
  )
}
