/** The real program, in its own processes. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inject } from 'vitest'
import { runCommand } from '../../src/cli/program.ts'
import { isAlive } from '../../src/platform/is-alive.ts'
import { until } from './wait.ts'

const CLI = new URL('../../src/bin.mjs', import.meta.url).pathname

type Settings = Readonly<Record<string, string>>

export interface Said {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Ended extends Said {
  readonly signal: NodeJS.Signals | null
}

export interface Program extends AsyncDisposable {
  readonly pid: number
  stdout(): string
  stderr(): string
  /** Resolves when the process is gone. */
  readonly ended: Promise<Ended>
  kill(signal: NodeJS.Signals): void
}

interface Place {
  /** The program of another checkout. */
  readonly cli?: string
  readonly cwd?: string
  /** Runs as another account; needs root. */
  readonly uid?: number
  readonly gid?: number
}

/** Starts `dawnpost …args` with these settings, PATH and HOME as its only environment. */
export function launch(
  args: readonly string[],
  settings: Settings = {},
  { cli = CLI, ...place }: Place = {},
): Program {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [cli, ...args], {
    env: { PATH, HOME, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...place,
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (text: Buffer) => {
    stdout += text
  })
  child.stderr.on('data', (text: Buffer) => {
    stderr += text
  })
  const ended = once(child, 'close').then(
    ([code, signal]): Ended => ({ code, signal, stdout, stderr }),
  )
  return {
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    kill: (signal) => {
      child.kill(signal)
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Runs a command to its end. */
export const run = (args: readonly string[], settings: Settings = {}, place: Place = {}) =>
  launch(args, settings, place).ended

/**
 * Runs a command to its end within this process, for tests of its output and of what it leaves
 * behind.
 */
export async function command(args: readonly string[], env: Settings = {}): Promise<Said> {
  const said = { stdout: '', stderr: '' }
  const code = await runCommand(args, {
    env,
    isTTY: false,
    stop: { orderly: () => new AbortController().signal },
    out: (text) => {
      said.stdout += text
    },
    err: (text) => {
      said.stderr += text
    },
  })
  return { code, ...said }
}

/** Starts a part of the program that keeps running, and waits for its banner. */
export async function started(
  args: readonly string[],
  settings: Settings,
  place: Place = {},
): Promise<Program> {
  const program = launch(args, settings, place)
  let gone = false
  program.ended.then(() => {
    gone = true
  })
  const ready = () => gone || program.stdout().includes('Stop with Ctrl-C')
  await until(`the banner of ${args.join(' ')}`, ready, 100)
  if (gone) throw new Error(`${args.join(' ')} ended: ${program.stderr()}`)
  return program
}

export interface Folder extends AsyncDisposable {
  readonly path: string
  /** The PID of the PostgreSQL that runs in it, or null. */
  postmaster(): Promise<number | null>
  /**
   * Waits until no process has the folder in its command line; fails if one keeps running.
   */
  empty(): Promise<void>
}

/** Like `openFolder`, but with the data of a site that was started and stopped before. */
export async function openSiteFolder(): Promise<Folder> {
  const folder = await openFolder()
  await promisify(execFile)('cp', ['-a', `${inject('siteFolder')}/.`, folder.path])
  return folder
}

/** A temporary DATA_DIR; stops a PostgreSQL that a failed test left running in it. */
export async function openFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'dawnpost-cli-'))
  const postmaster = async () => {
    const text = await readFile(join(path, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '')
    return Number(text.split('\n')[0]) || null
  }
  const processes = async () => {
    const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'pid=,command='])
    return stdout.split('\n').filter((line) => line.includes(path))
  }
  const empty = async () => {
    let left = await processes()
    const gone = async () => {
      left = await processes()
      return left.length === 0
    }
    await until('nothing to run in the folder', gone, 5).catch(() => {
      throw new Error(`still running: ${left.join('\n')}`)
    })
  }
  return {
    path,
    postmaster,
    empty,
    [Symbol.asyncDispose]: async () => {
      const left = await postmaster()
      if (left && isAlive(left)) {
        process.kill(left, 'SIGINT')
        await until('PostgreSQL to stop', () => !isAlive(left))
      }
      await rm(path, { recursive: true, force: true })
    },
  }
}

/** Whether the text contains no stack trace and no sign of a bug. */
export const isPlain = (text: string) => !/^\s+at |node:internal|\bError:|\[object/m.test(text)
