/**
 * A ledger as it is in the morning: statistics from yesterday, when nothing was waiting, and many
 * mails planned since. A statement about ten deliveries must not scan all that have a try left.
 */
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { seed } from '../../bench/seed.ts'
import * as stores from '../../src/store/index.ts'
import type { Db } from '../../src/store/postgres/sql.ts'
import { type TestApp, testApp } from '../support/app.ts'

const READERS = 1_500
const LEASE = { lease: { worker: 'a test', seconds: 60 }, resends: 1, domain: 'dawnpost.example' }

let test: TestApp
let ids: string[]
beforeAll(async () => {
  const dueAt = Temporal.Now.instant()
  test = await testApp({ start: String(dueAt.add({ seconds: 60 })) })
  await seed(test.app.databaseUrl, { active: READERS, due: READERS, dueAt })
  await test.app.sender.plan()
  const rows = await test.db
    .selectFrom('deliveries')
    .select('id')
    .where('status', '=', 'planned')
    .limit(10)
    .execute()
  ids = rows.map(({ id }) => id)
})
afterAll(() => test?.[Symbol.asyncDispose]())

/** How many entries these statements read from the index of mails with a try left. */
const triesRead = (use: (tx: Db) => Promise<unknown>) =>
  test.db.transaction().execute(async (tx) => {
    await use(tx)
    const { rows } = await sql<{ read: string }>`
      select pg_stat_get_xact_tuples_returned('deliveries_outstanding_try_left'::regclass) as
        read`.execute(tx)
    return Number(rows[0]?.read)
  })

it('a claim goes straight to its deliveries', async () => {
  const terms = { now: test.app.now(), ...LEASE, seen: test.app.sender.lineage.seen() }
  const read = await triesRead(async (tx) => {
    expect(await stores.deliveries.claim(tx, ids, terms)).toHaveLength(10)
  })
  expect(read).toBe(0)
})

it('the claim of a planner reads no entry of that index', async () => {
  const options = {
    limit: 500,
    except: [],
    beyond: null,
    after: [],
    resends: 1,
    seen: test.app.sender.lineage.seen(),
  }
  const tomorrow = test.app.now().add({ hours: 24 })
  const read = await triesRead(async (tx) => {
    const due = await stores.due.claim(tx, ['inner-wisdom'], tomorrow, options)
    expect([due.length, due[0]?.had.length]).toEqual([500, 7])
  })
  expect(read).toBe(0)
})

it('the sweep finds mails with a try left by their index', async () => {
  const read = await triesRead((tx) => stores.backlog.nextTryAt(tx, test.app.now()))
  expect(read).toBeGreaterThan(0)
})
