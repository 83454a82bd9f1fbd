/** A PostgreSQL and a Redis that can crash during a run and come back in place. */
import { execFile } from 'node:child_process'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { freePort } from '../../src/platform/free-port.ts'
import { isAlive } from '../../src/platform/is-alive.ts'
import { openEmbedded } from '../../src/store/postgres/embedded.ts'
import { ended, listening, startRedis } from '../machines.ts'

const run = promisify(execFile)

export interface Servers extends AsyncDisposable {
  readonly databaseUrl: string
  readonly redisUrl: string
  /** Stops PostgreSQL like a power cut; restarts it after `downMs`: same port, same data. */
  crashPostgres(downMs: number): Promise<void>
  /**
   * Keeps the data disk full until `use` has run. Only possible if the servers have a disk of their
   * own.
   */
  withFullDisk(use: () => Promise<void>): Promise<void>
  /** Empties Redis while it is in use. */
  flushRedis(): Promise<void>
  /**
   * Makes Redis a replica, like a failover that leaves our connections to the old primary open, and
   * then a primary again.
   */
  demoteRedis(downMs: number): Promise<void>
  /** Kills Redis, which persists nothing, and starts an empty one on its port after `downMs`. */
  crashRedis(downMs: number): Promise<void>
}

/**
 * `smallDisk`: the data is on a disk in memory with little room to spare. Throws if that is not
 * available.
 */
export async function openServers({ smallDisk }: { smallDisk?: true } = {}): Promise<Servers> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'dawnpost-chaos-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  if (smallDisk) {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=400m,mode=755', 'tmpfs', folder])
    stack.defer(async () => void (await run('umount', [folder])))
  }
  const options = {
    settings: [`port=${await freePort()}`, 'max_connections=200'],
    createsDatabases: true,
  } as const
  const { url: databaseUrl } = await openEmbedded(folder, options)
  // By its pid, since `close` spares a server with other connections, which is what we crash.
  const stopPostgres = (signal: NodeJS.Signals) => stopPostmaster(folder, signal)
  stack.defer(() => stopPostgres('SIGINT'))
  const redisPort = await freePort()
  let redis = startRedis(redisPort)
  stack.defer(() => ended(redis))
  await listening(redisPort)
  const held = stack.move()
  const redisUrl = `redis://127.0.0.1:${redisPort}`
  return {
    databaseUrl,
    redisUrl,
    crashPostgres: async (downMs) => {
      await stopPostgres('SIGQUIT')
      await pause(downMs)
      await openEmbedded(folder, options)
    },
    withFullDisk: async (use) => {
      const filler = join(folder, 'filler')
      await fill(filler)
      await use().finally(() => rm(filler))
    },
    flushRedis: async () => {
      const client = new Redis(redisUrl)
      await client.flushall()
      client.disconnect()
    },
    demoteRedis: async (downMs) => {
      const client = new Redis(redisUrl)
      await client.replicaof('127.0.0.1', await freePort())
      await pause(downMs)
      await client.replicaof('NO', 'ONE')
      client.disconnect()
    },
    crashRedis: async (downMs) => {
      await ended(redis, 'SIGKILL')
      await pause(downMs)
      redis = startRedis(redisPort)
      await listening(redisPort)
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

/** Fills the disk until not even a page fits. */
async function fill(file: string): Promise<void> {
  const handle = await open(file, 'a')
  try {
    for (const bytes of [1_048_576, 4_096]) {
      const block = Buffer.alloc(bytes)
      for (;;) {
        const done = await handle.write(block).then(
          ({ bytesWritten }) => bytesWritten < bytes,
          () => true,
        )
        if (done) break
      }
    }
  } finally {
    await handle.close()
  }
}

/**
 * SIGINT closes connections and saves; SIGQUIT ends at once, so the next start recovers from the
 * write-ahead log.
 */
async function stopPostmaster(folder: string, signal: NodeJS.Signals): Promise<void> {
  const text = await readFile(join(folder, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '')
  const pid = Number(text.split('\n')[0])
  if (!isAlive(pid)) return
  process.kill(pid, signal)
  while (isAlive(pid)) await pause(20)
}
