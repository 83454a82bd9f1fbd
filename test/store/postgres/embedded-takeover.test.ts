/** A database of version 0.1, which the program used as the superuser that created it. */
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openLog } from '../../../src/platform/log.ts'
import { openQueue } from '../../../src/queue/queue.ts'
import { type Embedded, openEmbedded } from '../../../src/store/postgres/embedded.ts'
import { findPrograms, thisMachine } from '../../../src/store/postgres/embedded-programs.ts'
import { migrate } from '../../../src/store/postgres/migrate.ts'
import { type Database, openDatabase } from '../../../src/store/postgres/sql.ts'
import { freePort } from '../../support/free-port.ts'
import { until } from '../../support/wait.ts'

const PASSWORD = 'the-password-of-the-first-version'
let folder: string
let server: Embedded | undefined
let database: Database | undefined

/** As created and used by version 0.1, and left running, as by a killed program. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dawnpost-old-'))
  const [data, port] = [join(folder, 'postgres'), await freePort()]
  const programs = await findPrograms({ machine: thisMachine(), owner: null })
  await mkdir(data, { mode: 0o700 })
  await writeFile(`${data}.password`, PASSWORD, { mode: 0o600 })
  await writeFile(`${data}.log`, 'DETAIL:  Key (address)=(ada@example.com) already exists.\n')
  if (programs.account) await giveAll(programs.account, data)
  const here = ['-D', programs.dataPathFor(data)]
  const trusted = ['--username=dawnpost', '--auth=trust', '--encoding=UTF8', '--locale=C']
  await programs.run('initdb', [...here, ...trusted], data)
  await writeFile(join(data, 'pg_hba.conf'), 'host all all 127.0.0.1/32 trust\n')
  await programs.run(
    'pg_ctl',
    [
      'start',
      '--silent',
      '-l',
      'log-of-the-test',
      ...here,
      '-o',
      `-p ${port} -k '' -c listen_addresses=127.0.0.1`,
    ],
    data,
  )
  await asOld(port, 'postgres', `alter role dawnpost password '${PASSWORD}'; `)
  await asOld(port, 'postgres', 'create database dawnpost')
  await writeFile(join(data, 'pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n')
  await asOld(port, 'dawnpost', 'select pg_reload_conf()')
  await fill(`postgres://dawnpost:${PASSWORD}@127.0.0.1:${port}/dawnpost`)
})
afterAll(async () => {
  await database?.close()
  await server?.close()
  await rm(folder, { recursive: true, force: true })
})

async function giveAll({ uid, gid }: { uid: number; gid: number }, data: string) {
  const { chown } = await import('node:fs/promises')
  for (const path of [data, `${data}.password`, `${data}.log`]) await chown(path, uid, gid)
}

async function asOld(port: number, name: string, statement: string) {
  const client = new pg.Client(`postgres://dawnpost:${PASSWORD}@127.0.0.1:${port}/${name}`)
  await until('the old server', () =>
    client.connect().then(
      () => true,
      () => false,
    ),
  )
  await client.query(statement)
  await client.end()
}

async function fill(url: string) {
  const old = await openDatabase(url, () => {})
  await migrate(old.db)
  await old.pool.query(
    `create type mood as enum ('fine'); create table own (n serial, m mood); insert into own (m)
      values ('fine');
     create view seen as select * from own; create sequence free; create domain short as text;
     create function three() returns int language sql as 'select 3'`,
  )
  await old.close()
  const queue = await openQueue({ redisUrl: null, databaseUrl: url, prefix: '' }, openLog('silent'))
  await queue.depth()
  await queue.close()
}

const BELONGS_TO_ANOTHER = `
  select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relowner <> current_user::regrole and n.nspname !~ '^(pg_|information_schema)'
  union all select proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where p.proowner <> current_user::regrole and n.nspname !~ '^(pg_|information_schema)'
  union all select typname from pg_type t join pg_namespace n on n.oid = t.typnamespace
    where t.typowner <> current_user::regrole and n.nspname !~ '^(pg_|information_schema)'
  union all select nspname from pg_namespace
    where nspowner <> current_user::regrole and nspname !~ '^(pg_|information_schema|public$)'
  union all select datname from pg_database where datname = current_database()
  and datdba <> current_user::regrole`

it('is taken over while it runs: the program owns all of it, and is no longer superuser', async () => {
  server = await openEmbedded(folder)
  database = await openDatabase(server.url, () => {})
  const ask = async (statement: string) => (await database?.pool.query(statement))?.rows
  expect(new URL(server.url).username).toBe('dawnpost')
  expect(await ask('select rolsuper from pg_roles where rolname = current_user')).toEqual([
    { rolsuper: false },
  ])
  expect(await ask(BELONGS_TO_ANOTHER)).toEqual([])
  expect(await ask('select n, m from seen')).toEqual([{ n: 1, m: 'fine' }])
  await ask('alter table own add column more text; drop function three()')
  expect(await migrate(database.db)).toEqual([])
  const queue = await openQueue(
    { redisUrl: null, databaseUrl: server.url, prefix: '' },
    openLog('silent'),
  )
  expect(await queue.depth()).toBe(0)
  await queue.close()
})

it('leaves no interim role and no addresses in its old log, and protects its secrets', async () => {
  const rows = (
    await database?.pool.query(`select rolname from pg_roles where rolname like 'dawnpost%'`)
  )?.rows
  expect(rows?.map(({ rolname }) => rolname).sort()).toEqual(['dawnpost', 'dawnpost_admin'])
  expect(await readFile(join(folder, 'postgres.log'), 'utf8')).not.toContain('ada@example.com')
  for (const name of ['postgres.password', 'postgres.admin-password', 'postgres.log']) {
    const { uid, mode } = await stat(join(folder, name))
    expect([name, uid, mode & 0o077]).toEqual([name, process.getuid?.(), 0])
  }
})

it('starts again with its data', async () => {
  await database?.close()
  await server?.close()
  server = await openEmbedded(folder)
  database = await openDatabase(server.url, () => {})
  expect((await database.pool.query('select n from own')).rows).toEqual([{ n: 1 }])
})
