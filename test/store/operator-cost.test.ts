/**
 * Queries of the sweep, the planner and an operator cost the same however large the ledger and the
 * backlog are: proved by counting rows.
 */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as stores from '../../src/store/index.ts'
import type { Db } from '../../src/store/postgres/sql.ts'
import { type TestApp, testApp } from '../support/app.ts'

/**
 * Each has a lesson that waits in the queue, two mails that were sent, and an enrollment in a
 * series that has ended.
 */
const READERS = 12_000
const NOW = Temporal.Instant.from('2027-03-19T12:00:00Z')
const LIMIT = 1_000
/** Enrollments that are not confirmed. */
const PENDING = 700

let test: TestApp
beforeAll(async () => {
  test = await testApp({ start: String(NOW), isNew: true })
  await fill(test.db)
}, 60_000)
afterAll(() => test?.[Symbol.asyncDispose]())

async function fill(db: Db) {
  const at = sql`${String(NOW)}::timestamptz`
  await sql`
    insert into subscribers (id, address, address_key, address_hash, first_name, created_at)
    select md5('s' || n)::uuid, 'r' || n || '@example.com', 'r' || n || '@example.com',
      decode(md5('h' || n), 'hex'), 'R', ${at} - interval '1 year'
    from generate_series(1, ${READERS}::int) n`.execute(db)
  await sql`
    insert into enrollments (id, subscriber_id, series, status, time_of_day, zone, weekdays, due_on,
      due_at, created_at)
    select md5(series || n)::uuid, md5('s' || n)::uuid, series, 'active', '07:00', 'UTC', '{1}',
      '2027-03-20', due, ${at} - interval '1 year'
    from generate_series(1, ${READERS}::int) n,
      (values ('inner-wisdom', ${at} + interval '1 day'),
        ('an-ended-one', ${at} - interval '9 days')) as of (series, due)`.execute(db)
  await sql`
    insert into enrollments (id, subscriber_id, series, status, time_of_day, zone, weekdays,
      created_at)
    select md5('pending' || n)::uuid, md5('s' || n)::uuid, 'not-confirmed', 'pending', '07:00',
      'UTC', '{1}', ${at}
    from generate_series(1, ${PENDING}::int) n`.execute(db)
  // Wide enough that neither is a small table, which PostgreSQL would just scan.
  await sql`update enrollments set fields = jsonb_build_object('of', repeat('x', 1700))`.execute(db)
  await sql`
    insert into ledger (id, enrollment_id, series, kind, item, day, local_date, due_at, until,
      try_at, status, queued_at, reply, created_at)
    select md5(item || n)::uuid, md5('inner-wisdom' || n)::uuid, 'inner-wisdom', kind, item, 1,
      on_date, due, due + interval '9 h', due,
      status, now() - interval '1 h', case status when 'sent' then repeat('x', 1700) end, due
    from generate_series(1, ${READERS}::int) n, (values
      ('welcome', 'welcome', 'sent', '2027-03-01'::date, ${at} - interval '18 days'),
      ('lesson', 'one', 'sent', '2027-03-18'::date, ${at} - interval '1 day'),
      ('lesson', 'two', 'planned', '2027-03-19'::date, ${at} - interval '1 h')) as of (kind, item,
        status, on_date, due)`.execute(db)
  await sql`update ledger set status = 'bounced' where item = 'one'
    and enrollment_id = md5('inner-wisdom7')::uuid`.execute(db)
  // As before the ledger was partitioned, and not moved yet.
  await sql`update ledger set retention = 0 where item = 'one'`.execute(db)
  for (const table of ['subscribers', 'enrollments', 'ledger'])
    await sql`vacuum (analyze) ${sql.table(table)}`.execute(db)
}

/**
 * What these statements read from the large tables: rows without an index, rows by one, and pages
 * of the tables themselves. The statements are rolled back.
 */
async function reads(use: (tx: Db) => Promise<unknown>) {
  const undone = new Error('undone')
  let read: Read = { scanned: -1, found: -1, pages: -1 }
  await test.db
    .transaction()
    .execute(async (tx) => {
      const before = await counted(tx)
      await use(tx)
      const after = await counted(tx)
      read = {
        scanned: after.scanned - before.scanned,
        found: after.found - before.found,
        pages: after.pages - before.pages,
      }
      throw undone
    })
    .catch((error) => {
      if (error !== undone) throw error
    })
  return read
}

type Read = Readonly<Record<'scanned' | 'found' | 'pages', number>>

async function counted(tx: Db): Promise<Read> {
  const { rows } = await sql<Read>`
    with large as (
      select coalesce(p.relid, t::regclass) as relid
        from unnest('{deliveries,enrollments,subscribers}'::text[]) t
      left join lateral pg_partition_tree(t::regclass) p on p.isleaf
    )
    select (select sum(pg_stat_get_xact_tuples_returned(relid))::int from large) as scanned,
      (select sum(pg_stat_get_xact_blocks_fetched(relid))::int from large) as pages,
      (select sum(pg_stat_get_xact_tuples_returned(indexrelid))::int from pg_index
        where indrelid in (select relid from large)) as found`.execute(tx)
  return rows[0] ?? { scanned: -1, found: -1, pages: -1 }
}

