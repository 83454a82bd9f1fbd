import { openLog } from '../platform/log.ts'
import { example, type Register } from './command.ts'

const UNDECIDED =
  'Nothing is sent until you say what becomes of the mails that were due since: dawnpost resume-from-backup'

/** Restores a site from a backup. */
export const restore: Register = (program, { readConfig, print }) =>
  program
    .command('restore')
    .description(
      'fill an empty database, or an empty DATA_DIR, from a backup; sends nothing until you have decided',
    )
    .argument('<file>', 'what `dawnpost backup` wrote')
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
      print(`${rows} rows are restored, as they were at ${madeAt}.`)
      print(UNDECIDED)
    })
