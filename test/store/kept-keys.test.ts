/**
 * What the planner needs to know of the lessons that a reader had is in an index, however old the
 * ledger is.
 */
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seed } from '../../bench/seed.ts'
import * as stores from '../../src/store/index.ts'
import { buildKeptKeys } from '../../src/store/postgres/kept-keys.ts'
import { migrate, migrateInTransaction } from '../../src/store/postgres/migrate.ts'
import type { Progress } from '../../src/store/postgres/progress.ts'
import type { Db } from '../../src/store/postgres/sql.ts'
import { openScratch } from '../support/scratch.ts'

const READERS = 1_500
const DUE_AT = Temporal.Instant.from('2027-03-20T06:00:00Z')

let db: Db
let url: string
let close: () => Promise<void>
beforeEach(async () => {
  ;({ db, url, close } = await openScratch('template0'))
})
afterEach(() => close?.())

const upTo = (name: string) => db.transaction().execute((tx) => migrateInTransaction(tx, name))
const month = { of: 'kept', month: Temporal.PlainYearMonth.from('2027-03') } as const
/** Readers who are due and have had six lessons each. */
const addReaders = () => seed(url, { active: READERS, due: READERS, dueAt: DUE_AT })

/** The keys of the months: their columns, and whether they are valid. */
async function keys(root: string) {
  const { rows } = await sql<{ part: string; key: string; valid: boolean }>`
    select x.indrelid::regclass::text as part, pg_get_indexdef(x.indexrelid) as key,
      x.indisvalid as valid
    from pg_index x where x.indisunique and x.indrelid in (
      select relid from pg_partition_tree(${root}::regclass)
    ) order by 1`.execute(db)
  return rows.map(({ part, key, valid }) => [part, /\(.*$/.exec(key)?.[0], valid])
}
const KEY = '(enrollment_id, kind, item) INCLUDE (local_date, status)'
const built = (root: string) =>
  [root, `${root}_2027_03`, `${root}_other`].map((part) => [part, KEY, true])

describe('the lessons that a reader had', () => {
  beforeEach(async () => {
    await migrate(db)
    await stores.lineage.begin(db, 'here')
    await stores.ledgerParts.make(db, month)
    await addReaders()
    await sql`vacuum (analyze) ledger`.execute(db)
  })

  /** The rows of the month that a planner reads for a claim. */
  const rowsRead = () =>
    db.transaction().execute(async (tx) => {
      const { id, mark } = await stores.lineage.read(tx)
      const options = {
        limit: 100,
        except: [],
        beyond: null,
        after: [],
        resends: 1,
        seen: { id: id ?? '', mark },
      }
      const due = await stores.due.claim(tx, ['inner-wisdom'], DUE_AT, options)
      expect(due).toHaveLength(100)
      expect(due[0]?.had).toHaveLength(6)
      expect(String(due[0]?.lastOn)).toBe('2027-03-19')
      const { rows } = await sql<{ read: string }>`
        select pg_stat_get_xact_tuples_fetched('deliveries_kept_2027_03'::regclass)
          + pg_stat_get_xact_tuples_returned('deliveries_kept_2027_03'::regclass) as read`.execute(
        tx,
      )
      return Number(rows[0]?.read)
    })

  it('are read from the key, without touching a row of the ledger', async () => {
    expect(await rowsRead()).toBe(0)
  })
})

describe('a database in use', () => {
  beforeEach(async () => {
    await upTo('0058-due-filled')
    await stores.ledgerParts.make(db, month)
    await addReaders()
  })

  it('gets its keys from several processes at once, after an interrupted build', async () => {
    // An interrupted build leaves an invalid index.
    const broken = sql`create unique index concurrently deliveries_kept_2027_03_key on
      deliveries_kept_2027_03 (series)`
    await expect(broken.execute(db)).rejects.toThrow('could not create unique index')
    const steps: string[] = []
    const progress: Progress = ({ what, done, of }) => steps.push(`${what}: ${done} of ${of}`)
    await Promise.all([buildKeptKeys(db, progress), buildKeptKeys(db, progress)])
    expect(steps).toEqual([1, 2].map((done) => `keys of the months of the ledger: ${done} of 2`))
    const ran = await Promise.all([migrate(db), migrate(db)])
    expect(ran.flat().filter((name) => name === '0059-kept-key')).toHaveLength(1)
    expect(await keys('ledger_old_kept')).toEqual(built('ledger_old_kept'))
  })

  it('gets its keys in one transaction when nobody else is connected', async () => {
    await upTo('0059-kept-key')
    expect(await keys('deliveries_kept')).toEqual(built('deliveries_kept'))
  })
})
