/**
 * PostgreSQL as others run it: behind pgbouncer, in another time zone, language or schema, or with
 * a role that has few rights.
 */
import { sql } from 'kysely'
import pg from 'pg'
import { expect, inject, it } from 'vitest'
import type { Db } from '../../../src/store/postgres/sql.ts'
import { ask, enrolled, type TestApp, testApp } from '../../support/app.ts'
import { hasPgbouncer, startPgbouncer } from '../../support/pgbouncer.ts'
import { openScratch } from '../../support/scratch.ts'

/** Runs a statement on the database before the app opens it. */
const after = (statement: (name: string) => string) => async (url: string) => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(statement(new URL(url).pathname.slice(1)))
  await client.end()
  return url
}

const withOptions = (options: string) => async (url: string) =>
  `${url}?options=${encodeURIComponent(options)}`

/** Sends what is due on the first two mornings, and lists the lessons. */
async function runs(test: TestApp) {
  await enrolled(test, { series: ['inner-wisdom'] })
  for (let day = 20; day < 22; day += 1) {
    test.clock.set(`2027-03-${day}T08:00:00Z`)
    await test.settle()
  }
  const { rows } = await sql<{ day: number; at: Temporal.Instant; on: Temporal.PlainDate }>`
    select day, sent_at as at, local_date as on from deliveries where kind = 'lesson'
      and status = 'sent' order by day`.execute(test.db)
  return rows.map(({ day, at, on }) => `${day} ${on} ${at}`)
}

const MORNINGS = [1, 2].map((day) => `${day} 2027-03-${19 + day} 2027-03-${19 + day}T08:00:00Z`)

/** The tables that contain an address, in upper or lower case. */
async function tracesOf(address: string, db: Db) {
  const { rows: tables } = await sql<{ name: string }>`
    select relname as name from pg_class where relkind = 'r'
      and relnamespace = current_schema()::regnamespace`.execute(db)
  const found = await Promise.all(
    tables.map(async ({ name }) => {
      const { rows } = await sql<{
        row: string
      }>`select t::text as row from ${sql.table(name)} t`.execute(db)
      return rows.some(({ row }) => row.toLowerCase().includes(address)) ? [name] : []
    }),
  )
  return found.flat()
}

const sayingOf = (opening: Promise<TestApp>): Promise<string> =>
  opening.then(
    async (test) => {
      await test[Symbol.asyncDispose]()
      return 'it opened'
    },
    (error: Error) => `${error.name}: ${error.message}`,
  )

/** Skipped where pgbouncer is not installed. */
const behind = it.skipIf(!hasPgbouncer)

behind('works behind pgbouncer in transaction mode, with its queue on Redis', async () => {
  await using opened = new AsyncDisposableStack()
  const through = async (url: string) => opened.use(await startPgbouncer(url)).url
  await using test = await testApp({ backend: 'redis', through })
  expect(await runs(test)).toEqual(MORNINGS)
  // Many at once, with statements that are prepared by name elsewhere.
  const visits = Array.from({ length: 12 }, (_, index) =>
    ask(test, { email: `r${index}@example.com` }),
  )
  expect(await Promise.all(visits)).toHaveLength(12)
  await Promise.all(
    Array.from({ length: 12 }, () => test.app.visitor.isProofRequired('inner-wisdom')),
  )
})

behind('migrates behind pgbouncer, and leaves no lock on its connections', async () => {
  await using opened = new AsyncDisposableStack()
  const through = async (url: string) => opened.use(await startPgbouncer(url)).url
  await using test = await testApp({ backend: 'redis', through, template: 'template0' })
  const { rows } = await sql`select from pg_locks where locktype = 'advisory' and database =
    (select oid from pg_database where datname = current_database())`.execute(test.db)
  expect(rows).toEqual([])
})

behind('is told that pgbouncer carries no queue, and no options', async () => {
  await using opened = new AsyncDisposableStack()
  const through = async (url: string) => opened.use(await startPgbouncer(url)).url
  expect(await sayingOf(testApp({ backend: 'postgres', through }))).toMatch(
    /^Problem: .*pooler.*Set REDIS_URL/,
  )
  const both = async (url: string) => `${await through(url)}?options=-csearch_path%3Dpublic`
  expect(await sayingOf(testApp({ backend: 'redis', through: both }))).toMatch(
    /^Problem: .*alter role/,
  )
})

it('reads instants and dates whatever the zone, style and isolation of the database', async () => {
  const through = after(
    (name) => `
    alter database ${name} set timezone = 'America/St_Johns';
    alter database ${name} set datestyle = 'German';
    alter database ${name} set intervalstyle = 'sql_standard';
    alter database ${name} set bytea_output = 'escape';
    alter database ${name} set default_transaction_isolation = 'serializable'`,
  )
  await using test = await testApp({ backend: 'postgres', through })
  expect(await runs(test)).toEqual(MORNINGS)
  const { rows } = await sql`select current_setting('timezone') as zone,
    current_setting('transaction_isolation') as isolation`.execute(test.db)
  expect(rows).toEqual([{ zone: 'UTC', isolation: 'read committed' }])
})

