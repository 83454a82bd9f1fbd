/** A backup restores a site completely, or not at all. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { openApp } from '../../src/app/app.ts'
import { readConfig } from '../../src/platform/config.ts'
import { migrateInTransaction } from '../../src/store/postgres/migrate.ts'
import { createScratch } from '../../src/store/postgres/scratch.ts'
import { openDatabase } from '../../src/store/postgres/sql.ts'
import { enrolled, testApp } from '../support/app.ts'
import { signedIn } from '../support/members.ts'
import { command, isPlain, openFolder } from '../support/program.ts'

const SECRET_KEY = 'a key for tests and for nothing else'
/** The last migration before there were backups. */
const OLDER = '0027-servers-by-heartbeat'

let folder: string
let backup: string
/** The lines of the backup. */
let lines: string[]
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dawnpost-backups-'))
  backup = join(folder, 'backup')
  await using test = await testApp({ env: { SECRET_KEY, DATA_DIR: folder } })
  await enrolled(test)
  await signedIn(test)
  await test.settle()
  await sql`create table of_another_program (n int)`.execute(test.db)
  expect(await command(['backup', backup], settings(test.app.databaseUrl))).toMatchObject({
    code: 0,
  })
  lines = gunzipSync(await readFile(backup))
    .toString()
    .trimEnd()
    .split('\n')
})
afterAll(() => rm(folder, { recursive: true }))

const settings = (url: string) => ({ DATABASE_URL: url, SECRET_KEY, DATA_DIR: folder })
const restore = (url: string, file: string) => command(['restore', file], settings(url))

/** An empty database, with a way to query it. */
async function emptyDatabase() {
  const { url, drop } = await createScratch(inject('databaseUrl'))
  const client = new pg.Client(url)
  await client.connect()
  const value = async (text: string) => Object.values((await client.query(text)).rows[0] ?? {})[0]
  return {
    url,
    value,
    [Symbol.asyncDispose]: async () => {
      await client.end()
      await drop()
    },
  }
}

/** How many tables, sequences and the like there are. */
const THINGS = `select count(*)::int from pg_class where relnamespace = 'public'::regnamespace`

/** Exit code 1, and one sentence without a stack trace. */
function expectRefusal(
  { code, stdout, stderr }: Awaited<ReturnType<typeof command>>,
  what: RegExp,
) {
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(what)
  expect(isPlain(stderr) && stderr.trim().split('\n').length === 1).toBe(true)
}

/** Writes these lines in the format of a backup. */
async function fileOf(text: readonly string[]): Promise<string> {
  const file = join(folder, 'changed')
  await writeFile(file, gzipSync(`${text.join('\n')}\n`))
  return file
}

describe('a backup', () => {
  it('is private, overwrites no file, and leaves out sessions and tables that are not ours', async () => {
    expect((await stat(backup)).mode & 0o777).toBe(0o600)
    expect(lines.join()).not.toContain('of_another_program')
    // A restored session would sign in members who have signed out since.
    expect(lines.join()).toContain('"table":"members"')
    expect(lines.join()).not.toMatch(/"table":"(sessions|sign_ins)"/)
    await using database = await emptyDatabase()
    expect(await restore(database.url, backup)).toMatchObject({ code: 0, stderr: '' })
    expectRefusal(
      await command(['backup', backup], settings(database.url)),
      /cannot be written: .*exist/,
    )
    expectRefusal(
      await command(['backup', backup], settings(database.url)),
      /: a file with that name exists\. Choose another name, or move that file away\.$/m,
    )
  })

  it('is restored unchanged, and nothing is sent until an operator decides', async () => {
    await using database = await emptyDatabase()
    const { stdout } = await restore(database.url, backup)
    expect(stdout).toMatch(/rows have been restored.*\n.*dawnpost resume-from-backup/)
    const again = join(folder, 'again')
    expect(await command(['backup', again], settings(database.url))).toMatchObject({ code: 0 })
    const isState = (line: string) => !/^\{"(dawnpost|table":"lineage")/.test(line)
    const found = gunzipSync(await readFile(again))
      .toString()
      .trimEnd()
      .split('\n')
    expect(found.filter(isState)).toEqual(lines.filter(isState))
    const status = await command(['status'], settings(database.url))
    expect(status.stdout).toMatch(/^ALARM .*nothing is sent until `dawnpost resume-from-backup`/m)
    expect((await command(['resume-from-backup', '--send'], settings(database.url))).code).toBe(0)
    expect((await command(['status'], settings(database.url))).stdout).not.toContain('ALARM')
  })

  it('of a site in DATA_DIR contains its key, so links in its mails work after a restore', async () => {
    await using first = await openFolder()
    await using second = await openFolder()
    const file = join(folder, 'embedded')
    const running = await openApp(readConfig({ DATA_DIR: first.path, LOG_LEVEL: 'silent' }))
    const { subscriber } = await enrolled({ app: running })
    const token = running.links.token('preferences', subscriber.id, running.now())
    expect(await command(['backup', file], { DATA_DIR: first.path })).toMatchObject({
      code: 0,
      stderr: '',
    })
    await running.close()
    expect(await command(['restore', file], { DATA_DIR: second.path })).toMatchObject({
      code: 0,
      stderr: '',
    })
    expectRefusal(
      await command(['restore', file], { DATA_DIR: second.path }),
      /only to an empty database/,
    )
    const app = await openApp(readConfig({ DATA_DIR: second.path, LOG_LEVEL: 'silent' }), {
      existing: true,
    })
    expect(app.links.read('preferences', token, app.now())).toBe(subscriber.id)
    expect((await app.operator.status()).heldSince).not.toBeNull()
    await app.close()
    expect((await stat(join(second.path, 'secret.key'))).mode & 0o777).toBe(0o600)
    await using third = await openFolder()
    await writeFile(join(third.path, 'secret.key'), 'another key, of another site\n')
    expectRefusal(
      await command(['restore', file], { DATA_DIR: third.path }),
      /contains a different key/,
    )
  })

  it('of an earlier version is migrated by the restore; taking it migrates nothing', async () => {
    const file = join(folder, 'older')
    await using older = await emptyDatabase()
    const { db, close } = await openDatabase(older.url, () => {})
    await db.transaction().execute((tx) => migrateInTransaction(tx, OLDER))
    await close()
    const address = `insert into suppressions (address_hash, reason, created_at)
      values ('\\x07', 'bounce', now())`
    await older.value(address)
    expect((await command(['backup', file], settings(older.url))).code).toBe(0)
    const latest = `select max(name collate "C") from kysely_migration`
    expect(await older.value(latest)).toBe(OLDER)
    await using database = await emptyDatabase()
    expect(await restore(database.url, file)).toMatchObject({ code: 0, stderr: '' })
    expect(await database.value(latest)).not.toBe(OLDER)
    expect(await database.value('select count(*)::int from suppressions')).toBe(1)
    expect(await database.value('select held_since is not null from lineage')).toBe(true)
  })
})

