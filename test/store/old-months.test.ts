/** The months of a ledger from before migration 0064 move to those of this version. */
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { DeliveryKind } from '../../src/domain/delivery.ts'
import { deliveries, ledgerParts, oldLedger, outcomes } from '../../src/store/index.ts'
import { messageIdOf } from '../../src/store/message-id.ts'
import { migrate, migrateInTransaction } from '../../src/store/postgres/migrate.ts'
import { type Db, newId } from '../../src/store/postgres/sql.ts'
import { at, kept, moveAll, passing } from '../support/ledger-months.ts'
import { newestSchema, withoutMonths } from '../support/old-database.ts'
import { schemaOf } from '../support/schema.ts'
import { openScratch } from '../support/scratch.ts'

const BEGAN = '2027-01-04'
const NOW = at('2027-03-19')

let scratch: Awaited<ReturnType<typeof openScratch>>
let db: Db
let enrollment: string
beforeEach(async () => {
  scratch = await openScratch('template0')
  db = scratch.db
  await db.transaction().execute((tx) => migrateInTransaction(tx, '0063-blocked'))
  await ledgerParts.make(db, kept('2027-01'))
  await ledgerParts.make(db, passing('2027-03'))
  enrollment = newId(at(BEGAN))
  await sql`with person as (
      insert into subscribers (id, address, address_key, address_hash, first_name, created_at)
      values (${enrollment}, 'a@b.c', 'a@b.c', 'x', '', now()) returning id)
    insert into enrollments (id, subscriber_id, series, status, time_of_day, zone, weekdays,
      created_at, due_on, due_at)
    select id, id, 's', 'active', '07:00', 'UTC', '{1}', now(), ${BEGAN}, now() from person`.execute(
    db,
  )
})
afterEach(() => scratch?.close())

const add = async (kind: DeliveryKind, on: string, status = 'sent', id: string = newId(at(on))) => {
  const retention = ['inspiration', 'link'].includes(kind) ? 2 : 1
  await sql`insert into deliveries (id, enrollment_id, series, kind, item, local_date, due_at,
      until, try_at, created_at, status, retention, attempts, first_tried_at, sent_at, message_id)
    select ${id}, ${enrollment}, 's', ${kind}, ${on}, ${on}, at, at + interval '9 h', at, at,
      ${status}, ${retention}, 1, case when ${status} <> 'planned' then at + interval '1 s' end,
      case when ${status} = 'sent' then at + interval '2 s' end, '@x'
    from (select ${String(at(on))}::timestamptz as at) as due`.execute(db)
  return id
}

const read = async () => {
  const { rows } = await sql<{ id: string; kind: DeliveryKind; item: string }>`
    select id, series, kind, item, local_date, due_at, created_at, sent_at, status, attempts,
      ${messageIdOf} as message_id
    from deliveries d order by id`.execute(db)
  return rows
}
const parts = async () => {
  const { rows } = await sql<{ part: string }>`
    select distinct tableoid::regclass::text as part from ledger order by 1`.execute(db)
  return rows.map(({ part }) => part)
}
const accept = (id: string) =>
  outcomes.finish(db, [{ id, attempt: 2, move: 'accept', sentAt: at('2027-03-19') }])
const claimed = (id: string) =>
  sql`update ledger set status = 'sending', attempts = 2 where id = ${id}`.execute(db)

it('with all that they say, while mail that was planned before goes on', async () => {
  for (const on of ['2027-01-05', '2027-01-06', '2027-03-01']) await add('lesson', on)
  for (const on of ['2027-03-02', '2027-03-03']) await add('inspiration', on)
  await add('lesson', '2027-03-04', 'skipped')
  await add('again', '2027-03-05')
  // An id that does not begin with when it was made.
  await add('lesson', '2027-03-07', 'sent', '018ac10b-58cc-4372-a567-0e02b2c3d479')
  await add('link', '2027-03-06')
  const [first, second] = [
    await add('lesson', '2027-03-19', 'planned'),
    await add('inspiration', '2027-03-19', 'planned'),
  ]
  const before = await read()
  await migrate(db)
  expect(await read()).toEqual(before)
  // What they have had is known before it is moved (I1).
  const repeated = before.map(({ kind, item }) => ({
    ...{ enrollmentId: enrollment, series: 's', kind, item, day: null },
    morning: { on: Temporal.PlainDate.from(item), at: NOW, until: NOW },
  }))
  expect(await deliveries.add(db, repeated, NOW)).toEqual([])

  await claimed(first)
  await accept(first)
  expect(await parts()).toContain('ledger_old_kept_2027_01')
  const sent = await read()
  await moveAll(db, NOW)
  expect(await read()).toEqual(sent)
  expect(await parts()).toEqual([
    'deliveries_kept_2027_01',
    'deliveries_outstanding',
    'deliveries_passing_2027_03',
  ])
  expect(withoutMonths(await schemaOf(scratch.pool))).toBe(await newestSchema())
  expect(await deliveries.add(db, repeated, NOW)).toEqual([])

  // What ends later of what was planned before.
  await claimed(second)
  await accept(second)
  expect(await parts()).toContain('deliveries_before')
  await moveAll(db, NOW)
  expect(await parts()).toEqual(['deliveries_kept_2027_01', 'deliveries_passing_2027_03'])
  expect(await deliveries.add(db, repeated, NOW)).toEqual([])
})

it('also by several processes at once', async () => {
  for (let day = 1; day < 29; day++) {
    await add('lesson', `2027-01-${String(day + 1).padStart(2, '0')}`)
    await add('inspiration', `2027-03-${String(day).padStart(2, '0')}`)
  }
  const before = await read()
  await migrate(db)
  await Promise.all([1, 2, 3, 4].map(() => moveAll(db, NOW)))
  await moveAll(db, NOW)
  expect(await read()).toEqual(before)
  expect(await oldLedger.tables(db)).toEqual(['deliveries_before'])
  const { rows } = await sql`select from ledger_items`.execute(db)
  expect(rows).toHaveLength(56)
})

it('and nothing is left of copies of months that an interrupted exchange left behind', async () => {
  await sql`create table deliveries_kept_2027_01_left (like deliveries_kept_2027_01)`.execute(db)
  await migrate(db)
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class where relname ~ '\\d_left$'`.execute(db)
  expect(rows).toEqual([])
})
