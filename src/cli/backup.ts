import type { Config } from '../platform/config.ts'
import { openLog } from '../platform/log.ts'
import { example, type Print, type Register } from './command.ts'

/** Writes a backup of everything a site holds to one file. */
export const backup: Register = (program, { readConfig, print }) =>
  program
    .command('backup')
    .description('write a whole site to one backup file, even while it is running')
    .argument('[file]', 'where to write it (default: dawnpost-<date>.backup in this folder)')
    .addHelpText('after', example('dawnpost backup /var/backups/dawnpost.backup'))
    .action(async (file) => makeBackup(await readConfig(), file, print))

async function makeBackup(config: Config, given: string | undefined, print: Print): Promise<void> {
  const { backUp } = await import('../app/backups.ts')
  const file = given ?? `dawnpost-${Temporal.Now.plainDateISO()}.backup`
  await backUp(config, { file, now: Temporal.Now.instant(), log: openLog(config.log.level) })
  print(
    config.secretKeys.length > 0
      ? `${file} is written. It contains addresses, but not the SECRET_KEY: keep that somewhere else.`
      : `${file} is written. It contains addresses and the key that signs links: keep it private.`,
  )
}
