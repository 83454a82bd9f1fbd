/** The commands about backups, as the command line knows them. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { readConfig } from '../platform/config.ts'
import { type Context, example } from './commands.ts'

/** Keeping what there is, and having it back. */
export function aboutBackups(program: Command, { env, print }: Context) {
  program
    .command('backup')
    .description('write everything of a site to one file, also while it is running')
    .argument('[file]', 'where to write it (default: dawnpost-<date>.backup in this folder)')
    .addHelpText('after', example('dawnpost backup /var/backups/dawnpost.backup'))
    .action(async (file) => (await import('./backups.ts')).makeBackup(readConfig(env), file, print))

  program
    .command('restore')
    .description(
      'fill an empty database, or an empty DATA_DIR, from a backup; sends nothing until you have decided',
    )
    .argument('<file>', 'what `dawnpost backup` wrote')
    .addHelpText('after', example('dawnpost restore /var/backups/dawnpost.backup'))
    .action(async (file) =>
      (await import('./backups.ts')).restoreBackup(readConfig(env), file, print),
    )

  program
    .command('resume-from-backup')
    .description(
      'after the database was restored, say what becomes of the mails that were due since the backup',
    )
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
    .action(async (options) =>
      (await import('./backups.ts')).resumeFromBackup(readConfig(env), options, print),
    )
}

function instant(text: string): Temporal.Instant {
  try {
    return Temporal.Instant.from(text)
  } catch {
    throw new InvalidArgumentError('Use a time with its offset, like 2027-03-20T09:15:00+01:00.')
  }
}
