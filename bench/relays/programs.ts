/**
 * Mail servers from Debian's packages, unpacked into one folder and never installed: two of them
 * conflict, and none should take port 25 of this machine.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, globSync, openSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { messageOf } from '../../src/domain/problem.ts'

/** Downloaded with their dependencies. */
const PACKAGES = ['postfix', 'exim4-daemon-light', 'opensmtpd', 'python3-aiosmtpd'] as const
/** Accounts that the servers insist on. */
const ACCOUNTS = ['postfix', 'postdrop', 'Debian-exim', 'opensmtpd', 'opensmtpq']
const FIRST_ID = 61_000
/** The time limit of a program that runs to its end. */
const LONGEST_MS = 60_000

export interface Programs {
  readonly folder: string
  /** Runs one of the programs to its end; returns its output. */
  run(command: readonly string[]): Promise<string>
  /** Starts a daemon; appends its output to the file. */
  start(command: readonly string[], log: string): Promise<Running>
}

export interface Running {
  /** Asks it to stop, as an init system would, and ends all processes it has started. */
  stop(): Promise<void>
}

/** Throws a sentence about what is missing if they are not available. */
export async function unpackPrograms(folder: string): Promise<Programs> {
  const missing = whatIsMissing()
  if (missing) throw new Error(missing)
  for (const name of PACKAGES) await download(name, folder)
  await mkdir(join(folder, 'root/usr'), { recursive: true })
  for (const file of globSync(join(folder, 'debs/*.deb'))) {
    await ran('dpkg-deb', ['-x', file, join(folder, 'root')])
  }
  await writeAccounts(folder)
  await writeFile(join(folder, 'enter.sh'), ENTER)
  for (const name of ['spool', 'lib', 'run']) await mkdir(join(folder, name), { mode: 0o755 })
  // The path of OpenSMTPD's empty chroot is compiled in.
  await ran('install', ['-d', '-m', '755', join(folder, 'lib/opensmtpd/empty')])
  const args = (command: readonly string[]) => [
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    '--propagation',
    'private',
    'sh',
    join(folder, 'enter.sh'),
    folder,
    ...command,
  ]
  return {
    folder,
    run: (command) => ran('unshare', args(command)),
    start: async (command, log) => {
      const file = openSync(log, 'a')
      const child = spawn('unshare', args(command), { stdio: ['ignore', file, file] })
      closeSync(file)
      await once(child, 'spawn')
      return { stop: () => stop(child) }
    },
  }
}

function whatIsMissing(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'the mail servers change their accounts: run it on Linux as root'
  for (const tool of ['apt-get', 'dpkg-deb', 'unshare']) {
    if (spawnSync('which', [tool]).status !== 0)
      return `${tool} is missing: it needs Debian or Ubuntu`
  }
  const { status } = spawnSync('unshare', ['--mount', '--pid', '--fork', 'true'])
  return status === 0
    ? null
    : 'this machine lets no process have mounts of its own (unshare --mount)'
}

/**
 * Downloads a package and those of its dependencies that are not installed. Nothing is installed or
 * removed.
 */
async function download(name: string, folder: string): Promise<void> {
  const archives = join(folder, 'debs')
  await mkdir(join(archives, 'partial'), { recursive: true })
  const get = () =>
    ran('apt-get', [
      'install',
      '--download-only',
      '--reinstall',
      '-y',
      '-qq',
      '--no-install-recommends',
      '-o',
      `Dir::Cache::archives=${archives}`,
      '-o',
      'APT::Sandbox::User=root',
      name,
    ])
  const again = async () => {
    await ran('apt-get', ['update', '-qq'])
    await get()
  }
  await get()
    .catch(again)
    .catch((cause) => {
      throw new Error(`${name} cannot be downloaded: ${messageOf(cause)}`, { cause })
    })
}

async function writeAccounts(folder: string): Promise<void> {
  const [passwd, group] = await Promise.all(
    ['passwd', 'group'].map((name) => readFile(`/etc/${name}`, 'utf8')),
  )
  const id = (name: string) => FIRST_ID + ACCOUNTS.indexOf(name)
  const without = (text = '') =>
    text.split('\n').filter((line) => line !== '' && !ACCOUNTS.includes(line.split(':')[0] ?? ''))
  const users = ACCOUNTS.map(
    (name) => `${name}:x:${id(name)}:${id(name)}::/nonexistent:/usr/sbin/nologin`,
  )
  const groups = ACCOUNTS.map((name) => `${name}:x:${id(name)}:`)
  await writeFile(join(folder, 'passwd'), `${[...without(passwd), ...users].join('\n')}\n`)
  await writeFile(join(folder, 'group'), `${[...without(group), ...groups].join('\n')}\n`)
}

/** Private mounts over those of the machine; the first process forwards the request to stop. */
const ENTER = `set -e
folder=$1; shift
mount -t overlay overlay -o "lowerdir=$folder/root/usr:/usr" /usr
mount --bind "$folder/passwd" /etc/passwd
mount --bind "$folder/group" /etc/group
mount --bind "$folder/spool" /var/spool
mount --bind "$folder/lib" /var/lib
mount --bind "$folder/run" /run
mount -t proc proc /proc
set +e
"$@" &
child=$!
trap 'kill -TERM $child' TERM
wait $child; code=$?
trap - TERM
while kill -0 $child 2>/dev/null; do wait $child; code=$?; done
exit $code
`

/** By pid, since unshare ignores the signal, and everything it started ends with its child. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').catch(
    () => '',
  )
  const [first] = children.trim().split(' ')
  if (first) process.kill(Number(first), 'SIGTERM')
  const late = pause(10_000, undefined, { ref: false }).then(() => child.kill('SIGKILL'))
  await Promise.race([gone, late])
  await gone
}

/** Runs a program to its end; returns its output. Throws its messages if it fails. */
async function ran(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, {
    maxBuffer: 1e8,
    timeout: LONGEST_MS,
    killSignal: 'SIGKILL',
  })
  return stdout
}