/** Before version 15 no database can have an ICU locale, and the system may lack the locale. */
it.skipIf(inject('postgres') < 15)('erases all of a person in Turkish', async () => {
  const template = `template0 locale_provider icu icu_locale 'tr-TR' locale 'C' encoding 'UTF8'`
  await using test = await testApp({ backend: 'postgres', template })
  const { rows } = await sql`select lower('INFO') as small`.execute(test.db)
  expect(rows).toEqual([{ small: 'ınfo' }])
  const { subscriber, first } = await enrolled(test, {
    email: 'INFO@Example.com',
    series: ['inner-wisdom'],
  })
  test.clock.set('2027-03-20T08:00:00Z')
  await test.settle()
  await sql`update ledger set recipient = 'INFO@Example.com'
    where enrollment_id = ${first.id}`.execute(test.db)
  expect(await tracesOf('info@example.com', test.db)).toContain('outbox')
  await test.app.reader.erase(subscriber.id)
  expect(await tracesOf('info@example.com', test.db)).toEqual([])
})

it('refuses an encoding that cannot hold every name', async () => {
  const template = `template0 encoding 'LATIN1' locale 'C'`
  expect(await sayingOf(testApp({ backend: 'postgres', template }))).toMatch(
    /^Problem: .*LATIN1.*encoding 'UTF8'/,
  )
})

it.each([
  ['is older than 13', '120022', 'is PostgreSQL 12.22. Dawnpost needs version 13 or newer.'],
  ['leaves rows out of an index', '140003', 'is PostgreSQL 14.3, which can leave rows out'],
])('refuses a server that %s', async (_, version, told) => {
  // Found before PostgreSQL's own function, and answers as such a server would.
  const old = after(
    () => `create schema old;
    create function old.current_setting(name text) returns text language sql as $$
      select case name when 'server_version_num' then '${version}'
      else pg_catalog.current_setting(name) end $$`,
  )
  const through = async (url: string) =>
    withOptions('-csearch_path=old,pg_catalog,public')(await old(url))
  const saying = await sayingOf(testApp({ backend: 'postgres', through }))
  expect(saying).toMatch(/^Problem: The database at \S+ is PostgreSQL /)
  expect(saying).toContain(told)
})

it('uses a schema of its own, with its queue next to it, and creates it if missing', async () => {
  await using test = await testApp({
    backend: 'postgres',
    template: 'template0',
    through: withOptions('-csearch_path=morning,public'),
  })
  expect(await runs(test)).toEqual(MORNINGS)
  const { rows } = await sql<{ schema: string }>`
    select distinct schemaname as schema from pg_tables where schemaname !~ '^(pg_|information)'
      order by 1`.execute(test.db)
  expect(rows.map(({ schema }) => schema)).toEqual(['bullmq_morning', 'morning'])
})

it('shares a database with another installation, each in its own schema', async () => {
  await using one = await testApp({ backend: 'postgres' })
  const other = `${one.app.databaseUrl}?options=-csearch_path%3D"an-other"`
  await using two = await testApp({ backend: 'postgres', through: async () => other })
  await ask(one, { email: 'one@example.com' })
  expect(await two.app.operator.subscriberByKey('one@example.com')).toBeUndefined()
  expect(await runs(two)).toEqual(MORNINGS)
  expect(await one.db.selectFrom('deliveries').select('kind').execute()).not.toContainEqual({
    kind: 'lesson',
  })
})

it('says which rights a role lacks', async () => {
  const noQueue = after((name) => `revoke create on database ${name} from public, current_user`)
  expect(await sayingOf(testApp({ backend: 'postgres', through: noQueue }))).toMatch(
    /^Problem: The queue cannot use .*grant create/,
  )
  const noSchema = async (url: string) => withOptions('-csearch_path=elsewhere')(await noQueue(url))
  const said = await sayingOf(testApp({ backend: 'redis', through: noSchema }))
  expect(said).toMatch(/^Problem: .*Have its owner run: create schema "elsewhere" authorization/)
})

it('refuses a server that is read-only', async () => {
  const readOnly = after((name) => `alter database ${name} set default_transaction_read_only = on`)
  expect(await sayingOf(testApp({ backend: 'postgres', through: readOnly }))).toMatch(
    /^Problem: .*read-only/,
  )
})

it('recognizes a direct connection, on which statements can be prepared by name', async () => {
  const database = await openScratch(inject('templates').bare)
  expect(database.server).toMatchObject({ pooled: false, schema: 'public' })
  await database.close()
})
