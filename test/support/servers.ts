/** Starts what the tests run against, once for all files: a real PostgreSQL and a real Redis, on free ports. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { freePort } from '../../src/free-port.ts'
import { openLog } from '../../src/log.ts'
import { openQueue } from '../../src/queue/queue.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { migrate } from '../../src/store/migrate.ts'
import { createScratch } from '../../src/store/scratch.ts'
import { openDatabase } from '../../src/store/sql.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The server, by an empty database on it. */
    databaseUrl: string
    /** Name of a database that is migrated: what `createScratch` copies. */
    template: string
    redisUrl: string
  }
}

/** Nothing here outlives its run; and what is written ahead may lie in memory. */
const LIGHT = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_wal_size=256MB']

export default async function setup(project: TestProject) {
  const folder = await mkdtemp(join(tmpdir(), 'dawnpost-test-'))
  const postgres = await openEmbedded(folder, {
    settings: [...LIGHT, 'max_connections=300'],
  })
  const template = await createScratch(postgres.url)
  await migrateAll(template.url)
  const redis = await startRedis()
  project.provide('databaseUrl', postgres.url)
  project.provide('template', new URL(template.url).pathname.slice(1))
  project.provide('redisUrl', redis.url)
  return async () => {
    redis.process.kill()
    await postgres.close()
    await rm(folder, { recursive: true })
  }
}

/** Migrates ours and BullMQ's schema once; every test file clones the result. */
async function migrateAll(url: string) {
  const database = await openDatabase(url, () => {})
  await migrate(database.db)
  await database.close()
  const queue = await openQueue({ redisUrl: null, databaseUrl: url }, openLog('silent'))
  await queue.depth()
  await queue.close()
}

/** A Redis of one's own: to be stopped by whoever started it. */
export async function startRedis(): Promise<{ process: ChildProcess; url: string }> {
  const port = await freePort()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const server = spawn('redis-server', [...args, '--maxmemory-policy', 'noeviction'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', () =>
      reject(new Error('the tests need redis-server; `npm test` installs it on Debian')),
    )
    server.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)))
    server.stdout.on('data', (text: Buffer) => {
      if (text.includes('Ready to accept connections')) resolve()
    })
  })
  server.removeAllListeners('exit')
  void once(server, 'exit')
  return { process: server, url: `redis://127.0.0.1:${port}` }
}
