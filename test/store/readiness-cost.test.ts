/**
 * The queries of /readyz cost the same whatever the backlog: they read the front of an index, never
 * the ledger.
 */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seed } from '../../bench/seed.ts'
import * as stores from '../../src/store/index.ts'
import type { Db } from '../../src/store/postgres/sql.ts'
import { type TestApp, testApp } from '../support/app.ts'

const READERS = 12_000
/** The number of mails of each kind that can pile up. */
const EACH = 12_000
const NOW = Temporal.Instant.from('2027-03-19T12:00:00Z')
/** The most that one query may read: the first thousand of each, and what it filters out. */
const MOST = 17_000

let test: TestApp
beforeAll(async () => {
  test = await testApp({ start: String(NOW) })
  await seed(test.app.databaseUrl, {
    active: READERS,
    due: READERS,
    dueAt: NOW.subtract({ hours: 3 }),
  })
  await pileUp(test.db)
  await sql`analyze deliveries`.execute(test.db)
  await sql`analyze enrollments`.execute(test.db)
}, 60_000)
afterAll(() => test?.[Symbol.asyncDispose]())

/** A ledger with many mails in every state that can pile up, and many that were sent. */
async function pileUp(db: Db) {
  const states: [
    name: string,
    kind: string,
    status: string,
    tryAfter: string,
    until: string,
    reason: string | null,
  ][] = [
    ['sent', 'welcome', 'sent', '0 h', '9 h', null],
    ['waiting', 'welcome', 'planned', '1 h', '9 h', null],
    ['closed', 'again', 'planned', '1 h', '2 h', null],
    ['paused', 'completion', 'planned', '9 h', '9 h', null],
    ['deferred', 'export', 'retry', '1 h', '9 h', null],
    ['lost', 'erase', 'unknown', '1 h', '9 h', null],
    ['unfit', 'link', 'planned', '1 h', '9 h', 'cannot be composed: x'],
    ['unfit-late', 'change', 'expired', '1 h', '4 h', 'cannot be composed: x'],
  ]
  for (const [name, kind, status, tryAfter, until, reason] of states) {
    await sql`
      insert into ledger (id, enrollment_id, series, kind, item, local_date, due_at, until,
        status, reason, reason_code, try_at, tries, lost_at, created_at)
      select md5(${name} || n)::uuid, readers[n % ${READERS}::int + 1], 'inner-wisdom', ${kind},
        ${name} || n,
        '2027-03-19', due, due + ${until}::interval, ${status}, ${reason},
        ${reason && 'not_composed'}, due + ${tryAfter}::interval,
        case when ${status} = 'retry' then '{x}'::text[] end, case when ${status} = 'unknown'
          then due end, due
      from (select n, ${String(NOW)}::timestamptz - interval '4 h' + n * interval '1 ms' as due
        from generate_series(1, ${EACH}::int) n) as one,
          (select array_agg(id) as readers from enrollments) as enrolled`.execute(db)
  }
}

/**
 * What these statements read from the ledger and the enrollments: rows by index, and rows in full
 * scans.
 */
const reads = (use: (tx: Db) => Promise<unknown>) =>
  test.db.transaction().execute(async (tx) => {
    const before = await counted(tx)
    await use(tx)
    const after = await counted(tx)
    return { scans: after.scans - before.scans, rows: after.rows - before.rows }
  })

async function counted(tx: Db): Promise<{ scans: number; rows: number }> {
  const { rows } = await sql<{ scans: number; rows: number }>`
    with large as (
      select coalesce(p.relid, t::regclass) as relid
        from unnest('{deliveries,enrollments}'::text[]) t
      left join lateral pg_partition_tree(t::regclass) p on p.isleaf
    )
    select (select sum(pg_stat_get_xact_tuples_returned(relid))::int from large) as scans,
      (select sum(pg_stat_get_xact_tuples_returned(indexrelid))::int from pg_index
        where indrelid in (select relid from large)) as rows`.execute(tx)
  return rows[0] ?? { scans: -1, rows: -1 }
}

const ask: Record<string, (tx: Db) => Promise<unknown>> = {
  'what is behind': (tx) =>
    stores.behind.oldest(tx, ['inner-wisdom', 'daily-inspiration'], { now: NOW, resends: 1 }),
  'what is unknown': (tx) => stores.unknowns.count(tx),
  'what cannot be composed': (tx) => stores.uncomposed.bySeries(tx, NOW.subtract({ hours: 24 })),
  'which changes are blocked': (tx) => stores.courses.blocked(tx),
  'who is alive': (tx) => stores.processes.alive(tx),
  'whether it can be written': (tx) => stores.processes.checkWritable(tx),
}

describe.each(Object.entries(ask))('%s', (_, question) => {
  it('is known without scanning the ledger', async () => {
    const { scans, rows } = await reads(question)
    expect(scans).toBe(0)
    expect(rows).toBeLessThanOrEqual(MOST)
  })
})

it('the oldest mail of each kind is found among all of them', async () => {
  const behind = await stores.behind.oldest(test.db, ['inner-wisdom'], { now: NOW, resends: 1 })
  const first = NOW.subtract({ hours: 4 }).add({ milliseconds: 1 })
  expect(String(behind.unplanned)).toBe(String(NOW.subtract({ hours: 3 })))
  expect([String(behind.planned), String(behind.deferred), behind.deferrals]).toEqual([
    String(first),
    String(first),
    1_000,
  ])
  expect(await stores.uncomposed.bySeries(test.db, NOW.subtract({ hours: 24 }))).toEqual([
    { series: 'inner-wisdom', waiting: 1_000, expired: 1_000, reason: 'x' },
  ])
})
