/** When each enrollment is due is in a table of its own, kept in sync with the enrollments. */
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as stores from '../../src/store/index.ts'
import { fillDue } from '../../src/store/postgres/due-filling.ts'
import {
  migrate,
  migrateInTransaction,
  namesOfMigrations,
} from '../../src/store/postgres/migrate.ts'
import type { Db } from '../../src/store/postgres/sql.ts'
import { faultsOfDue } from '../support/due.ts'
import { columnsInIndexes } from '../support/indexes.ts'
import { openScratch } from '../support/scratch.ts'
import { until } from '../support/wait.ts'

let db: Db
let close: () => Promise<void>
beforeEach(async () => {
  ;({ db, close } = await openScratch('template0'))
})
afterEach(() => close?.())

/** Adds so many readers; of every ten, one has nothing due and one has completed. */
const addReaders = (readers: number) =>
  sql`with people as (
      insert into subscribers (id, address, address_key, address_hash, first_name, created_at)
      select gen_random_uuid(), n || '@example.com', n || '@example.com', sha256(n::text::bytea),
        '', now()
      from generate_series(1, ${readers}::int) n returning id, address
    ), numbered as (select id, row_number() over (order by address) as n from people)
    insert into enrollments (id, subscriber_id, series, status, time_of_day, zone, weekdays, due_on,
      due_at, created_at)
    select gen_random_uuid(), id, 's' || n % 3, case when n % 10 = 0 then 'completed'
      else 'active' end, '07:00', 'UTC',
      '{1}', case when n % 10 > 0 then current_date end, case when n % 10 > 1
      then now() + n * interval '1 second' end, now()
    from numbered`.execute(db)

const changes = {
  'a lesson has come': sql`update enrollments set due_at = due_at + interval '1 day'
    where due_at is not null`,
  'nothing is due until the course has more': sql`update enrollments set due_at = null
    where series = 's1'`,
  'somebody resumes': sql`update enrollments set due_at = now() where status = 'active'
    and due_at is null`,
  'a course is over': sql`update enrollments set status = 'completed', due_on = null, due_at = null
    where series = 's2'`,
  'what does not matter changes': sql`update enrollments set zone = 'Europe/Berlin'`,
  'all are gone': sql`truncate enrollments cascade`,
  'somebody is erased': sql`delete from subscribers where address like '1%'`,
}

describe('the due table', () => {
  it.each(Object.entries(changes))('stays in sync when %s', async (_, change) => {
    await migrate(db)
    await addReaders(60)
    await change.execute(db)
    expect(await faultsOfDue(db)).toEqual([])
  })

  it('spares the enrollments: an advance changes no indexed column of theirs', async () => {
    await migrate(db)
    const inIndexes = await columnsInIndexes(db, 'enrollments')
    expect(inIndexes).toContain('subscriber_id')
    for (const advanced of ['due_on', 'due_at', 'paused_at', 'paused_until', 'ended_at'])
      expect(inIndexes).not.toContain(advanced)
  })
})

