import { sql } from 'kysely'
import pg from 'pg'
import { beforeEach, expect, inject, it } from 'vitest'
import type { Db } from '../../src/store/postgres/sql.ts'
import { ask, testApp } from './app.ts'
import { dropIdle, lendDatabase } from './kept-databases.ts'

const template = () => inject('templates').live

// A database that has been used often would be dropped during the test.
beforeEach(() => dropIdle(template()))

/** The rows of each table that has any, and the last value of each sequence. */
async function allIn(db: Db) {
  const { rows: tables } = await sql<{ name: string }>`
    select oid::regclass::text as name from pg_class
    where relkind = 'r' and relnamespace in ('public'::regnamespace, to_regnamespace('bullmq'))
    order by 1`.execute(db)
  const contents: Record<string, string> = {}
  for (const { name } of tables) {
    const { rows } = await sql<{ text: string | null }>`
      select string_agg(to_jsonb(a_row)::text, ' ' order by to_jsonb(a_row)::text) as text
      from ${sql.raw(name)} a_row`.execute(db)
    if (rows[0]?.text) contents[name] = rows[0].text
  }
  const { rows: sequences } = await sql`
    select schemaname, sequencename, last_value from pg_sequences order by 1, 2`.execute(db)
  return { contents, sequences }
}

/** Borrows a database as the next test would, and gives it back. */
async function givenBack<T>(look: (db: Db) => Promise<T>): Promise<{ url: string; seen: T }> {
  const lent = await lendDatabase(template())
  const seen = await look(lent.own.db)
  await lent.own.close()
  await lent.giveBack()
  return { url: lent.url, seen }
}

it('a lent database is reset for the next test', async () => {
  const { url, seen } = await givenBack(allIn)
  {
    await using test = await testApp()
    expect(test.app.databaseUrl).toBe(url)
    await ask(test)
    test.clock.set('2027-03-20T12:00:00Z')
    await test.settle()
    await sql`update courses set version = version + 1`.execute(test.db)
    await sql`delete from lineage`.execute(test.db)
    expect(await allIn(test.db)).not.toEqual(seen)
  }
  expect(await givenBack(allIn)).toEqual({ url, seen })
})

it.each([
  ['a table has changed', 'alter table requests add column more text'],
  ['an index is gone', 'drop index subscribers_address_hash'],
  ['there is a table more', 'create table one_more ()'],
])('a database is not lent again when %s', async (_, statement) => {
  const { url } = await givenBack((db) => sql.raw(statement).execute(db))
  expect((await givenBack(allIn)).url).not.toBe(url)
})

it('a database is not lent again while a client is connected', async () => {
  const first = await lendDatabase(template())
  const client = new pg.Client({ connectionString: first.url })
  client.on('error', () => {})
  await client.connect()
  await sql`select 1`.execute(first.own.db)
  await first.own.close()
  await first.giveBack()
  expect((await givenBack(allIn)).url).not.toBe(first.url)
})