describe('a restore is refused and changes nothing for', () => {
  let database: Awaited<ReturnType<typeof emptyDatabase>>
  beforeAll(async () => {
    database = await emptyDatabase()
  })
  afterAll(() => database[Symbol.asyncDispose]())

  const migrations = () => JSON.parse(lines[1] ?? '').migrations as string[]
  const withMigrations = (names: string[]) =>
    fileOf([lines[0] ?? '', JSON.stringify({ migrations: names }), ...lines.slice(2)])

  it.each<[string, () => Promise<string>, RegExp]>([
    ['a file that is not there', async () => join(folder, 'none'), /none cannot be read/],
    ['a folder', async () => folder, /cannot be read/],
    [
      'a file that was cut off',
      async () => {
        const bytes = await readFile(backup)
        await writeFile(join(folder, 'cut'), bytes.subarray(0, bytes.length / 2))
        return join(folder, 'cut')
      },
      /damaged: unexpected end/,
    ],
    ['a backup without its end', () => fileOf(lines.slice(0, -1)), /its end is missing/],
    [
      'a damaged one',
      async () => {
        const bytes = await readFile(backup)
        bytes.subarray(-5_000, -4_900).fill(7)
        await writeFile(join(folder, 'damaged'), bytes)
        return join(folder, 'damaged')
      },
      /damaged/,
    ],
    [
      'another compressed file',
      () => fileOf(['-- PostgreSQL database dump', '']),
      /not a Dawnpost backup/,
    ],
    [
      'another file',
      async () => {
        await writeFile(join(folder, 'text'), 'PGDMP')
        return join(folder, 'text')
      },
      /not a Dawnpost backup/,
    ],
    [
      'one with a value that is none, after others',
      () =>
        fileOf([
          ...lines.slice(0, -1),
          '{"table":"notices","rows":[{"name":"x","since":"never"}]}',
          lines.at(-1) ?? '',
        ]),
      /damaged/,
    ],
    [
      'that of a newer version',
      () => withMigrations([...migrations(), '9999-newer']),
      /newer version of Dawnpost \(9999-newer\)/,
    ],
  ])('%s', async (_, file, what) => {
    expectRefusal(await restore(database.url, await file()), what)
    expect(await database.value(THINGS)).toBe(0)
  })

  it('a schema that holds tables of another program', async () => {
    await database.value('create table enrollments as select 7 as n')
    expectRefusal(await restore(database.url, backup), /only to an empty database/)
    expect(await database.value('select n from enrollments')).toBe(7)
    await database.value('drop table enrollments')
  })

  it('the database of an existing site', async () => {
    await using test = await testApp()
    await enrolled(test)
    expectRefusal(await restore(test.app.databaseUrl, backup), /only to an empty database/)
    expect(await test.db.selectFrom('subscribers').select('address').execute()).toHaveLength(1)
  })

  it('a SECRET_KEY that differs from the one in the backup', async () => {
    const [head = '', ...rest] = lines
    const file = await fileOf([
      JSON.stringify({ ...JSON.parse(head), key: 'a key of its own' }),
      ...rest,
    ])
    expectRefusal(await restore(database.url, file), /SECRET_KEY is not the key/)
    expect(await database.value(THINGS)).toBe(0)
  })
})
