/** The partitioned ledger: keys are unique across partitions (I1), and a claim writes no index. */
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import * as stores from '../../src/store/index.ts'
import { withIndexScans } from '../../src/store/postgres/by-index.ts'
import type { Db } from '../../src/store/postgres/sql.ts'
import { enrolled, type TestApp, testApp } from '../support/app.ts'
import { columnsInIndexes } from '../support/indexes.ts'
import { told } from '../support/ledger-months.ts'
import { until } from '../support/wait.ts'

let test: TestApp
let enrollmentId: string
beforeAll(async () => {
  test = await testApp()
  enrollmentId = (await enrolled(test, { series: ['inner-wisdom'] })).first.id
})
beforeEach(() => test.db.deleteFrom('ledger').execute())
afterAll(() => test?.[Symbol.asyncDispose]())

const NOW = Temporal.Instant.from('2027-03-20T06:00:00Z')
const mail = (kind: 'lesson' | 'inspiration', status?: 'expired') => ({
  enrollmentId,
  series: 'inner-wisdom',
  kind,
  item: '2027-03-20',
  day: null,
  morning: { on: Temporal.PlainDate.from('2027-03-20'), at: NOW, until: NOW.add({ hours: 12 }) },
  ...(status && { status }),
})
const add = (db: Db, ...mails: ReturnType<typeof mail>[]) => stores.deliveries.add(db, mails, NOW)
const parts = async () => {
  const { rows } = await sql<{ part: string }>`
    select tableoid::regclass::text as part from ledger order by 1`.execute(test.db)
  return rows.map(({ part }) => part)
}
/** Waits for the transaction that has locked the row. */
const LATER = sql`update ledger set try_at = try_at + interval '1 hour'
  where status = 'planned'`
const end = (db: Db, status = 'sent') => sql`update ledger set status = ${status}`.execute(db)

it.each([
  ['lesson', 'deliveries_kept_2027_03'],
  ['inspiration', 'deliveries_passing_2027_03'],
] as const)('an ended mail keeps its key: %s', async (kind, part) => {
  expect(await add(test.db, mail(kind))).toHaveLength(1)
  expect(await parts()).toEqual(['deliveries_outstanding'])
  expect(await add(test.db, mail(kind))).toEqual([])
  await end(test.db)
  expect(await parts()).toEqual([part])
  expect(await add(test.db, mail(kind))).toEqual([])
  expect(await add(test.db, mail(kind, 'expired'))).toEqual([])
  expect(await parts()).toEqual([part])
})

it('a mail that ended before the ledger was partitioned keeps its key', async () => {
  await add(test.db, mail('lesson'))
  await end(test.db)
  await sql`update ledger set retention = 0`.execute(test.db)
  expect(await parts()).toEqual(['deliveries_before'])
  expect(await add(test.db, mail('lesson'))).toEqual([])
  expect(await parts()).toEqual(['deliveries_before'])
})

it('a mail that is just ending keeps its key', async () => {
  await add(test.db, mail('lesson'))
  let adding: Promise<string[]> | undefined
  await test.db.transaction().execute(async (tx) => {
    await end(tx)
    adding = add(test.db, mail('lesson'))
    await until('somebody to wait for it', async () => {
      const { rows } = await sql`select from pg_locks where not granted`.execute(test.db)
      return rows.length > 0
    })
  })
  expect(await adding).toEqual([])
  expect(await parts()).toEqual(['deliveries_kept_2027_03'])
})

it.each([
  ['a statement', (db: Db) => LATER.execute(db)],
  ['what is read by an index', (db: Db) => withIndexScans(db, (tx) => LATER.execute(tx))],
])('%s that waits for a mail that is ending leaves it alone', async (_, change) => {
  await add(test.db, mail('lesson'))
  let changing: Promise<{ numAffectedRows?: bigint }> | undefined
  await test.db.transaction().execute(async (tx) => {
    await end(tx)
    changing = change(test.db)
    await until('somebody to wait for it', async () => {
      const { rows } = await sql`select from pg_locks where not granted`.execute(test.db)
      return rows.length > 0
    })
  })
  expect((await changing)?.numAffectedRows).toBe(0n)
})

it('a claim changes no indexed column, so that PostgreSQL need not write to an index', async () => {
  const inIndexes = await columnsInIndexes(test.db, 'deliveries_outstanding')
  const claimed = ['status', 'attempts', 'worker', 'first_tried_at', 'message_id', 'epoch']
  expect(inIndexes.filter((column) => claimed.includes(column))).toEqual([])
  expect(inIndexes).toContain('try_at')
})

it('deleting an enrollment deletes its deliveries and their details in every partition', async () => {
  const { first } = await enrolled(test, { email: 'leaves@example.com', series: ['inner-wisdom'] })
  const own = { ...mail('lesson'), enrollmentId: first.id }
  const ended = { ...own, kind: 'inspiration' as const, status: 'expired' as const }
  const stays = await add(test.db, mail('lesson'))
  const ids = [...stays, ...(await add(test.db, own, ended))]
  const { rows: all } = await sql<{ id: string }>`select id from deliveries`.execute(test.db)
  expect(all.length).toBeGreaterThan(ids.length)
  for (const { id } of all) await told(test.db, id)
  await test.db.deleteFrom('enrollments').where('id', '=', first.id).execute()
  for (const table of ['deliveries', 'letters', 'click_marks']) {
    const column = sql.ref(table === 'deliveries' ? 'id' : 'delivery_id')
    const { rows } = await sql`select ${column} as id from ${sql.table(table)}`.execute(test.db)
    expect(rows, table).toEqual([{ id: stays[0] }])
  }
})
