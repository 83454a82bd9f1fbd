/** Counters do not wait for the disk; other writes do. */
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { openCounters } from '../../../src/store/postgres/counters.ts'
import { openLimits } from '../../../src/store/postgres/rate-limits.ts'
import { openDatabase } from '../../../src/store/postgres/sql.ts'
import { testApp } from '../../support/app.ts'

it('a count is committed without waiting for the disk, and other writes wait for it', async () => {
  await using test = await testApp()
  const name = sql.ref(new URL(test.app.databaseUrl).pathname.slice(1))
  await sql`alter database ${name} set synchronous_commit = on`.execute(test.db)
  // A deferred trigger records the setting at the moment of the commit.
  await sql`create table seen (at serial, what text, how text)`.execute(test.db)
  await sql`create function look() returns trigger language plpgsql as $$ begin
    insert into seen (what, how) values (tg_table_name,
      current_setting('synchronous_commit')); return null; end $$`.execute(test.db)
  for (const table of ['rate_limits', 'notices'])
    await sql`create constraint trigger look after insert
      or update on ${sql.table(table)} deferrable initially deferred
      for each row execute function look()`.execute(test.db)
  const database = await openDatabase(test.app.databaseUrl, () => {})
  const { second } = openCounters(database.pool)
  expect((await second.add('a:25')).count).toBe(1)
  expect((await second.add('a:25')).count).toBe(2)
  await second.undo('a:25')
  const { limit, gauge } = openLimits(database.pool)
  await limit({ name: 'form', points: 5, seconds: 60 })('a network')
  await gauge({ name: 'rush', points: 0, seconds: 60, holdSeconds: 60 }).count('a form')
  await sql`insert into notices (name) values ('untrusted-proxy')`.execute(database.db)
  await database.close()
  const { rows } = await sql<{
    what: string
    how: string
  }>`select what, how from seen order by at`.execute(test.db)
  const counts = rows.filter(({ what }) => what === 'rate_limits')
  expect(counts.length).toBeGreaterThanOrEqual(5)
  expect(new Set(counts.map(({ how }) => how))).toEqual(new Set(['off']))
  expect(rows.filter(({ what }) => what === 'notices').map(({ how }) => how)).toEqual(['on'])
})
