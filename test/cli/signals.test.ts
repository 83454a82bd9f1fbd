/**
 * After a signal to a started program, none of its processes is left in the process list.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { type Folder, openFolder, openSiteFolder } from '../support/program.ts'
import { ROOT_PATH } from '../support/root.ts'
import { until } from '../support/wait.ts'

const TIMEOUT_SECONDS = 20

/**
 * Processes with the folder in their environment or command line: all that came from one start.
 */
async function processesOf({ path }: Folder): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const read = (pid: string, what: string) =>
    readFile(`/proc/${pid}/${what}`, 'latin1').catch(() => '')
  const found = await Promise.all(
    pids.map(async (pid) => {
      const command = await read(pid, 'cmdline')
      const isOurs = command.includes(path) || (await read(pid, 'environ')).includes(path)
      return isOurs && command ? [`${pid} ${command.replaceAll('\0', ' ')}`] : []
    }),
  )
  return found.flat()
}

interface Start {
  readonly folder: Folder
  readonly command: readonly string[]
  /** What it prints once it is running. */
  readonly says: string
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Starts it as a shell would, waits until it is running, sends the signal to that one process, and
 * waits for the process list to be empty.
 */
async function leavesNothing({ folder, command, says, env = {} }: Start, signal: NodeJS.Signals) {
  const { PATH = '', HOME = '' } = process.env
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    cwd: ROOT_PATH,
    env: { PATH, HOME, DATA_DIR: folder.path, PORT: String(await freePort()), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      said += text
    })
  const ended = once(child, 'exit')
  await until(
    `"${says}" of ${command.join(' ')}`,
    () => said.includes(says) || child.exitCode !== null,
    90,
  )
  expect(said).toContain(says)
  expect(await processesOf(folder)).not.toEqual([])
  child.kill(signal)
  let left: string[] = []
  const gone = async () => {
    left = await processesOf(folder)
    return left.length === 0
  }
  await until('nothing to be left', gone, TIMEOUT_SECONDS).catch(() => {})
  for (const line of left) process.kill(Number.parseInt(line, 10), 'SIGKILL')
  expect(left).toEqual([])
  await ended
}

const BANNER = 'Stop with Ctrl-C'
const isNodeOld = (version: string) => Number(/^v(\d+)/.exec(version)?.[1]) < 26
/** The machine's own Node, which may be an older one. */
const OLD_NODE = '/usr/bin/node'

// The shell that npx starts holds back a SIGINT sent to npx alone until its command has ended; only
// Ctrl-C reaches the command.
describe('after one signal to the started process, nothing is left of', () => {
  it.each([
    ['SIGTERM', ['npm', 'start']],
    ['SIGINT', ['npm', 'run', 'dawnpost', '--', 'worker']],
    ['SIGTERM', ['npx', 'dawnpost', 'start']],
  ] as const)('%s: %j', async (signal, command) => {
    await using folder = await openSiteFolder()
    await leavesNothing({ folder, command, says: BANNER }, signal)
  })

  it('SIGINT: the pinned Node that an older Node started', async () => {
    const probe = spawn(OLD_NODE, ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const version = await new Promise<string>((resolve) => {
      probe
        .once('error', () => resolve('v99'))
        .stdout.once('data', (text: Buffer) => resolve(String(text)))
    })
    if (!isNodeOld(version)) return
    await using folder = await openSiteFolder()
    const command = [OLD_NODE, 'src/bin.mjs', 'start']
    await leavesNothing({ folder, command, says: BANNER }, 'SIGINT')
  })

  it('SIGTERM: the installation of packages', async () => {
    await using folder = await openFolder()
    const [bin, src] = [join(folder.path, 'bin'), join(folder.path, 'src')]
    for (const path of [bin, src]) await mkdir(path)
    // An npm with a child process, like the real one for packages with a build step.
    await writeFile(join(bin, 'npm'), '#!/bin/sh\nsleep 600 &\necho installing >&2\nsleep 600\n')
    await chmod(join(bin, 'npm'), 0o755)
    await writeFile(join(src, 'setup.mjs'), await readFile(join(ROOT_PATH, 'src/setup.mjs')))
    await writeFile(join(folder.path, 'package-lock.json'), '{}')
    const command = [process.execPath, join(src, 'setup.mjs')]
    const env = { PATH: `${bin}:${process.env.PATH}` }
    await leavesNothing({ folder, command, says: 'installing\n', env }, 'SIGTERM')
  })
})
