/** Shows operators which settings are in force and where each comes from. */
import type { Configuration, EffectiveSetting } from '../app/configuration.ts'
import { example, type Register } from './command.ts'

export const configCommand: Register = (program, { env, cwd, site, print, fail }) =>
  program
    .command('config')
    .description('show the settings in force and where each comes from; fails if one is invalid')
    .option('--json', 'print only one JSON object to stdout')
    .addHelpText('after', example('dawnpost config'))
    .action(async ({ json }) => {
      const { effectiveSettings, readConfiguration } = await import('../app/configuration.ts')
      const configuration = await readConfiguration({ env, cwd, folder: site() })
      const { faults, unread } = configuration
      const settings = effectiveSettings(configuration)
      const folder = configuration.site.folder.root
      if (json) print(JSON.stringify({ site: folder, dotenvIgnored: unread, settings, faults }))
      else for (const line of inLines(configuration, settings)) print(line)
      if (faults.length > 0) fail()
    })

function* inLines({ site, faults, unread }: Configuration, settings: readonly EffectiveSetting[]) {
  yield `Site: ${site.folder.root}`
  if (unread) yield `Its .env is not read: ${unread}.`
  const width = Math.max(...settings.map(({ name }) => name.length))
  for (const { name, value, from, file } of settings)
    yield `${name.padEnd(width)}  ${value ?? 'not set'}${from === 'default' ? '' : `  (${file ?? from})`}`
  if (faults.length === 0) return
  yield ''
  yield 'Dawnpost cannot start with these settings:'
  for (const fault of faults) yield `  ${fault}`
}
