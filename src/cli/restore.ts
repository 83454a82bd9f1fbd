import { openLog } from '../platform/log.ts'
import { example, type Register } from './command.ts'

const UNDECIDED =
  'Nothing is sent until you decide what happens to the mails that were due since then: dawnpost resume-from-backup'

/** Restores a site from a backup. */
export const restore: Register = (program, { readConfig, print }) =>
  program
    .command('restore')
    .description(
      'restore a backup to an empty database or DATA_DIR; nothing is sent until `resume-from-backup`',
    )
    .argument('<file>', 'file that `dawnpost backup` wrote')
    .addHelpText('after', example('dawnpost restore /var/backups/dawnpost.backup'))
    .action(async (file) => {
      const config = await readConfig()
      const backups = await import('../app/backups.ts')
      const log = openLog(config.log.level)
      const { rows, madeAt } = await backups.restore(config, {
        file,
        now: Temporal.Now.instant(),
        log,
      })
      print(`${rows} rows have been restored, as they were at ${madeAt}.`)
      print(UNDECIDED)
    })
