/** The monthly partitions of the ledger on a real database: created, filled, dropped, replaced. */
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { moveOldLedger } from '../../src/actions/sending/maintain-ledger.ts'
import { dump, load } from '../../src/store/dump.ts'
import { ledgerDrop, ledgerParts } from '../../src/store/index.ts'
import { itemOf } from '../../src/store/ledger-items.ts'
import { firstId, newId } from '../../src/store/postgres/sql.ts'
import { at, kept, type Ledger, NOW, openLedger, passing } from '../support/ledger-months.ts'
import { openScratch } from '../support/scratch.ts'

let ledger: Ledger
beforeEach(async () => {
  ledger = await openLedger()
})
afterEach(() => ledger?.close())

describe('months', () => {
  it('are created ahead by several workers at once, with the keys of the ledger', async () => {
    await Promise.all([ledger.keep(), ledger.keep(), ledger.keep()])
    await ledger.keep()
    expect(await ledger.names()).toEqual(
      ['kept', 'passing'].flatMap((of) => ['03', '04', '05'].map((month) => `${of}_2027_${month}`)),
    )
    const enrollment = await ledger.enrolledOn('2027-04-02')
    await ledger.sent({ enrollment, on: '2027-04-03' })
    expect(await ledger.where()).toEqual(['kept_2027_04 2027-04-03'])
    await expect(ledger.sent({ enrollment, on: '2027-05-03', item: '2027-04-03' })).rejects.toThrow(
      'unique',
    )
  })

  it('show where passing mails begin, once the old ledger is empty', async () => {
    expect(await ledgerParts.passingFrom(ledger.db)).toBeNull()
    await ledger.keep()
    expect(String(await ledgerParts.passingFrom(ledger.db))).toBe('2027-03-01')
    const enrollment = await ledger.enrolledOn('2027-03-02')
    await ledger.sent({ enrollment, on: '2027-02-03', kind: 'inspiration' })
    await sql`update deliveries_ended set retention = 0`.execute(ledger.db)
    expect(await ledgerParts.passingFrom(ledger.db)).toBeNull()
  })

  it('take over the rows of the default partition', async () => {
    const [enrollment, other] = [
      await ledger.enrolledOn('2027-03-02'),
      await ledger.enrolledOn('2026-11-02'),
    ]
    await ledger.sent({ enrollment, on: '2027-03-03' })
    await ledger.sent({ enrollment, on: '2027-06-30', kind: 'inspiration' })
    await ledger.sent({ enrollment: other, on: '2027-02-01', kind: 'inspiration' })
    await ledger.sent({ enrollment: other, on: '2027-02-02' })
    expect(new Set((await ledger.where()).map((row) => row.split(' ')[0]))).toEqual(
      new Set(['kept_other', 'passing_other']),
    )
    await ledger.keep()
    expect(await ledger.where()).toEqual([
      'kept_2026_11 2027-02-02',
      'kept_2027_03 2027-03-03',
      'passing_2027_02 2027-02-01',
      'passing_other 2027-06-30',
    ])
  })

  it('can be created from any number of rows: what exceeds the limit goes through the old ledger', async () => {
    const enrollment = await ledger.enrolledOn('2027-03-02')
    const days = ['03', '04', '05', '06', '07', '08', '09'].map((day) => `2027-03-${day}`)
    for (const on of days) {
      await ledger.sent({ enrollment, on })
      await ledger.sent({ enrollment, on, kind: 'inspiration' })
    }
    for (const month of [kept('2027-03'), passing('2027-03')])
      expect(await ledgerParts.make(ledger.db, month, 3)).toEqual({ made: true, moved: 1 })
    const aside = days.slice(0, 6).map((on) => `before ${on}`)
    expect((await ledger.where()).filter((row) => row.startsWith('before'))).toEqual(
      aside.flatMap((row) => [row, row]),
    )
    await moveOldLedger(NOW, ledger.deps())
    expect(await ledger.where()).toEqual([
      ...days.map((on) => `kept_2027_03 ${on}`),
      ...days.map((on) => `passing_2027_03 ${on}`),
    ])
  })

  it('are given up when the work under the lock takes too long in total', async () => {
    const short = sql`select pg_sleep(0.2)`
    const done = await ledgerParts.changeExclusively(ledger.db, async (tx) => {
      const run = await ledgerParts.startDeadline(tx, 300)
      for (const _ of 'two') await run(short)
      return 'done'
    })
    expect(done).toBe('busy')
  })

  it('know their rows and their size with indexes, once they have been analyzed', async () => {
    await ledger.keep()
    const enrollment = await ledger.enrolledOn('2027-03-02')
    for (const day of ['03', '04', '05']) await ledger.sent({ enrollment, on: `2027-03-${day}` })
    await sql`analyze ledger`.execute(ledger.db)
    const march = (await ledgerParts.all(ledger.db)).find(({ name }) =>
      name.endsWith('kept_2027_03'),
    )
    const { rows } = await sql<{ bytes: number }>`
      select (pg_relation_size('deliveries_kept_2027_03') +
        pg_indexes_size('deliveries_kept_2027_03'))::float8 as bytes`.execute(ledger.db)
    expect(march).toMatchObject({ rows: 3, bytes: rows[0]?.bytes })
    expect(march?.bytes).toBeGreaterThan(4 * 8_192)
  })

  it('are created for a restored backup', async () => {
    const enrollment = await ledger.enrolledOn('2026-11-02')
    await ledger.sent({ enrollment, on: '2026-11-03' })
    await ledger.sent({ enrollment, on: '2027-02-01', kind: 'inspiration' })
    const other = await openScratch('template0')
    await load(other.db, dump(ledger.pool), NOW)
    const rows = await ledger.where(other.db)
    await other.close()
    expect(rows).toEqual(['kept_2026_11 2026-11-03', 'passing_2027_02 2027-02-01'])
  })

  it('wait while another transaction has locked the ledger, and block nobody', async () => {
    const enrollment = await ledger.enrolledOn('2027-03-02')
    await ledger.db.transaction().execute(async (tx) => {
      await ledger.sent({ enrollment, on: '2027-03-03' }, tx)
      expect(await ledgerParts.make(ledger.db, kept('2027-03'))).toBe('busy')
      await ledger.sent({ enrollment, on: '2027-03-04' })
      await ledger.keep()
      expect(await ledger.names()).toEqual([
        'passing_2027_03',
        'passing_2027_04',
        'passing_2027_05',
      ])
    })
    await ledger.keep()
    expect(await ledger.where()).toEqual(['kept_2027_03 2027-03-03', 'kept_2027_03 2027-03-04'])
  })
})

