import { readdir } from 'node:fs/promises'
import { sql } from 'kysely'
import { expect, inject, it } from 'vitest'
import { migrate } from '../../../src/store/postgres/migrate.ts'
import { createScratch } from '../../../src/store/postgres/scratch.ts'
import { openDatabase } from '../../../src/store/postgres/sql.ts'

const MIGRATIONS = new URL('../../../src/store/migrations/', import.meta.url)

async function emptyDatabase() {
  const scratch = await createScratch(inject('databaseUrl'), { template: 'template0' })
  const open = await Promise.all([1, 2, 3].map(() => openDatabase(scratch.url, () => {})))
  return {
    open,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(open.map((one) => one.close()))
      await scratch.drop()
    },
  }
}

it('migrates once when several processes start together, and does nothing the next time', async () => {
  await using test = await emptyDatabase()
  const [first] = test.open
  if (!first) throw new Error('no database')
  const ran = await Promise.all(test.open.map(({ db }) => migrate(db)))
  const files = (await readdir(MIGRATIONS)).sort().map((name) => name.replace('.sql', ''))
  expect(ran.flat()).toEqual(files)
  expect(await migrate(first.db)).toEqual([])
})

it('refuses a database that a newer version has migrated', async () => {
  await using test = await emptyDatabase()
  const [first] = test.open
  if (!first) throw new Error('no database')
  await migrate(first.db)
  await sql`insert into kysely_migration (name, timestamp)
    values ('9999-future', '2099-01-01')`.execute(first.db)
  await expect(migrate(first.db)).rejects.toMatchObject({ name: 'Problem', code: 'unavailable' })
})
