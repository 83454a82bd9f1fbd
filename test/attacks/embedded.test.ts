/**
 * What an attacker gains with the program's own access to the embedded PostgreSQL, or by reading
 * what it leaves behind.
 */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeToOthers } from '../../src/platform/data-dir.ts'
import { type Embedded, openEmbedded } from '../../src/store/postgres/embedded.ts'
import { rotate } from '../../src/store/postgres/embedded-log.ts'
import { migrate } from '../../src/store/postgres/migrate.ts'
import { type Database, openDatabase } from '../../src/store/postgres/sql.ts'

let folder: string
let server: Embedded
let database: Database
beforeAll(async () => {
  process.env.DAWNPOST_TEST_SECRET = 'smtp://user:the-password@relay'
  folder = await mkdtemp(join(tmpdir(), 'dawnpost-attack-'))
  server = await openEmbedded(join(folder, 'data'), { settings: ['fsync=off'] })
  database = await openDatabase(server.url, () => {})
  await migrate(database.db)
})
afterAll(async () => {
  delete process.env.DAWNPOST_TEST_SECRET
  await database?.close()
  await server?.close()
  await rm(folder, { recursive: true, force: true })
})

const ask = async (statement: string) => (await database.pool.query(statement)).rows
const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)
const postmaster = async () =>
  Number((await readFile(join(folder, 'data/postgres/postmaster.pid'), 'utf8')).split('\n')[0])

describe('the program’s database role', () => {
  it('owns its database and has no other privileges', async () => {
    expect(
      await ask(`select rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls,
        (select count(*)::int from pg_auth_members where member = r.oid) as memberships,
        (select array_agg(datname::text) from pg_database where datdba = r.oid) as databases
        from pg_roles r where rolname = current_user`),
    ).toEqual([
      {
        rolname: 'dawnpost',
        rolsuper: false,
        rolcreaterole: false,
        rolcreatedb: false,
        rolreplication: false,
        rolbypassrls: false,
        memberships: 0,
        databases: ['dawnpost'],
      },
    ])
  })

  it.each([
    `select pg_read_file('/etc/passwd')`,
    `select pg_ls_dir('/')`,
    `select lo_import('/etc/passwd')`,
    `copy (select 1) to '/tmp/dawnpost-written'`,
    `copy (select 1) to program 'id'`,
    `create role another superuser`,
    `create database another`,
    `alter role dawnpost superuser`,
    `alter system set log_statement = 'all'`,
    `set log_min_messages = debug1`,
    `select pg_hba_file_rules()`,
    `select rolpassword from pg_authid`,
  ])('may not: %s', async (statement) => {
    await expect(ask(statement)).rejects.toMatchObject({ code: '42501' })
  })

  it('can connect to no other database on its server', async () => {
    for (const name of ['postgres', 'template1']) {
      const url = new URL(server.url)
      url.pathname = `/${name}`
      await expect(openDatabase(url.href, () => {})).rejects.toThrow('permission denied')
    }
  })
})

describe.runIf(process.platform === 'linux')('the PostgreSQL process', () => {
  it('has nothing from our environment, and neither have its children', async () => {
    const pid = await postmaster()
    const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ')
    const names = (await readFile(`/proc/${pid}/environ`, 'utf8'))
      .split('\0')
      .filter(Boolean)
      .map((entry) => entry.split('=')[0])
    expect(names.sort()).toEqual(['LC_ALL', 'PATH', 'TZ'])
    for (const child of children) {
      const text = await readFile(`/proc/${child}/environ`, 'utf8').catch(() => '')
      expect(text).not.toMatch(/the-password|npm_|HOME=/)
    }
  })

  it('has no capabilities and no groups, and is not root', async () => {
    const status = await readFile(`/proc/${await postmaster()}/status`, 'utf8')
    expect(status).toMatch(/^CapInh:\t0+$/m)
    expect(status).toMatch(/^CapPrm:\t0+$/m)
    expect(status).toMatch(/^CapEff:\t0+$/m)
    expect(status).toMatch(/^CapAmb:\t0+$/m)
    expect(status).not.toMatch(/^Uid:(\t\d+)*\t0\b/m)
    if (process.getuid?.() === 0) expect(status).toMatch(/^Groups:\s*$/m)
  })
})

describe('DATA_DIR', () => {
  it('is closed to other users, like everything in it', async () => {
    expect(await modeOf(join(folder, 'data'))).toBe('700')
    const modes = await Promise.all(
      (await readdir(join(folder, 'data'))).map(async (name) => [
        name,
        await modeOf(join(folder, 'data', name)),
      ]),
    )
    expect(Object.fromEntries(modes)).toEqual({
      postgres: '700',
      'postgres.admin-password': '600',
      'postgres.log': '600',
      'postgres.password': '600',
    })
  })

  it('is closed if it was open, unless it contains files that are not ours', async () => {
    const at = join(folder, 'open')
    await mkdir(at)
    await writeFile(join(at, 'secret.key'), '')
    await chmod(at, 0o755)
    expect(await closeToOthers(at)).toBe(false)
    expect(await modeOf(at)).toBe('700')
    await writeFile(join(at, 'a-photo.jpg'), '')
    await chmod(at, 0o755)
    expect(await closeToOthers(at)).toBe(true)
    expect(await modeOf(at)).toBe('755')
    expect(await closeToOthers(join(folder, 'missing'))).toBe(false)
  })
})

describe('the PostgreSQL log', () => {
  const ADDRESS = 'ada.lovelace@example.com'

  async function everyLog() {
    const files = await readdir(join(folder, 'data'), { recursive: true })
    const logs = files.filter((name) => /(^|\/)(log\/|[^/]*\.log)/.test(name))
    expect(logs).toContain('postgres.log')
    return (
      await Promise.all(logs.map((name) => readFile(join(folder, 'data', name), 'utf8')))
    ).join('\n')
  }

  it.each([
    ['breaks a rule', `insert into leaks values ('${ADDRESS}'), ('${ADDRESS}')`, '23505'],
    ['is no value', `select '${ADDRESS}'::uuid`, '22P02'],
    ['is no word', `select "${ADDRESS}"`, '42703'],
    ['is raised', `do $$ begin raise exception '${ADDRESS}'; end $$`, 'P0001'],
    ['is only a warning', `do $$ begin raise warning '${ADDRESS}'; end $$`, null],
  ])('contains no address that %s', async (_, statement, code) => {
    await ask('create table if not exists leaks (address text unique)')
    const thrown = await ask(statement).then(
      () => null,
      (error: { code: string }) => error.code,
    )
    expect(thrown).toBe(code)
    expect(await everyLog()).not.toContain('ada.lovelace')
  })

  it('still records how the server started', async () => {
    expect(await everyLog()).toContain('database system is ready')
  })

  it('is rotated when large, even while in use, and the previous one is kept', async () => {
    const log = join(folder, 'data/postgres.log')
    const before = `${await readFile(log, 'utf8')}${'x'.repeat(1_000_000)}\n`
    await writeFile(log, before)
    await rotate(log)
    expect(await readFile(`${log}.1`, 'utf8')).toBe(before)
    expect(await modeOf(`${log}.1`)).toBe('600')
    expect((await stat(log)).size).toBe(0)
    // The server logs a failed login to the file that it has had open all along.
    await expect(
      openDatabase(server.url.replace('dawnpost:', 'stranger:'), () => {}),
    ).rejects.toThrow()
    const { size } = await stat(log)
    expect(size).toBeGreaterThan(0)
    expect(size).toBeLessThan(10_000)
    await rotate(log)
    expect((await stat(log)).size).toBeGreaterThanOrEqual(size)
  })
})
