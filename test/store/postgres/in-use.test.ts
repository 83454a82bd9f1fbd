/** A database in use is migrated next to running processes, in steps that may be interrupted. */
import { sql } from 'kysely'
import pg from 'pg'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { dump } from '../../../src/store/dump.ts'
import { joinLedger } from '../../../src/store/postgres/ledger-joining.ts'
import { migrate, namesOfMigrations, newerThan } from '../../../src/store/postgres/migrate.ts'
import type { Progress } from '../../../src/store/postgres/progress.ts'
import { inspectServer } from '../../../src/store/postgres/server.ts'
import { openPool } from '../../../src/store/postgres/sql.ts'
import { moveAll } from '../../support/ledger-months.ts'
import { newestSchema, openOld } from '../../support/old-database.ts'
import { until } from '../../support/wait.ts'

/** The last migration before the ledger was partitioned. */
const WHOLE = '0055-mails-of-a-series'

let newest: string
beforeAll(async () => {
  newest = await newestSchema()
})

let old: Awaited<ReturnType<typeof openOld>>
let before: readonly string[]
beforeEach(async () => {
  old = await openOld(WHOLE, 2_000)
  before = await old.mails()
})
afterEach(() => old?.[Symbol.asyncDispose]())

/** The schema is that of a new database once nothing is left in tables of older versions. */
const expectWhole = async () => {
  expect(await old.mails()).toEqual(before)
  await moveAll(old.db)
  expect(await old.schema()).toBe(newest)
}

/** Ends the migration after a step, as a kill would, before the next one begins. */
async function brokenOffAt(what: string, done: number) {
  const stop: Progress = (step) => {
    if (step.what === what && step.done >= done) throw new Error('broken off')
  }
  await expect(migrate(old.db, stop)).rejects.toMatchObject({ name: 'Problem' })
}
const apart = () => brokenOffAt('readings of the old ledger', 0)

describe('the old ledger', () => {
  it('becomes a partition without being scanned under a lock', async () => {
    await apart()
    const notices: string[] = []
    const { db, pool, close } = openPool(old.url, await inspectServer(old.url))
    pool.on('connect', (client) => {
      client.on('notice', ({ message = '' }) => notices.push(message))
      client.query('set client_min_messages = debug1')
    })
    await joinLedger(db)
    await close()
    const implied = notices.filter((notice) => notice.includes('implied by existing constraints'))
    expect(implied).toEqual([expect.stringContaining('"deliveries_before"')])
    await migrate(old.db)
    await expectWhole()
  })

  it.each([
    ['the ledger has no name', 'migrations', 44],
    ['some of it has been moved', 'mails that have not ended', 1],
    ['nothing of it has been read', 'readings of the old ledger', 0],
    ['all of it has been read', 'readings of the old ledger', 1],
  ])('is complete after an interruption while %s', async (_, what, done) => {
    await brokenOffAt(what, done)
    await expect(old.mails()).rejects.toThrow('relation "deliveries" does not exist')
    await Promise.all([migrate(old.db), migrate(old.db)])
    await expectWhole()
  })

  it('cannot be backed up while it has no name', async () => {
    await apart()
    const lines = async () => {
      for await (const _ of dump(old.pool));
    }
    await expect(lines()).rejects.toMatchObject({ key: 'operator.backup.in-between' })
    await migrate(old.db)
    await lines()
  })
})

describe('another process', () => {
  let other: pg.Client
  /** The query of a process of the older version. */
  const newer = async () => {
    const known = (await namesOfMigrations()).filter((name) => name <= WHOLE)
    const { rows } = await other.query('select name from kysely_migration where name <> all ($1)', [
      known,
    ])
    return rows.map(({ name }) => name)
  }
  beforeEach(async () => {
    other = new pg.Client(old.url)
    await other.connect()
  })
  afterEach(() => other.end())

  it('continues while a dump blocks the migration', async () => {
    await other.query('begin; select from deliveries limit 1')
    let times = 0
    const migrating = migrate(old.db, ({ what }) => {
      if (what === 'attempts that another transaction blocked') times += 1
    })
    await until('it to give way', () => times > 1)
    expect(await old.mails()).toEqual(before)
    expect(await newer()).toEqual([])
    await other.query('commit')
    await migrating
    await expectWhole()
  })

  it('finishes the mail it is sending, and is told to begin no other', async () => {
    const { rows } = await other.query(`update deliveries set status = 'sending', worker = 'old',
      lease_until = now() + interval '1 minute' where id = (
        select id from deliveries where status = 'planned' limit 1) returning id`)
    let waits = false
    const migrating = migrate(old.db, ({ what }) => {
      waits ||= what === 'mails that are still being sent by the older version'
    })
    await until('it to wait', () => waits)
    expect(await newer()).toEqual(['0064-ledger-items-are-coming'])
    // For our own version this migration is not newer.
    expect(await newerThan(await namesOfMigrations(), old.db)).toBeNull()
    await other.query(
      `update deliveries set status = 'sent' where worker = 'old' and status = 'sending'`,
    )
    before = await old.mails()
    await migrating
    const { rows: left } = await sql`select tableoid::regclass::text as part from ledger
      where id = ${rows[0].id}`.execute(old.db)
    expect(left).toEqual([{ part: 'deliveries_before' }])
    await expectWhole()
    expect(await newerThan(await namesOfMigrations(), old.db)).toBeNull()
  })
})
