/**
 * A queue that cannot be opened: commands that need it say so in one sentence, and the others work
 * without it.
 */
import { spawn, spawnSync } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { migrate } from '../../src/store/postgres/migrate.ts'
import { createScratch, type Scratch } from '../../src/store/postgres/scratch.ts'
import { openDatabase } from '../../src/store/postgres/sql.ts'
import { freePort } from '../support/free-port.ts'
import { command, type Folder, isPlain, openFolder } from '../support/program.ts'
import { until } from '../support/wait.ts'

const KEY = 'one key that all of them share'

let folder: Folder
let scratch: Scratch
beforeAll(async () => {
  folder = await openFolder()
  scratch = await createScratch(inject('databaseUrl'))
  const database = await openDatabase(scratch.url, () => {})
  await migrate(database.db)
  // Even the owner of a database can lack this privilege.
  const { database: name, role } = partsOf(scratch.url)
  await sql.raw(`revoke create on database ${name} from public, ${role}`).execute(database.db)
  await database.close()
})
afterAll(async () => {
  await scratch?.drop()
  await folder?.[Symbol.asyncDispose]()
})

const partsOf = (url: string) => {
  const { pathname, username } = new URL(url)
  return { database: pathname.slice(1), role: username }
}

const said = async (args: readonly string[], settings: Record<string, string>) =>
  command(args, {
    LOG_LEVEL: 'fatal',
    DATA_DIR: folder.path,
    PORT: String(await freePort()),
    SECRET_KEY: KEY,
    ...settings,
  })

/** Exit code 1, and one sentence that contains all of these parts. */
async function isRefused(
  args: readonly string[],
  settings: Record<string, string>,
  ...parts: string[]
) {
  const { code, stdout, stderr } = await said(args, settings)
  expect([code, stdout], stderr).toEqual([1, ''])
  expect(isPlain(stderr), stderr).toBe(true)
  expect(stderr.trim().split('\n'), stderr).toHaveLength(1)
  for (const part of parts) expect(stderr).toContain(part)
}

describe('a role that may not create a schema', () => {
  it.each(['start', 'worker', 'migrate'])('stops %s with one sentence', async (name) => {
    await isRefused(
      [name],
      { DATABASE_URL: scratch.url },
      'The queue cannot use the database at',
      'it needs a schema of its own',
      'grant create',
      'REDIS_URL',
    )
  })

  it('may still ask for the status', async () => {
    const { code, stdout } = await said(['status', '--json'], { DATABASE_URL: scratch.url })
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { queued: null }])
  })
})

describe.runIf(spawnSync('pgbouncer', ['--version']).status === 0)(
  'pgbouncer in transaction mode',
  () => {
    it.each(['', 'ignore_startup_parameters = options'])(
      'stops a start with one sentence %s',
      async (setting) => {
        const own = await createScratch(inject('databaseUrl'), {
          template: inject('templates').bare,
        })
        const pooler = await openPgbouncer(own.url, setting)
        try {
          await isRefused(
            ['start'],
            { DATABASE_URL: pooler.url },
            'a pooler (pgbouncer) lends',
            'REDIS_URL',
          )
        } finally {
          await pooler.close()
          await own.drop()
        }
      },
    )
  },
)

async function openPgbouncer(url: string, setting: string) {
  const path = await mkdtemp(join(tmpdir(), 'dawnpost-pgbouncer-'))
  await chmod(path, 0o755)
  const [file, port, upstream] = [join(path, 'pgbouncer.ini'), await freePort(), new URL(url)]
  const { database, role } = partsOf(url)
  const lines = [
    '[databases]',
    `${database} = host=127.0.0.1 port=${upstream.port} user=${role} password=${upstream.password}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    setting,
  ]
  await writeFile(file, lines.join('\n'), { mode: 0o644 })
  const account = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  const server = spawn('pgbouncer', ['-q', ...account, file], { stdio: 'ignore' })
  await until('pgbouncer', () => isOpen(port))
  return {
    url: `postgres://${role}@127.0.0.1:${port}/${database}`,
    close: async () => {
      server.kill('SIGKILL')
      await rm(path, { recursive: true })
    },
  }
}

const isOpen = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(Boolean(socket.destroy())))
    socket.on('error', () => resolve(false))
  })

describe('a Redis that is down', () => {
  it('does not affect commands that need no queue', async () => {
    const own = await createScratch(inject('databaseUrl'), { template: inject('templates').live })
    const settings = { DATABASE_URL: own.url, REDIS_URL: `redis://127.0.0.1:${await freePort()}` }
    const succeeds = async (...args: string[]) => {
      const { code, stdout, stderr } = await said(args, settings)
      expect(code, stderr).toBe(0)
      return stdout
    }
    try {
      await succeeds('enroll', 'ada@example.com', '--confirmed', 'a test')
      expect(JSON.parse(await succeeds('status', '--json'))).toMatchObject({
        enrollments: { active: 1 },
        queued: null,
      })
      await succeeds('export', 'ada@example.com')
      await succeeds('unsubscribe', 'ada@example.com')
    } finally {
      await own.drop()
    }
  }, 240_000)
})
