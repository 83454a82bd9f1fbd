/** A backup has every table, whatever it was called when it was made. */
import { sql } from 'kysely'
import { expect, inject, it } from 'vitest'
import { ownTables } from '../../src/store/postgres/migrate.ts'
import { openScratch } from '../support/scratch.ts'

it('every table that migrations leave is one of ours', async () => {
  const { db, close } = await openScratch(inject('templates').bare)
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
      and not relispartition and relname !~ '^(kysely|bullmq|pgboss)'
    order by 1`
    .execute(db)
    .finally(close)
  const ours = new Set(await ownTables())
  expect(rows.length).toBeGreaterThan(40)
  expect(rows.filter(({ name }) => !ours.has(name))).toEqual([])
})
