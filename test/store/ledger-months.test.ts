/** The months of the ledger on a real database: made ahead, filled, dropped, exchanged. */
import { sql, type Transaction } from 'kysely'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { keepLedger, moveOldLedger, openKeeping } from '../../src/actions/sending/keep-ledger.ts'
import { RETENTION_DAYS } from '../../src/domain/retention.ts'
import { NIL_UUID } from '../../src/domain/uuid.ts'
import { openLog } from '../../src/platform/log.ts'
import { dump, load } from '../../src/store/dump.ts'
import { ledgerDrop, ledgerParts, oldLedger } from '../../src/store/index.ts'
import { createScratch } from '../../src/store/postgres/scratch.ts'
import {
  type Database,
  type Db,
  firstId,
  newId,
  openDatabase,
} from '../../src/store/postgres/sql.ts'
import type { Tables } from '../../src/store/postgres/tables.ts'
import { scratchOf } from '../support/scratch.ts'

const at = (day: string) => Temporal.Instant.from(`${day}T12:00:00Z`)
const NOW = at('2027-03-19')
const kept = (month: string) => ({
  of: 'kept' as const,
  month: Temporal.PlainYearMonth.from(month),
})
const passing = (month: string) => ({ ...kept(month), of: 'passing' as const })

let db: Db
let pool: Database['pool']
let close: () => Promise<void>
beforeEach(async () => {
  const scratch = await scratchOf(inject('templates').bare)
  const database = await openDatabase(scratch.url, () => {})
  db = database.db
  pool = database.pool
  close = async () => {
    await database.close()
    await scratch.drop()
  }
})
afterEach(() => close?.())

const keep = (now = NOW) => keepLedger(now, deps())
const deps = () => ({
  db,
  log: openLog('silent'),
  stores: { ledgerParts, ledgerDrop, oldLedger },
  retention: RETENTION_DAYS,
  keeping: openKeeping(),
})
const names = async () =>
  (await ledgerParts.all(db)).map(({ name }) => name.replace('deliveries_', ''))

/** Somebody who enrolled on a day, and whose enrollment ended on another, or goes on. */
async function enrolledOn(day: string, endedOn: string | null = null): Promise<string> {
  const id = newId(at(day))
  await sql`with person as (
      insert into subscribers (id, address, address_key, address_hash, first_name, created_at)
      values (${id}, ${id}, ${id}, ${Buffer.from(id)}, '', now()) returning id)
    insert into enrollments (id, subscriber_id, series, status, time_of_day, zone, weekdays, created_at, due_on, due_at, ended_at)
    select id, id, 's', ${endedOn ? 'left' : 'active'}, '07:00', 'UTC', '{1}', ${String(at(day))}, ${endedOn ? null : day}, ${endedOn ? null : String(at(day))}, ${endedOn && String(at(endedOn))}
    from person`.execute(db)
  return id
}

interface Row {
  readonly enrollment: string
  readonly on: string
  readonly kind?: string
  readonly item?: string
  readonly retention?: number
}

/** A mail that was sent; gives its id. */
async function sent(of: Row, within: Db | Transaction<Tables> = db): Promise<string> {
  const {
    enrollment,
    on,
    kind = 'lesson',
    item = on,
    retention = kind === 'inspiration' ? 2 : 1,
  } = of
  const id = newId(at(on))
  await sql`insert into deliveries (id, enrollment_id, series, kind, item, local_date, due_at, until, try_at, created_at, status, retention)
    values (${id}, ${enrollment}, 's', ${kind}, ${item}, ${on}, now(), now(), now(), now(), 'sent', ${retention})`.execute(
    within,
  )
  return id
}

const told = (id: string) =>
  sql`with l as (insert into letters (delivery_id, articles, through) values (${id}, '{a}', now()))
    insert into click_marks (delivery_id, link) values (${id}, 0)`.execute(db)

/** Where the rows are: "kept_2027_01 <item>". */
async function where(within = db): Promise<string[]> {
  const { rows } = await sql<{ row: string }>`
    select replace(tableoid::regclass::text, 'deliveries_', '') || ' ' || item as row from deliveries order by 1`.execute(
    within,
  )
  return rows.map(({ row }) => row)
}
const idsIn = async (table: string) => {
  const { rows } = await sql<{
    id: string
  }>`select delivery_id as id from ${sql.table(table)}`.execute(db)
  return rows.map(({ id }) => id)
}