const AGO = NOW.subtract({ hours: 720 })
const looking = { after: null, resends: 1, limit: LIMIT }
const reader = {
  address: 'r5@example.com',
  address_key: 'r5@example.com',
  address_hash: Buffer.alloc(16),
}
const idOf = async (tx: Db, text: string) => {
  const { rows } = await sql<{ id: string }>`select md5(${text})::uuid as id`.execute(tx)
  return rows[0]?.id ?? ''
}

/** Each query with the most rows it may find by indexes. */
const questions: Record<string, [most: number, ask: (tx: Db) => Promise<unknown>]> = {
  'what is ready': [2 * LIMIT, (tx) => stores.backlog.countReady(tx, NOW, 1)],
  'whether anything is ready': [10, (tx) => stores.backlog.isAnyReady(tx, NOW, 1)],
  'what was planned since a moment': [10, (tx) => stores.backlog.isDueSince(tx, NOW)],
  'what can no longer leave': [10, (tx) => stores.backlog.expireClosed(tx, NOW, LIMIT)],
  'what no job stands for': [
    10,
    (tx) => stores.backlog.markReadyAsQueued(tx, NOW, { resends: 1, limit: LIMIT }),
  ],
  'what was lost': [
    5 * LIMIT,
    (tx) =>
      stores.backlog.scanPage(tx, NOW, {
        ...looking,
        oldestJob: Temporal.Now.instant().subtract({ hours: 2 }),
      }),
  ],
  'what was lost, with an empty queue': [
    5 * LIMIT,
    (tx) => stores.backlog.scanPage(tx, NOW, { ...looking, oldestJob: null }),
  ],
  'who is due': [
    10,
    (tx) => {
      const options = {
        limit: LIMIT,
        except: [],
        beyond: null,
        after: [],
        resends: 1,
        seen: test.app.sender.lineage.seen(),
      }
      return stores.due.claim(tx, ['inner-wisdom'], NOW, options)
    },
  ],
  'when the next is due': [10, (tx) => stores.due.nextAt(tx, ['inner-wisdom'])],
  'what is to be forgotten': [10, (tx) => stores.subscribers.purgeUnconfirmed(tx, AGO, AGO)],
  'who of the suppressed is still there': [
    10,
    async (tx) => {
      await sql`
        insert into suppressions (address_hash, reason, source, created_at)
        select decode(md5('h' || n), 'hex'), 'manual', 'operator', now()
          from generate_series(1, 5) n`.execute(tx)
      const page = await stores.suppressions.page(tx, { after: null, limit: LIMIT })
      expect(page.filter(({ address }) => address !== null)).toHaveLength(5)
    },
  ],
  'what is to be erased': [
    60,
    async (tx) => {
      const id = await idOf(tx, 's5')
      await stores.deliveries.skipUnsent(tx, { subscriberId: id }, 'erased')
      await stores.rights.erase(tx, { id, ...reader })
    },
  ],
}

describe.each(Object.entries(questions))('%s', (_, [most, ask]) => {
  it('is found without scanning the ledger, the enrollments or the subscribers', async () => {
    const { scanned, found } = await reads(ask)
    expect(scanned).toBe(0)
    expect(found).toBeLessThanOrEqual(most)
  })
})

it('rare states in the ledger are counted, and a frequent one is estimated', async () => {
  const { scanned, found } = await reads((tx) => stores.totals.ofDeliveries(tx))
  // The mails that have not ended are scanned once.
  expect([scanned <= READERS, found <= 10]).toEqual([true, true])
  const { counts, estimated } = await stores.totals.ofDeliveries(test.db)
  expect(estimated).toEqual(['sent'])
  expect(counts).toMatchObject({ planned: READERS, bounced: 1 })
  expect(Math.abs((counts.sent ?? 0) - 2 * READERS)).toBeLessThan(READERS / 10)
})

it('unconfirmed enrollments are counted by an index alone', async () => {
  const { found, pages } = await reads((tx) => stores.totals.ofEnrollments(tx))
  expect(found).toBe(PENDING)
  // Only pages of the visibility map.
  expect(pages).toBeLessThan(10)
  const { counts } = await stores.totals.ofEnrollments(test.db)
  expect(counts).toMatchObject({ pending: PENDING, active: 2 * READERS })
})

it('all mails with a try left are scanned, one page at a time', async () => {
  const all = new Set<string>()
  let after: stores.backlog.BacklogPosition | null = null
  do {
    const seen: stores.backlog.BacklogPage = await stores.backlog.scanPage(test.db, NOW, {
      ...looking,
      after,
      oldestJob: null,
    })
    for (const id of seen.lost) all.add(id)
    after = seen.next
  } while (after)
  expect(all.size).toBe(READERS)
})

it('JIT and parallel workers are off, since they take longer than the statements', async () => {
  const { rows } = await sql`
    select current_setting('jit') as jit, current_setting('max_parallel_workers_per_gather') as
      helpers`.execute(test.db)
  expect(rows).toEqual([{ jit: 'off', helpers: '0' }])
})
