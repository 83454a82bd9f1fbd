/**
 * Whatever was started, five seconds after a signal to it nothing of it is left: seen in the list
 * of processes.
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
 * Processes that have the folder in their environment or their command line: all that came from one
 * start.
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
  /** What it says when it is there. */
  readonly says: string
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Starts it as a shell would, waits until it is there, sends the signal to that one process, and
 * waits for the list to be empty.
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
/** The machine's own Node, where that is an older one. */
const OLD_NODE = '/usr/bin/node'

// The shell below npx keeps a SIGINT to npx alone to itself until its command has ended: only
// Ctrl-C reaches that.
describe('after one signal to the process that was started, nothing is left of', () => {
  it.each([
    ['SIGTERM', ['npm', 'start']],
    ['SIGINT', ['npm', 'run', 'dawnpost', '--', 'worker']],
    ['SIGTERM', ['npx', 'dawnpost', 'start']],
  ] as const)('%s: %j', async (signal, command) => {
    await using folder = await openSiteFolder()
    await leavesNothing({ folder, command, says: BANNER }, signal)
  })

  it('SIGINT: the pinned Node that an older one has started', async () => {
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
    // An npm that runs a program of its own, as the real one does for packages that build
    // something.
    await writeFile(join(bin, 'npm'), '#!/bin/sh\nsleep 600 &\necho installing >&2\nsleep 600\n')
    await chmod(join(bin, 'npm'), 0o755)
    await writeFile(join(src, 'setup.mjs'), await readFile(join(ROOT_PATH, 'src/setup.mjs')))
    await writeFile(join(folder.path, 'package-lock.json'), '{}')
    const command = [process.execPath, join(src, 'setup.mjs')]
    const env = { PATH: `${bin}:${process.env.PATH}` }
    await leavesNothing({ folder, command, says: 'installing\n', env }, 'SIGTERM')
  })
})