describe('a month that is over', () => {
  it('is dropped by date for passing mails, or once all its enrollments have ended', async () => {
    const ended = await ledger.enrolledOn('2025-12-03', '2026-03-18')
    const gone = await ledger.sent({ enrollment: ended, on: '2025-12-04' })
    const late = await ledger.enrolledOn('2026-01-03', '2026-03-20')
    const stays = await ledger.sent({ enrollment: late, on: '2026-01-04' })
    for (const id of [gone, stays]) await ledger.told(id)
    await ledger.sent({ enrollment: late, on: '2026-11-30', kind: 'inspiration' })
    await ledger.sent({ enrollment: late, on: '2026-12-01', kind: 'inspiration' })
    await ledger.keep()
    expect(await ledger.where()).toEqual(['kept_2026_01 2026-01-04', 'passing_2026_12 2026-12-01'])
    expect((await ledger.names())[0]).toBe('kept_2026_01')
    for (const table of ['letters', 'click_marks'])
      expect(await ledger.idsIn(table)).toEqual([stays])
    const { rows } = await sql`select from enrollments`.execute(ledger.db)
    expect(rows).toHaveLength(2)
  })

  it('is replaced by a copy of what is still needed, if that is little', async () => {
    const immortal = await ledger.enrolledOn('2025-12-01')
    const mine = await ledger.sent({ enrollment: immortal, on: '2025-12-02', kind: 'letter' })
    await ledger.told(mine)
    for (const day of [11, 12, 13]) {
      const enrollment = await ledger.enrolledOn(`2025-12-${day}`, '2026-01-20')
      for (const on of [21, 22, 23, 24])
        await ledger.told(await ledger.sent({ enrollment, on: `2025-12-${on}` }))
    }
    await ledger.keep()
    expect(await ledger.where()).toEqual(['kept_2025_12 2025-12-02'])
    for (const table of ['letters', 'click_marks'])
      expect(await ledger.idsIn(table)).toEqual([mine])
    await ledger.sent({ enrollment: immortal, on: '2027-03-18', kind: 'letter' })
    await expect(
      ledger.sent({ enrollment: immortal, on: '2025-12-02', kind: 'letter' }),
    ).rejects.toThrow('unique')
    await ledger.keep()
    expect(await ledger.where()).toEqual(['kept_2025_12 2025-12-02', 'kept_2025_12 2027-03-18'])
  })

  it('is replaced with all changes made since the copy', async () => {
    const month = kept('2025-12')
    const since = at('2026-03-19')
    await ledgerParts.make(ledger.db, month)
    const enrollment = await ledger.enrolledOn('2025-12-01')
    const [changed, removed] = [
      await ledger.sent({ enrollment, on: '2025-12-02' }),
      await ledger.sent({ enrollment, on: '2025-12-03' }),
    ]
    await ledger.sent({
      enrollment: await ledger.enrolledOn('2025-12-05', '2026-01-01'),
      on: '2025-12-06',
    })
    // A copy left over from a crash is no obstacle.
    for (let n = 0; n < 2; n++) await ledgerDrop.fillCopy(ledger.db, month, since)
    await sql`update ledger set reason = 'late' where id = ${changed}`.execute(ledger.db)
    await sql`delete from ledger where id = ${removed}`.execute(ledger.db)
    await ledger.sent({ enrollment, on: '2027-03-04' })
    for (let n = 0; n < 2; n++) await ledgerDrop.swapInCopy(ledger.db, month, since)
    const { rows } =
      await sql`select tableoid::regclass::text as part, ${itemOf} as item, reason from ledger d
        order by 2`.execute(ledger.db)
    expect(rows).toEqual([
      { part: 'deliveries_kept_2025_12', item: '2025-12-02', reason: 'late' },
      { part: 'deliveries_kept_2025_12', item: '2027-03-04', reason: null },
    ])
  })

  it('leaves no unused copy behind', async () => {
    const month = kept('2027-02')
    await ledgerParts.make(ledger.db, month)
    await ledger.sent({ enrollment: await ledger.enrolledOn('2027-02-05'), on: '2027-03-04' })
    await ledgerDrop.fillCopy(ledger.db, month, at('2026-03-19'))
    const copy = sql<{
      copy: string | null
    }>`select to_regclass('deliveries_kept_2027_02_left')::text as copy`
    expect((await copy.execute(ledger.db)).rows).toEqual([{ copy: 'deliveries_kept_2027_02_left' }])
    await ledger.keep()
    expect((await copy.execute(ledger.db)).rows).toEqual([{ copy: null }])
    expect(await ledger.where()).toEqual(['kept_2027_02 2027-03-04'])
  })

  it('stays while another transaction reads it, and is dropped the next time', async () => {
    const enrollment = await ledger.enrolledOn('2026-03-02')
    await ledger.sent({ enrollment, on: '2026-05-01', kind: 'inspiration' })
    await ledgerParts.make(ledger.db, passing('2026-05'))
    await ledger.db.transaction().execute(async (tx) => {
      await sql`select from deliveries`.execute(tx)
      expect(await ledgerDrop.dropPassing(ledger.db, passing('2026-05'))).toBe(false)
      await ledger.sent({ enrollment, on: '2027-03-04' })
    })
    await ledger.keep()
    expect(await ledger.where()).toEqual(['kept_2026_03 2027-03-04'])
  })
})

it('the IDs of a month are within its bounds', () => {
  const [from, to] = ledgerParts.boundsOf(kept('2027-02'))
  const first = firstId(Temporal.Instant.from('2027-02-01T00:00:00Z'))
  const last = newId(Temporal.Instant.from('2027-02-28T23:59:59.999Z'))
  expect([from <= first, first < to, last < to, from < last]).toEqual([true, true, true, true])
})