describe('months', () => {
  it('are made ahead by any number of workers at once, with the keys of the ledger', async () => {
    await Promise.all([keep(), keep(), keep()])
    await keep()
    expect(await names()).toEqual(
      ['kept', 'passing'].flatMap((of) => ['03', '04', '05'].map((month) => `${of}_2027_${month}`)),
    )
    const enrollment = await enrolledOn('2027-04-02')
    await sent({ enrollment, on: '2027-04-03' })
    expect(await where()).toEqual(['kept_2027_04 2027-04-03'])
    await expect(sent({ enrollment, on: '2027-05-03', item: '2027-04-03' })).rejects.toThrow(
      'unique',
    )
  })

  it('take the rows that stand in the default part', async () => {
    const [enrollment, other] = [await enrolledOn('2027-03-02'), await enrolledOn('2026-11-02')]
    await sent({ enrollment, on: '2027-03-03' })
    await sent({ enrollment, on: '2027-06-30', kind: 'inspiration' })
    await sent({ enrollment: other, on: '2027-02-01', kind: 'inspiration' })
    await sent({ enrollment: other, on: '2027-02-02' })
    expect(new Set((await where()).map((row) => row.split(' ')[0]))).toEqual(
      new Set(['kept_other', 'passing_other']),
    )
    await keep()
    expect(await where()).toEqual([
      'kept_2026_11 2027-02-02',
      'kept_2027_03 2027-03-03',
      'passing_2027_02 2027-02-01',
      'passing_other 2027-06-30',
    ])
  })

  it('are made for a backup that is put back', async () => {
    const enrollment = await enrolledOn('2026-11-02')
    await sent({ enrollment, on: '2026-11-03' })
    await sent({ enrollment, on: '2027-02-01', kind: 'inspiration' })
    const scratch = await createScratch(inject('databaseUrl'), { template: 'template0' })
    const other = await openDatabase(scratch.url, () => {})
    await load(other.db, dump(pool), NOW)
    const rows = await where(other.db)
    await other.close()
    await scratch.drop()
    expect(rows).toEqual(['kept_2026_11 2026-11-03', 'passing_2027_02 2027-02-01'])
  })

  it('wait while another transaction holds the ledger, and nobody waits for them', async () => {
    const enrollment = await enrolledOn('2027-03-02')
    await db.transaction().execute(async (tx) => {
      await sent({ enrollment, on: '2027-03-03' }, tx)
      expect(await ledgerParts.make(db, kept('2027-03'))).toBe('busy')
      await sent({ enrollment, on: '2027-03-04' })
      await keep()
      expect(await names()).toEqual(['passing_2027_03', 'passing_2027_04', 'passing_2027_05'])
    })
    await keep()
    expect(await where()).toEqual(['kept_2027_03 2027-03-03', 'kept_2027_03 2027-03-04'])
  })
})

describe('a month that is over', () => {
  it('is dropped: of passing mails by its date, of others once all enrollments have ended', async () => {
    const ended = await enrolledOn('2025-12-03', '2026-03-18')
    const gone = await sent({ enrollment: ended, on: '2025-12-04' })
    const late = await enrolledOn('2026-01-03', '2026-03-20')
    const stays = await sent({ enrollment: late, on: '2026-01-04' })
    for (const id of [gone, stays]) await told(id)
    await sent({ enrollment: late, on: '2026-11-30', kind: 'inspiration' })
    await sent({ enrollment: late, on: '2026-12-01', kind: 'inspiration' })
    await keep()
    expect(await where()).toEqual(['kept_2026_01 2026-01-04', 'passing_2026_12 2026-12-01'])
    expect((await names())[0]).toBe('kept_2026_01')
    for (const table of ['letters', 'click_marks']) expect(await idsIn(table)).toEqual([stays])
    const { rows } = await sql`select from enrollments`.execute(db)
    expect(rows).toHaveLength(2)
  })

  it('is exchanged for what is wanted of it, where that is little', async () => {
    const immortal = await enrolledOn('2025-12-01')
    const mine = await sent({ enrollment: immortal, on: '2025-12-02', kind: 'letter' })
    await told(mine)
    for (const day of [11, 12, 13]) {
      const enrollment = await enrolledOn(`2025-12-${day}`, '2026-01-20')
      for (const on of [21, 22, 23, 24]) await told(await sent({ enrollment, on: `2025-12-${on}` }))
    }
    await keep()
    expect(await where()).toEqual(['kept_2025_12 2025-12-02'])
    for (const table of ['letters', 'click_marks']) expect(await idsIn(table)).toEqual([mine])
    await sent({ enrollment: immortal, on: '2027-03-18', kind: 'letter' })
    await expect(sent({ enrollment: immortal, on: '2025-12-02', kind: 'letter' })).rejects.toThrow(
      'unique',
    )
    await keep()
    expect(await where()).toEqual(['kept_2025_12 2025-12-02', 'kept_2025_12 2027-03-18'])
  })

  it('is exchanged with all that has changed since its copy was made', async () => {
    const month = kept('2025-12')
    const since = at('2026-03-19')
    await ledgerParts.make(db, month)
    const enrollment = await enrolledOn('2025-12-01')
    const [changed, removed] = [
      await sent({ enrollment, on: '2025-12-02' }),
      await sent({ enrollment, on: '2025-12-03' }),
    ]
    await sent({ enrollment: await enrolledOn('2025-12-05', '2026-01-01'), on: '2025-12-06' })
    // What a crash has left is in nobody's way.
    for (let n = 0; n < 2; n++) await ledgerDrop.fillCopy(db, month, since)
    await sql`update deliveries set reason = 'late' where id = ${changed}`.execute(db)
    await sql`delete from deliveries where id = ${removed}`.execute(db)
    await sent({ enrollment, on: '2027-03-04' })
    for (let n = 0; n < 2; n++) await ledgerDrop.takeCopy(db, month, since)
    const { rows } =
      await sql`select tableoid::regclass::text as part, item, reason from deliveries order by item`.execute(
        db,
      )
    expect(rows).toEqual([
      { part: 'deliveries_kept_2025_12', item: '2025-12-02', reason: 'late' },
      { part: 'deliveries_kept_2025_12', item: '2027-03-04', reason: null },
    ])
  })

  it('stays while another transaction reads it, and goes the next time', async () => {
    const enrollment = await enrolledOn('2026-03-02')
    await sent({ enrollment, on: '2026-05-01', kind: 'inspiration' })
    await ledgerParts.make(db, passing('2026-05'))
    await db.transaction().execute(async (tx) => {
      await sql`select from deliveries`.execute(tx)
      expect(await ledgerDrop.dropPassing(db, passing('2026-05'))).toBe(false)
      await sent({ enrollment, on: '2027-03-04' })
    })
    await keep()
    expect(await where()).toEqual(['kept_2026_03 2027-03-04'])
  })
})

