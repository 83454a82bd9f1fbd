/**
 * What the sweep repairs and what it leaves alone. Each test chooses the age of the oldest job
 * in the queue.
 */
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { sweep } from '../../../src/actions/sending/sweep.ts'
import { openLog } from '../../../src/platform/log.ts'
import * as stores from '../../../src/store/index.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { dueLesson } from '../../support/ledger.ts'

let test: TestApp
let id: string
beforeAll(async () => {
  test = await testApp()
  id = (await dueLesson(test)).id
})
afterAll(() => test?.[Symbol.asyncDispose]())

const ago = (minutes: number) => Temporal.Now.instant().subtract({ minutes })
const set = (values: Record<string, unknown>) => test.db.updateTable('ledger').set(values).execute()
const row = () => test.db.selectFrom('deliveries').selectAll().executeTakeFirstOrThrow()
beforeEach(() =>
  set({
    status: 'planned',
    queued_at: String(ago(60)),
    kind: 'lesson',
    until: '2027-03-20T18:00:00Z',
    try_at: '2027-03-20T06:00:00Z',
  }),
)

/** What a sweep queues while the oldest job in the queue was added at `oldest`. */
async function queuedWith(oldest: Temporal.Instant | null): Promise<string[]> {
  const queued: string[] = []
  await sweep(test.app.now(), {
    db: test.db,
    log: openLog('silent'),
    stores,
    resends: 1,
    mayLook: () => null,
    handedOverBy: async () => null,
    addJobs: async (ids) => void queued.push(...ids),
    oldestJob: async () => oldest,
    round: { after: null },
  })
  return queued
}

it('a delivery still waiting behind older jobs is not queued again', async () => {
  expect(await queuedWith(ago(60))).toEqual([])
  expect(await queuedWith(ago(180))).toEqual([])
})

it('a delivery whose job is lost is queued again: all jobs are newer, or there are none', async () => {
  expect(await queuedWith(ago(50))).toEqual([id])
  expect(await queuedWith(null)).toEqual([])
  await set({ queued_at: String(ago(1)) })
  expect(await queuedWith(null)).toEqual([id])
})

it('a delivery without a job is queued at once, but not before its time to be tried', async () => {
  await set({ queued_at: null, status: 'retry' })
  expect(await queuedWith(ago(180))).toEqual([id])
  await set({ queued_at: null, status: 'retry', try_at: '2027-03-20T06:05:00Z' })
  expect(await queuedWith(null)).toEqual([])
})

it('a lesson whose window has closed stays planned, and is ignored until it has a new one', async () => {
  await set({ until: '2027-03-20T05:00:00Z', try_at: '2027-03-20T04:00:00Z' })
  expect(await queuedWith(null)).toEqual([])
  const { status, try_at, until } = await row()
  expect([status, String(try_at)]).toEqual(['planned', String(until)])
  expect(await triesLeft()).toBe(0)
})

it('any other mail expires when its window closes, including one that was held', async () => {
  for (const try_at of ['2027-03-20T04:00:00Z', '2027-03-20T05:00:00Z']) {
    await set({ status: 'planned', kind: 'inspiration', until: '2027-03-20T05:00:00Z', try_at })
    expect(await queuedWith(null)).toEqual([])
    expect(await row()).toMatchObject({ status: 'expired', reason: 'its window closed' })
  }
})

it('a mail that expires without having been composed keeps that reason as well', async () => {
  const [reason, reason_code] = ['no title', 'not_composed'] as const
  await set({ kind: 'inspiration', until: '2027-03-20T05:00:00Z', reason, reason_code })
  expect(await queuedWith(null)).toEqual([])
  const both = { reason: 'no title; its window closed', reason_code }
  expect(await row()).toMatchObject({ status: 'expired', ...both })
})

it('a mail whose reader has left or is suppressed is skipped', async () => {
  await set({ kind: 'confirm' })
  expect(await queuedWith(null)).toEqual([])
  expect(await row()).toMatchObject({ status: 'skipped', reason: 'left or suppressed' })
})

/** How many rows later sweeps would still look at. */
async function triesLeft() {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from deliveries
    where coalesce(status, '') in ('planned', 'retry', 'unknown') and try_at < until`.execute(
    test.db,
  )
  return rows[0]?.count
}
