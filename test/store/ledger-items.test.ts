/** A mail that has come keeps only what is its own, and still reads as it was. */
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as stores from '../../src/store/index.ts'
import { ensureItems } from '../../src/store/ledger-items.ts'
import type { Db } from '../../src/store/postgres/sql.ts'
import { enrolled, type TestApp, testApp } from '../support/app.ts'
import { ledger } from '../support/ledger.ts'
import { until } from '../support/wait.ts'

let test: TestApp
beforeEach(async () => {
  test = await testApp()
})
afterEach(() => test?.[Symbol.asyncDispose]())

/** The rows as they are stored. */
const stored = () =>
  test.db.selectFrom('ledger').selectAll().orderBy('due_at').orderBy('id').execute()

/** Has a lesson, an inspiration, and what comes before them, planned and sent. */
async function sendMorning() {
  await enrolled(test, { series: ['inner-wisdom', 'daily-inspiration'] })
  await test.settle()
  test.clock.set('2027-03-20T06:00:00Z')
  await test.app.sender.plan()
  const planned = await ledger(test)
  await test.settle()
  return planned
}

describe('what is left out of a row once its mail has come', () => {
  it('is known from its item, its id and its other columns', async () => {
    const planned = (await sendMorning()).filter(({ status }) => status !== 'skipped')
    const sent = new Map((await ledger(test)).map((row) => [row.id, row]))
    expect(planned.length).toBeGreaterThan(2)
    for (const { id, series, kind, item, day, created_at, first_tried_at } of planned) {
      const row = sent.get(id)
      expect(row).toMatchObject({ series, kind, item, day, created_at })
      expect(row?.status).toMatch(/^(sent|merged)$/)
      expect(row?.first_tried_at).toEqual(first_tried_at ?? row?.sent_at)
    }
    const shared = (await stored()).filter((row) => row.item_id !== null)
    expect(shared.length).toBeGreaterThan(2)
    const NONE = { series: null, kind: null, item: null, until: null, created_at: null }
    for (const row of shared) expect(row).toMatchObject({ ...NONE, first_tried_at: null })
  })

  it('is not its item where no other reader has the same', async () => {
    await sendMorning()
    const own = (await stored()).filter(({ item_id }) => item_id === null)
    expect(own.map(({ kind }) => kind)).toEqual(['confirm'])
  })

  it('is not its first attempt where there were several, nor a window that it missed', async () => {
    const planned = await sendMorning()
    const lesson = planned.find(({ kind }) => kind === 'lesson')
    const early = Temporal.Instant.from('2027-03-20T06:01:00Z')
    await sql`delete from ledger where id <> ${lesson?.id}`.execute(test.db)
    await sql`update ledger l set status = 'sending', attempts = 2, sending = null, try_at = d.due_at,
        series = d.series, kind = d.kind, item = d.item, created_at = d.created_at,
        first_tried_at = ${String(early)}, until = ${String(early)}
      from deliveries d where d.id = l.id`.execute(test.db)
    const sentAt = early.add({ minutes: 5 })
    const result = { id: lesson?.id ?? '', attempt: 2, move: 'accept', sentAt } as const
    await stores.outcomes.finish(test.db, [result])
    expect(await stored()).toMatchObject([{ first_tried_at: early, until: early, sent_at: sentAt }])
  })
})

describe('an item', () => {
  const ITEMS = ['c', 'a', 'b'].map((item) => ({ series: 's', kind: 'lesson' as const, item }))
  const all = () =>
    test.db.selectFrom('ledger_items').selectAll().where('series', '=', 's').execute()

  it('that several processes add at once is stored once, in whatever order they name them', async () => {
    const ensure = (items: typeof ITEMS) =>
      test.db.transaction().execute(async (tx) => ensureItems(tx, items))
    await Promise.all([ensure(ITEMS), ensure(ITEMS.toReversed()), ensure(ITEMS)])
    await ensure(ITEMS)
    expect((await all()).map(({ item }) => item).toSorted()).toEqual(['a', 'b', 'c'])
  })

  it('that another process is just adding is waited for, and then known', async () => {
    let adding: Promise<string[]> | undefined
    const { first } = await enrolled(test, { series: ['inner-wisdom'] })
    const at = Temporal.Instant.from('2027-03-20T06:00:00Z')
    const morning = { on: Temporal.PlainDate.from('2027-03-20'), at, until: at.add({ hours: 12 }) }
    const add = (db: Db) =>
      stores.deliveries.add(
        db,
        [{ ...(ITEMS[0] ?? fail()), enrollmentId: first.id, day: 1, morning }],
        at,
      )
    await test.db.transaction().execute(async (tx) => {
      await ensureItems(tx, ITEMS.slice(0, 1))
      adding = add(test.db)
      await until('somebody to wait for it', async () => {
        const { rows } = await sql`select from pg_locks where not granted`.execute(test.db)
        return rows.length > 0
      })
    })
    expect(await adding).toHaveLength(1)
    const [known] = await all()
    const rows = (await stored()).filter(({ item }) => item === 'c')
    expect(rows).toMatchObject([{ item_id: known?.id }])
  })
})

const fail = (): never => {
  throw new Error('there is no such item')
}
