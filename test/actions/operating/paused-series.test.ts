/**
 * What pausing a series does to its mails: none is lost, none is sent twice, and the queue stays
 * idle.
 */
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as stores from '../../../src/store/index.ts'
import { ask, enrolled, type TestApp, testApp } from '../../support/app.ts'
import { until } from '../../support/wait.ts'

let test: TestApp
beforeEach(async () => {
  test = await testApp({})
})
afterEach(() => test?.[Symbol.asyncDispose]())

const { pause, resume } = {
  pause: (series: string) => test.app.operator.pauses.pause(series),
  resume: (series: string | null) => test.app.operator.pauses.resume(series),
}

/** What was sent to all readers, in order. */
async function came() {
  const { rows } = await sql<{ kind: string; series: string; day: number | null; on: string }>`
    select kind, series, day, local_date::text as on from deliveries
    where status in ('sent', 'merged') order by sent_at, id`.execute(test.db)
  return rows
}
const kindsThatCame = async () => (await came()).map(({ kind }) => kind)
const lessons = async () => (await came()).filter(({ kind }) => kind === 'lesson')

/** Moves the clock on by six hours at a time, which hits every morning's mail. */
async function hours(count: number) {
  for (let hour = 0; hour < count; hour += STEP) {
    test.clock.set(test.app.now().add({ hours: STEP }))
    await test.settle()
  }
}
const STEP = 6

describe('a series that is paused for three days', () => {
  it('sends one lesson when it resumes, not three, and only the latest inspiration', async () => {
    await enrolled(test, { series: ['inner-wisdom', 'daily-inspiration'] })
    await test.settle()
    await hours(24)
    const before = await came()
    expect(await lessons()).toHaveLength(1)
    expect(await pause('*')).toBe(true)
    expect(await pause('*')).toBe(false)
    await hours(72)
    expect(await came()).toEqual(before)
    expect(await resume(null)).toEqual(['*'])
    await hours(6)
    const after = (await came()).slice(before.length)
    expect(after.filter(({ kind }) => kind === 'lesson')).toMatchObject([{ day: 2 }])
    expect(after.filter(({ kind }) => kind === 'inspiration')).toHaveLength(1)
    await hours(18)
    expect((await lessons()).map(({ day }) => day)).toEqual([1, 2, 3])
    const { rows } =
      await sql`select from deliveries where kind = 'inspiration' and status = 'expired'`.execute(
        test.db,
      )
    expect(rows).toHaveLength(2)
  })

  it('sends this morning’s lesson if it is resumed within the window', async () => {
    await enrolled(test, { series: ['inner-wisdom'] })
    await test.settle()
    await pause('inner-wisdom')
    await hours(18)
    expect(await lessons()).toEqual([])
    await resume('inner-wisdom')
    await until('the lesson', async () => {
      await test.settle()
      return (await lessons()).length === 1
    })
  })

  it('does not hold back others: the inspiration goes alone, and so do confirm mails', async () => {
    const { first } = await enrolled(test, { series: ['inner-wisdom', 'daily-inspiration'] })
    await test.settle()
    await pause('inner-wisdom')
    await ask(test, { email: 'bo@example.com', series: ['inner-wisdom'] })
    await hours(24)
    expect((await kindsThatCame()).filter((kind) => kind !== 'welcome')).toEqual([
      'confirm',
      'inspiration',
    ])
    expect((await came()).at(-1)).toMatchObject({ series: 'daily-inspiration' })
    const { rows } =
      await sql`select from deliveries where enrollment_id = ${first.id} and kind = 'lesson'
        and status = 'planned'`.execute(test.db)
    expect(rows).toHaveLength(1)
    expect(await test.app.operator.readiness()).toMatchObject({
      paused: ['inner-wisdom'],
      secondsBehind: 0,
    })
    expect((await test.app.operator.status()).ready).toBe(0)
  })
})

it('each waiting mail is queued once a morning, however often the sweep runs', async () => {
  for (let one = 0; one < 5; one++)
    await enrolled(test, { email: `r${one}@example.com`, series: ['inner-wisdom'] })
  await test.settle()
  await pause('inner-wisdom')
  test.clock.set('2027-03-20T06:00:00Z')
  await test.settle()
  const queued = () =>
    sql<{ id: string; queued_at: Temporal.Instant | null }>`
      select id, queued_at from deliveries where kind = 'lesson' order by id`.execute(test.db)
  // Its job found the series paused and gave the mail back.
  await until('all to be given back', async () =>
    (await queued()).rows.every(({ queued_at: at }) => at?.epochMilliseconds === 0),
  )
  const { rows: before } = await queued()
  expect(before).toHaveLength(5)
  for (let turn = 0; turn < 5; turn++) expect(await test.app.sender.sweep()).toBe(0)
  expect((await queued()).rows).toEqual(before)
  expect(await test.app.sender.queue.depth()).toBe(0)
  const ids = before.map(({ id }) => id)
  expect(await test.app.sender.deliver(ids)).toEqual(ids)
  await resume('inner-wisdom')
  expect(await test.app.sender.sweep()).toBe(5)
  await test.settle()
  expect(await lessons()).toHaveLength(5)
})

it('a claim looks up the pauses once, not for each delivery', async () => {
  await enrolled(test, { series: ['inner-wisdom'] })
  test.clock.set('2027-03-20T06:00:00Z')
  await test.app.sender.plan()
  const { rows } = await sql<{ 'QUERY PLAN': string }>`
    explain select d.id from deliveries d join enrollments e on e.id = d.enrollment_id
      join subscribers s on s.id = e.subscriber_id
    where d.id = any (array[${crypto.randomUUID()}]::uuid[])
      and not ${stores.pausedSeries.isPaused()}`.execute(test.db)
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
  expect(plan).toContain('InitPlan')
  expect(plan).not.toContain('SubPlan')
})

it('a mail about comments waits while all series are paused', async () => {
  const now = test.app.now()
  const hash = Buffer.alloc(16, 7)
  await stores.commentMails.plan(
    test.db,
    {
      kind: 'moderation',
      subscriberId: null,
      hashes: [hash],
      on: Temporal.PlainDate.from('2027-03-19'),
      at: now,
      until: now.add({ hours: 5 }),
    },
    now,
  )
  await pause('inner-wisdom')
  expect(await stores.commentMails.isAnyDue(test.db, now)).toBe(true)
  await pause('*')
  expect(await stores.commentMails.isAnyDue(test.db, now)).toBe(false)
  await resume('*')
  expect(await stores.commentMails.isAnyDue(test.db, now)).toBe(true)
})

it('a series that does not exist can be neither paused nor resumed', async () => {
  await expect(pause('nothing')).rejects.toThrow(/no course "nothing"/)
  await expect(resume('nothing')).rejects.toThrow(/no course "nothing"/)
  expect(await resume('inner-wisdom')).toEqual([])
})
