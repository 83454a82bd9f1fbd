/**
 * Starts the servers for all test files once: a real PostgreSQL and a real Redis, on free ports.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import {
  maintainLedger,
  moveOldLedger,
  openMaintenanceState,
} from '../../src/actions/sending/maintain-ledger.ts'
import { openCourses } from '../../src/app/courses.ts'
import { RETENTION_DAYS } from '../../src/domain/retention.ts'
import { openEditions } from '../../src/mail/render/compile.ts'
import { loadTemplates } from '../../src/mail/render/templates.ts'
import { openLog } from '../../src/platform/log.ts'
import { openQueue } from '../../src/queue/queue.ts'
import { ledgerDrop, ledgerParts, oldLedger } from '../../src/store/index.ts'
import { openEmbedded } from '../../src/store/postgres/embedded.ts'
import { type Machine, thisMachine } from '../../src/store/postgres/embedded-programs.ts'
import { migrate } from '../../src/store/postgres/migrate.ts'
import { createScratch } from '../../src/store/postgres/scratch.ts'
import { openDatabase } from '../../src/store/postgres/sql.ts'
import { freePort } from './free-port.ts'
import { OTHER_PROGRAMS, serverFolder, testMachine } from './postgres.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The address of an empty database on the server. */
    databaseUrl: string
    /** The major version of the server. */
    postgres: number
    /**
     * Names of databases to copy with `createScratch`: `bare` is migrated, in `begun` a worker has
     * also created the first months, and `live` has the shipped courses as well.
     */
    templates: { readonly bare: string; readonly begun: string; readonly live: string }
    redisUrl: string
    /** A DATA_DIR to copy, of a site that has been started before. */
    siteFolder: string
  }
}

/**
 * Nothing outlives its run, so nothing has to reach the disk. Each copy of a database is a
 * checkpoint, which would add a line to the log each time.
 */
const LIGHT = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'max_wal_size=256MB',
  'autovacuum=off',
  'jit=off',
  'log_checkpoints=off',
  // Not available before version 16.
  ...(OTHER_PROGRAMS === undefined ? ['scram_iterations=1'] : []),
]

/**
 * Accepts the password in plain text: each test opens some connections, and SCRAM is a third of
 * their work.
 */
async function askPlainly(dataDir: string) {
  const rules = join(dataDir, 'postgres', 'pg_hba.conf')
  const text = await readFile(rules, 'utf8')
  await writeFile(rules, text.replaceAll('scram-sha-256', 'password'))
}

/** The start time of most tests. */
const START = Temporal.Instant.from('2027-03-19T12:00:00Z')

export default async function setup(project: TestProject) {
  const siteFolder = await makeSite(thisMachine())
  const dataDir =
    OTHER_PROGRAMS === undefined ? await copyOf(siteFolder) : await makeSite(testMachine())
  await askPlainly(dataDir)
  const postgres = await openEmbedded(dataDir, {
    settings: [...LIGHT, 'max_connections=300'],
    createsDatabases: true,
    machine: testMachine(),
  })
  const empty = await createScratch(postgres.url)
  const bare = await createScratch(postgres.url)
  await migrateAll(bare.url)
  const begun = await createScratch(postgres.url)
  await migrateAll(begun.url)
  for (const { url } of [begun, postgres]) await begin(url)
  const redis = await startRedis()
  project.provide('databaseUrl', empty.url)
  project.provide('postgres', await majorOf(postgres.url))
  project.provide('templates', {
    bare: nameOf(bare),
    begun: nameOf(begun),
    live: nameOf(postgres),
  })
  project.provide('redisUrl', redis.url)
  project.provide('siteFolder', siteFolder)
  return async () => {
    redis.process.kill()
    await postgres.close()
    for (const path of [dataDir, siteFolder]) await rm(path, { recursive: true })
  }
}

/**
 * A folder to copy, so that programs started by tests need not create a database and render each
 * mail of each course. The data of the test server is a copy, too.
 */
async function makeSite(machine: Machine): Promise<string> {
  const path = await serverFolder(machine)
  const postgres = await openEmbedded(path, { machine })
  if (machine.programs !== undefined) console.log(await answer(postgres.url, 'select version()'))
  await migrateAll(postgres.url)
  await publishCourses(postgres.url)
  await postgres.close()
  return path
}

async function copyOf(siteFolder: string): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'dawnpost-test-'))
  await promisify(execFile)('cp', ['-a', `${siteFolder}/.`, path])
  return path
}

const majorOf = async (url: string) => Number.parseInt(await answer(url, 'show server_version'), 10)

/** The single value that a statement returns. */
async function answer(connectionString: string, statement: string): Promise<string> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  const { rows } = await client.query({ text: statement, rowMode: 'array' })
  await client.end()
  return String(rows[0])
}

/** Creates our schema and BullMQ's once; every test file copies the result. */
async function migrateAll(url: string) {
  const database = await openDatabase(url, () => {})
  await migrate(database.db)
  await database.close()
  const queue = await openQueue({ redisUrl: null, databaseUrl: url, prefix: '' }, openLog('silent'))
  await queue.depth()
  await queue.close()
}

const nameOf = ({ url }: { readonly url: string }) => new URL(url).pathname.slice(1)

/**
 * Makes the shipped courses live once: an app that finds them live neither reads the folder nor
 * compiles its texts.
 */
async function publishCourses(url: string) {
  const database = await openDatabase(url, () => {})
  const letterhead = { siteName: '', siteUrl: '', postalAddress: '' }
  const templates = await loadTemplates(folder('templates/mail'))
  await openCourses(
    { folder: folder('courses') },
    {
      db: database.db,
      now: () => Temporal.Instant.from('2027-03-01T00:00:00Z'),
      log: openLog('silent'),
      templates,
      locales: templates.locales,
      editions: openEditions(templates, letterhead),
    },
  )
  await database.close()
}

/**
 * Creates the months of most tests, as the first worker does: creating a dozen tables, and loading
 * them again on each connection, costs more than everything else in a morning.
 */
async function begin(url: string) {
  const database = await openDatabase(url, () => {})
  const deps = {
    db: database.db,
    log: openLog('silent'),
    stores: { ledgerParts, ledgerDrop, oldLedger },
    retention: RETENTION_DAYS,
    keeping: openMaintenanceState(),
  }
  await maintainLedger(START, deps)
  await moveOldLedger(START, deps)
  await database.close()
}

const folder = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** A Redis server, to be stopped by the caller. */
export async function startRedis(): Promise<{ process: ChildProcess; url: string }> {
  const port = await freePort()
  // A replica writes a file, which must not end up in the checkout.
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    tmpdir(),
  ]
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
