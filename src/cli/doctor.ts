/** Finds out what is wrong: before the first mail, and when mail does not arrive. */
import { GROUPS, type Group, recordsOf, summaryOf } from '../domain/doctor/finding.ts'
import { readIp } from '../domain/doctor/ip.ts'
import { Problem } from '../domain/problem.ts'
import { example, type Register } from './command.ts'
import { inLines } from './doctor-report.ts'

export const doctor: Register = (program, { env, cwd, site, print, fail }) =>
  program
    .command('doctor')
    .description(
      'check all that mail needs: settings, database, relay, DNS, pages; say what to fix; fails on errors',
    )
    .option('--json', 'print only one JSON object to stdout')
    .option('--only <groups>', `only these, separated by commas: ${GROUPS.join(', ')}`)
    .option('--sending-ip <address>', 'IP address that mail leaves from, to check DNS against')
    .option('--blocklists', 'also query public blocklists (implied by --sending-ip)')
    .option(
      '--resolver <address>',
      'DNS server to ask, as ip or ip:port (default: those of this machine)',
    )
    .addHelpText('after', example('dawnpost doctor --only dns --sending-ip 192.0.2.25'))
    .action(async ({ json, ...given }: Given) => {
      const options = optionsOf(given)
      const { readConfiguration } = await import('../app/configuration.ts')
      const { examineSite } = await import('../app/doctor.ts')
      const configuration = await readConfiguration({ env, cwd, folder: site() })
      const findings = await examineSite(configuration, options)
      const summary = summaryOf(findings)
      if (json) print(JSON.stringify({ findings, records: recordsOf(findings), summary }))
      else for (const line of inLines(findings)) print(line)
      if (summary.errors > 0) fail()
    })

interface Given {
  readonly json?: true
  readonly only?: string
  readonly sendingIp?: string
  readonly blocklists?: true
  readonly resolver?: string
}

/** Reads the options. Throws a Problem `invalid` for values that cannot be used. */
function optionsOf({ only, sendingIp, blocklists, resolver }: Given) {
  const groups = only?.split(',').map((group) => group.trim()) ?? null
  const stranger = groups?.find((group) => !GROUPS.includes(group as Group))
  if (stranger !== undefined) refuse('--only', stranger, `use some of ${GROUPS.join(', ')}`)
  if (sendingIp !== undefined && !readIp(sendingIp))
    refuse('--sending-ip', sendingIp, 'use an address like 192.0.2.25')
  if (resolver !== undefined && !isResolver(resolver))
    refuse(
      '--resolver',
      resolver,
      'use an address like 192.0.2.53, 192.0.2.53:53 or [2001:db8::53]:53',
    )
  return {
    only: groups as Group[] | null,
    sendingIp: sendingIp ?? null,
    blocklists: blocklists === true || sendingIp !== undefined,
    resolvers: resolver === undefined ? null : [resolver],
  }
}

function isResolver(text: string): boolean {
  const [, v6, v4, port = '53'] = /^(?:\[([^\]]+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const isPort = Number(port) > 0 && Number(port) < 65_536
  return readIp(text) !== null || (isPort && readIp(v6 ?? v4 ?? '') !== null)
}

function refuse(option: string, text: string, hint: string): never {
  throw new Problem('invalid', 'cli.options.unusable', { params: { option, text, hint } })
}