describe('the ledger of older versions', () => {
  const wanted = {
    passingSince: Temporal.PlainDate.from('2026-12-01'),
    endedSince: at('2026-03-19'),
    upTo: Temporal.PlainYearMonth.from('2027-05'),
  }
  const old = async () => {
    const [active, ended] = [
      await enrolledOn('2025-06-02'),
      await enrolledOn('2025-07-02', '2026-01-01'),
    ]
    const older = (of: Row) => sent({ ...of, retention: 0 })
    await told(await older({ enrollment: ended, on: '2025-07-03' }))
    await older({ enrollment: active, on: '2025-06-03' })
    await older({ enrollment: active, on: '2026-11-30', kind: 'inspiration' })
    await older({ enrollment: active, on: '2026-12-01', kind: 'inspiration' })
    await told(await older({ enrollment: active, on: '2027-01-05', kind: 'letter' }))
  }
  const MOVED = ['kept_2025_06 2025-06-03', 'kept_2025_06 2027-01-05', 'passing_2026_12 2026-12-01']

  it('moves to its months as far as it is wanted, and gives its room back', async () => {
    await old()
    expect(await oldLedger.left(db)).toMatchObject({ from: at('2025-06-03'), to: at('2027-01-05') })
    await moveOldLedger(NOW, deps())
    expect(await where()).toEqual(MOVED)
    expect(await idsIn('letters')).toHaveLength(1)
    expect(await oldLedger.left(db)).toBeNull()
    const { rows } = await sql`select pg_relation_size('deliveries_before')::int as bytes`.execute(
      db,
    )
    expect(rows).toEqual([{ bytes: 0 }])
  })

  it('goes on where it was when a process is killed in between', async () => {
    await old()
    expect(await oldLedger.moveSome(db, NIL_UUID, { ...wanted, limit: 2 })).toMatchObject({
      moved: 1,
      forgotten: 1,
    })
    expect(await where()).toEqual([
      'before 2026-11-30',
      'before 2026-12-01',
      'before 2027-01-05',
      'kept_2025_06 2025-06-03',
    ])
    // Whole or not at all.
    await ledgerParts.make(db, passing('2026-12'))
    await db.transaction().execute(async (tx) => {
      await sql`lock table deliveries_passing_2026_12 in share mode`.execute(tx)
      expect(await oldLedger.moveSome(db, NIL_UUID, wanted)).toBe('busy')
    })
    expect(await where()).toHaveLength(4)
    await Promise.all([moveOldLedger(NOW, deps()), moveOldLedger(NOW, deps())])
    await moveOldLedger(NOW, deps())
    expect(await where()).toEqual(MOVED)
  })
})

it('ids of a month are between its bounds', () => {
  const [from, to] = ledgerParts.boundsOf(kept('2027-02'))
  const first = firstId(Temporal.Instant.from('2027-02-01T00:00:00Z'))
  const last = newId(Temporal.Instant.from('2027-02-28T23:59:59.999Z'))
  expect([from <= first, first < to, last < to, from < last]).toEqual([true, true, true, true])
})