describe('a planner', () => {
  /**
   * The entries read from an index, or by sequential scans of a table; includes those of earlier
   * transactions that are not yet in the statistics.
   */
  const entries = async (tx: Db, of: 'due_pkey' | 'enrollments' = 'due_pkey') => {
    const { rows } = await sql<{ read: string }>`
      select pg_stat_get_xact_tuples_returned(${of}::regclass) as read`.execute(tx)
    return Number(rows[0]?.read)
  }
  const knownPast = async () => {
    await stores.lineage.begin(db, 'here')
    const { id, mark } = await stores.lineage.read(db)
    return { id: id ?? '', mark }
  }

  it('reads what it claims by the primary key, however much is due', async () => {
    await migrate(db)
    const seen = await knownPast()
    await addReaders(3_000)
    await sql`analyze`.execute(db)
    const terms = { limit: 20, except: [], beyond: null, resends: 1, seen }
    const later = Temporal.Now.instant().add({ hours: 2 })
    for (const after of [[], ['s2']])
      await db.transaction().execute(async (tx) => {
        const before = [await entries(tx), await entries(tx, 'enrollments')]
        const claimed = await stores.due.claim(tx, ['s1'], later, { ...terms, after })
        expect(claimed).toHaveLength(20)
        const [ofDue = 0, ofEnrollments = 0] = before
        expect((await entries(tx)) - ofDue).toBeLessThan(30)
        expect((await entries(tx, 'enrollments')) - ofEnrollments).toBe(0)
        const { rows } = await sql`
          select from enrollments where series = 's1' for update skip locked`.execute(db)
        expect(rows).toHaveLength(1_000 - 20)
      })
  })

  it('continues where it was, past dead rows that an older transaction keeps', async () => {
    await migrate(db)
    const seen = await knownPast()
    await addReaders(3_000)
    await sql`analyze`.execute(db)
    const terms = { limit: 20, except: [], after: [], resends: 1, seen }
    const later = Temporal.Now.instant().add({ hours: 1 })
    let beyond: stores.due.DuePosition | null = null
    /** The number of entries read to claim some; these are then moved to the next day. */
    const read = () =>
      db.transaction().execute(async (tx) => {
        const before = await entries(tx)
        const claimed = await stores.due.claim(tx, ['s1'], later, { ...terms, beyond })
        expect(claimed).toHaveLength(20)
        beyond = claimed.at(-1) ?? null
        const after = await entries(tx)
        const next = { on: later.toZonedDateTimeISO('UTC').toPlainDate().add({ days: 1 }) }
        const at = later.add({ hours: 24 })
        const advances = claimed.map((row) => ({ id: row.id, next: { ...next, at } }))
        await stores.due.advance(tx, advances, later)
        return after - before
      })
    const dump = db.transaction().setIsolationLevel('repeatable read')
    await dump.execute(async (tx) => {
      await sql`select from due limit 1`.execute(tx)
      for (const _ of 'four') expect(await read()).toBeLessThan(30)
    })
  })
})

describe('a database in use', () => {
  const upTo = (name: string) => db.transaction().execute((tx) => migrateInTransaction(tx, name))

  it('gets its due table while others change it, and after an interrupted filling', async () => {
    await upTo('0056-ledger')
    await addReaders(300)
    await upTo('0057-due')
    // Another process has locked and moved one of them: the filling waits and takes the new value.
    const held = Promise.withResolvers<void>()
    const moving = db.transaction().execute(async (tx) => {
      await sql`update enrollments set due_at = now() + interval '9 days'
        where id = (select max(id::text)::uuid from enrollments where status = 'active')`.execute(
        tx,
      )
      await held.promise
    })
    const filling = fillDue(db)
    await until('the filling to wait', async () => {
      const { rows } = await sql`select from pg_locks where not granted`.execute(db)
      return rows.length > 0
    }).finally(held.resolve)
    await Promise.all([moving, filling])
    expect(await faultsOfDue(db)).toEqual([])
    await sql`delete from due where series = 's1'`.execute(db)
    expect(await migrate(db)).toContain('0058-due-filled')
    expect(await faultsOfDue(db)).toEqual([])
  })

  it('gets its due table once from several processes that start together', async () => {
    await upTo('0056-ledger')
    await addReaders(300)
    const ran = await Promise.all([migrate(db), migrate(db), migrate(db)])
    const later = (await namesOfMigrations()).filter((name) => name > '0056-ledger')
    expect(ran.flat().sort()).toEqual(later)
    expect(await faultsOfDue(db)).toEqual([])
  })

  it('gets its due table in one transaction when nobody else is connected', async () => {
    await upTo('0056-ledger')
    await addReaders(30)
    await upTo('0058-due-filled')
    expect(await faultsOfDue(db)).toEqual([])
  })
})
