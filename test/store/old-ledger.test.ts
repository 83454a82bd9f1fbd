/** The ledger of older versions moves to the monthly partitions, on a real database. */
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { moveOldLedger } from '../../src/actions/sending/maintain-ledger.ts'
import { NIL_UUID } from '../../src/domain/uuid.ts'
import { ledgerParts, oldLedger } from '../../src/store/index.ts'
import { messageIdOf } from '../../src/store/message-id.ts'
import { editionOf, replyOf, serverOf } from '../../src/store/sendings.ts'
import { at, type Ledger, NOW, openLedger, passing, type Row } from '../support/ledger-months.ts'

const BEGIN = { table: 'deliveries_before', after: NIL_UUID }

let ledger: Ledger
beforeEach(async () => {
  ledger = await openLedger()
})
afterEach(() => ledger?.close())

describe('the ledger of older versions', () => {
  const wanted = {
    passingSince: Temporal.PlainDate.from('2026-12-01'),
    endedSince: at('2026-03-19'),
    upTo: Temporal.PlainYearMonth.from('2027-05'),
  }
  const old = async () => {
    const [active, ended] = [
      await ledger.enrolledOn('2025-06-02'),
      await ledger.enrolledOn('2025-07-02', '2026-01-01'),
    ]
    const older = (of: Row) => ledger.sent({ ...of, retention: 0 })
    await ledger.told(await older({ enrollment: ended, on: '2025-07-03' }))
    await older({ enrollment: active, on: '2025-06-03' })
    await older({ enrollment: active, on: '2026-11-30', kind: 'inspiration' })
    await older({ enrollment: active, on: '2026-12-01', kind: 'inspiration' })
    await ledger.told(await older({ enrollment: active, on: '2027-01-05', kind: 'letter' }))
  }
  const MOVED = ['kept_2025_06 2025-06-03', 'kept_2025_06 2027-01-05', 'passing_2026_12 2026-12-01']

  it('moves to its months as far as it is still needed, and frees its space', async () => {
    await old()
    expect(await oldLedger.remaining(ledger.db)).toMatchObject({
      from: at('2025-06-03'),
      to: at('2027-01-05'),
    })
    await moveOldLedger(NOW, ledger.deps())
    expect(await ledger.where()).toEqual(MOVED)
    expect(await ledger.idsIn('letters')).toHaveLength(1)
    expect(await oldLedger.remaining(ledger.db)).toBeNull()
    const { rows } = await sql`select pg_relation_size('deliveries_before')::int as bytes`.execute(
      ledger.db,
    )
    expect(rows).toEqual([{ bytes: 0 }])
  })

  it('continues where it was when a process is killed in between', async () => {
    await old()
    expect(await oldLedger.moveBatch(ledger.db, BEGIN, { ...wanted, limit: 2 })).toMatchObject({
      moved: 1,
      forgotten: 1,
    })
    expect(await ledger.where()).toEqual([
      'before 2026-11-30',
      'before 2026-12-01',
      'before 2027-01-05',
      'kept_2025_06 2025-06-03',
    ])
    // A batch moves completely or not at all.
    await ledgerParts.make(ledger.db, passing('2026-12'))
    await ledger.db.transaction().execute(async (tx) => {
      await sql`lock table deliveries_passing_2026_12 in share mode`.execute(tx)
      expect(await oldLedger.moveBatch(ledger.db, BEGIN, wanted)).toBe('busy')
    })
    expect(await ledger.where()).toHaveLength(4)
    await Promise.all([moveOldLedger(NOW, ledger.deps()), moveOldLedger(NOW, ledger.deps())])
    await moveOldLedger(NOW, ledger.deps())
    expect(await ledger.where()).toEqual(MOVED)
  })

  it('stores what many mails share only once, and loses nothing', async () => {
    const { db } = ledger
    await db
      .insertInto('sendings')
      .values({ edition: 'new', server: 's', domain: 'x', reply: '250 ' })
      .execute()
    const enrollment = await ledger.enrolledOn('2026-06-02')
    for (const on of ['2027-02-01', '2027-02-02', '2027-02-03'])
      await ledger.sent({ enrollment, on, retention: 0 })
    await sql`update deliveries_before set edition = 'old', server = 's', reply = '250 OK id=' || item,
      message_id = '@x' where local_date < '2027-02-03'`.execute(db)
    // As set aside while its month was created.
    await sql`update deliveries_before set reply = item, sending = (select id from sendings)
      where local_date = '2027-02-03'`.execute(db)
    const tell = async () => {
      const { rows } = await sql`
        select item, ${editionOf} as edition, ${serverOf} as server, ${replyOf} as reply,
          substr(${messageIdOf}, 34) as domain from deliveries d order by item`.execute(db)
      return rows
    }
    const before = await tell()
    expect(before).toHaveLength(3)
    for (let after: string | null = NIL_UUID; after; ) {
      const some = await oldLedger.moveBatch(db, { ...BEGIN, after }, { ...wanted, limit: 1 })
      if (some === 'busy') throw new Error('nobody else is there')
      after = some.last
    }
    expect(await tell()).toEqual(before)
    const { rows } = await sql`select edition from deliveries order by item`.execute(db)
    expect(rows).toEqual(['old', null, null].map((edition) => ({ edition })))
  })
})
