/** Address keys that a database in Turkish got wrong are repaired by the migrations. */
import { readdir, readFile } from 'node:fs/promises'
import { sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { expect, inject, it } from 'vitest'
import { migrate } from '../../src/store/postgres/migrate.ts'
import type { Db } from '../../src/store/postgres/sql.ts'
import { openScratch } from '../support/scratch.ts'

const MIGRATIONS = new URL('../../src/store/migrations/', import.meta.url)
const TURKISH = `template0 locale_provider icu icu_locale 'tr-TR' locale 'C' encoding 'UTF8'`

/** Migrates a database up to the migration before this number. */
async function migrateUntil(db: Db, number: string) {
  const names = (await readdir(MIGRATIONS)).filter((name) => name < number)
  const migrations = names.map(async (name): Promise<[string, Migration]> => {
    const text = await readFile(new URL(name, MIGRATIONS), 'utf8')
    return [name.replace('.sql', ''), { up: async (tx) => void (await sql.raw(text).execute(tx)) }]
  })
  const found = Object.fromEntries(await Promise.all(migrations))
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => found },
  }).migrateToLatest()
  if (error) throw error
}

/** A reader who has asked for a change of address, as the ledger once stored it. */
async function asking(db: Db, address: string, wanted: string) {
  await sql`with person as (
      insert into subscribers (id, address, address_key, address_hash, first_name, created_at)
      values (gen_random_uuid(), ${address}, lower(${address}::text collate "C"),
        ${Buffer.from(address)}, 'Ada', now()) returning id),
    enrolled as (
      insert into enrollments (id, subscriber_id, series, status, time_of_day, zone, weekdays,
        created_at)
      select gen_random_uuid(), id, 'inner-wisdom', 'pending', '07:00', 'UTC', '{1}', now()
        from person returning id)
    insert into deliveries (id, enrollment_id, series, kind, item, local_date, due_at, until,
      status, try_at, created_at, recipient)
    select gen_random_uuid(), id, 'inner-wisdom', 'change', '1', current_date, now(), now(), 'sent',
      now(), now(), ${wanted}
    from enrolled`.execute(db)
}

const keys = async (db: Db) => {
  const { rows } = await sql<{ from: string; to: string }>`
    select from_key as "from", to_key as "to" from address_changes
      order by from_key collate "C"`.execute(db)
  return rows.map(({ from, to }) => `${from} > ${to}`)
}

/** Before version 15 no database can have an ICU locale, and the system may lack the locale. */
it.skipIf(inject('postgres') < 15)(
  'repairs keys with a wrong I, and forgets a change that only differed in it',
  async () => {
    const { db, close } = await openScratch(TURKISH)
    await migrateUntil(db, '0013')
    await asking(db, 'ada@example.com', 'INFO@Example.com')
    await asking(db, 'kim@example.com', 'KIM@Example.com')
    await asking(db, 'lee@example.com', 'lee@example.org')
    await migrateUntil(db, '0023')
    const before = ['ada@example.com > ınfo@example.com', 'kim@example.com > kım@example.com']
    expect(await keys(db)).toEqual([...before, 'lee@example.com > lee@example.org'])
    await migrate(db)
    expect(await keys(db)).toEqual([
      'ada@example.com > info@example.com',
      'lee@example.com > lee@example.org',
    ])
    await close()
  },
)
