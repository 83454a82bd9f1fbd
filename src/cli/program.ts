/** The commands. Exit codes: 0 done, 1 failed, 2 wrong usage. */
import { join } from 'node:path'
import { Command, CommanderError } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { ContentError } from '../domain/finding.ts'
import { messageOf, Problem } from '../domain/problem.ts'
import { english } from '../locales/locale.ts'
import { ConfigError } from '../platform/config-error.ts'
import type { Env } from '../platform/config-values.ts'
import { findSite } from '../platform/site-folder.ts'
import { backup } from './backup.ts'
import { bounces } from './bounces.ts'
import { check } from './check.ts'
import { clicks } from './clicks.ts'
import { type Context, example, type Register } from './command.ts'
import { comments } from './comments.ts'
import { configCommand } from './config.ts'
import { diffCommand } from './diff.ts'
import { dkim } from './dkim.ts'
import { doctor } from './doctor.ts'
import { ejectCommand } from './eject.ts'
import { enroll } from './enroll.ts'
import { erase } from './erase.ts'
import { exportData } from './export.ts'
import { initCommand } from './init.ts'
import { mails } from './mails.ts'
import { migrate } from './migrate.ts'
import { newSeries } from './new-course.ts'
import { pauseCommand, resumeCommand } from './pause.ts'
import { previewCommand } from './preview.ts'
import { restore } from './restore.ts'
import { resumeFromBackupCommand } from './resume-from-backup.ts'
import { sendTest } from './send-test.ts'
import { servers } from './servers.ts'
import { simulateCommand } from './simulate.ts'
import { start } from './start.ts'
import { status } from './status.ts'
import type { Stop } from './stop.ts'
import { suppressCommand } from './suppress.ts'
import { unknown } from './unknown.ts'
import { unsubscribe } from './unsubscribe.ts'

/** In the order of `dawnpost help`: running it, one reader, writing a course, operating it. */
const COMMANDS: readonly Register[] = [
  start,
  migrate,
  enroll,
  unsubscribe,
  mails,
  exportData,
  erase,
  simulateCommand,
  initCommand,
  newSeries,
  previewCommand,
  ejectCommand,
  sendTest,
  check,
  diffCommand,
  doctor,
  dkim,
  status,
  clicks,
  comments,
  bounces,
  suppressCommand,
  pauseCommand,
  resumeCommand,
  unknown,
  servers,
  backup,
  restore,
  resumeFromBackupCommand,
  configCommand,
]

const FAILED = 1
const WRONG_USE = 2

/** The environment a command runs in. */
export interface Shell {
  readonly env: Env
  /** Writes to stdout. */
  readonly out: (text: string) => void
  /** Writes to stderr. */
  readonly err: (text: string) => void
  /** Whether stderr is a terminal. */
  readonly isTTY: boolean
  readonly stop: Stop
}

/**
 * Runs one command as typed, and returns its exit code; errors are reported on stderr. Never
 * throws.
 */
export async function runCommand(
  args: readonly string[],
  { env, out, err, isTTY, stop }: Shell,
): Promise<number> {
  let code = 0
  const cwd = process.cwd()
  const program: Command = baseProgram({ out, err })
  const site = () => findSite({ named: program.opts().site, env, cwd })
  const context: Context = {
    env,
    cwd,
    site,
    readConfig: async () => {
      const { loadConfig } = await import('../app/configuration.ts')
      return loadConfig({ env, cwd, folder: site() })
    },
    stop,
    terminal: { isTTY, write: err },
    print: (text: string) => out(`${text}\n`),
    fail: () => {
      code = FAILED
    },
  }
  for (const register of COMMANDS) register(program, context)
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (thrown) {
    return exitCodeOf(thrown, (text) => err(`${text}\n`))
  }
}

const baseProgram = ({ out, err }: Pick<Shell, 'out' | 'err'>) =>
  new Command('dawnpost')
    .version(manifest.version)
    .description('Email courses, one lesson a day at the time each reader chooses.')
    .option('--site <folder>', 'folder of the site (default: SITE_DIR, else this folder)')
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err })
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', example('dawnpost start'))

/** Reports what went wrong in a line or a list; only bugs get a stack trace. */
function exitCodeOf(thrown: unknown, complain: (text: string) => void): number {
  if (thrown instanceof SuppressedError) return exitCodeOf(thrown.suppressed, complain)
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : WRONG_USE
  if (thrown instanceof ConfigError) {
    complain('Dawnpost cannot start with these settings:')
    for (const fault of thrown.faults) complain(`  ${fault}`)
  } else if (thrown instanceof ContentError) {
    complain('The courses folder cannot be used:')
    for (const { file, line, message } of thrown.faults)
      complain(`  ${join('courses', file)}:${line} ${message}`)
  } else if (thrown instanceof Problem) {
    complain(thrown.message)
    for (const [name, { key, params }] of Object.entries(thrown.fields))
      complain(`  ${name}: ${english.t(key, params)}`)
    if (thrown.code === 'invalid') return WRONG_USE
  } else {
    complain(thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown))
  }
  return FAILED
}
