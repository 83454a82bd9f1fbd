import { describe, expect, it } from 'vitest'
import { BERLIN_SEVEN, enrolled, type TestApp, testApp } from '../../support/app.ts'

const lessons = ({ db }: TestApp) =>
  db.selectFrom('deliveries').selectAll().where('kind', '=', 'lesson').orderBy('day').execute()

const inspirations = ({ db }: TestApp) =>
  db
    .selectFrom('deliveries')
    .selectAll()
    .where('kind', '=', 'inspiration')
    .orderBy('local_date')
    .execute()

describe('plan', () => {
  it('writes one ledger row and moves on to the next day, however many planners run', async () => {
    await using test = await testApp()
    for (let n = 0; n < 40; n++)
      await enrolled(test, { email: `reader${n}@example.com`, series: ['inner-wisdom'] })
    test.clock.set('2027-03-20T06:00:00Z')
    const planned = await Promise.all(Array.from({ length: 6 }, test.app.sender.plan))
    expect(planned.reduce((sum, count) => sum + count)).toBe(40)
    expect(await lessons(test)).toHaveLength(40)
    const next = await test.db.selectFrom('enrollments').select('due_on').execute()
    expect(new Set(next.map(({ due_on }) => String(due_on)))).toEqual(new Set(['2027-03-21']))
  })

  it('plans nothing before its time', async () => {
    await using test = await testApp()
    await enrolled(test)
    test.clock.set('2027-03-20T05:59:59.999Z')
    expect(await test.app.sender.plan()).toBe(0)
  })

  it('plans more than one batch', async () => {
    await using test = await testApp()
    const { first, subscriber } = await enrolled(test, { series: ['inner-wisdom'] })
    const people = Array.from({ length: 1_100 }, (_, n) => ({
      ...subscriber,
      id: crypto.randomUUID(),
      address_key: `copy${n}`,
      created_at: String(subscriber.created_at),
      address_since: null,
    }))
    await test.db.insertInto('subscribers').values(people).execute()
    const copies = people.map(({ id }) => ({
      ...first,
      id: crypto.randomUUID(),
      subscriber_id: id,
      created_at: String(first.created_at),
      confirmed_at: null,
      ended_at: null,
      due_on: String(first.due_on),
      due_at: String(first.due_at),
      starts_on: null,
      quiet_from: null,
      quiet_to: null,
      paused_at: null,
      paused_until: null,
      clicks_since: null,
    }))
    await test.db.insertInto('enrollments').values(copies).execute()
    test.clock.set('2027-03-20T06:00:00Z')
    expect(await test.app.sender.plan()).toBe(1_101)
  })

  it('sends one lesson and today’s inspiration after three days down, and never at night', async () => {
    await using test = await testApp()
    await enrolled(test)
    test.clock.set('2027-03-20T06:00:00Z')
    await test.settle()
    test.clock.set('2027-03-23T20:30:00Z') // 21:30 in Berlin, three days later
    await test.settle()
    expect(await lessons(test)).toHaveLength(1)
    test.clock.set('2027-03-24T09:00:00Z') // the server comes back at 10:00
    await test.settle()
    expect(
      (await lessons(test)).map(({ day, local_date, status }) => [day, String(local_date), status]),
    ).toEqual([
      [1, '2027-03-20', 'sent'],
      [2, '2027-03-24', 'sent'],
    ])
    expect(
      (await inspirations(test)).map(({ local_date, status }) => [String(local_date), status]),
    ).toEqual([
      ['2027-03-20', 'merged'],
      ['2027-03-21', 'expired'],
      ['2027-03-24', 'merged'],
    ])
  })

  it('moves a lesson that could not be sent to the next morning, and the following one too', async () => {
    await using test = await testApp()
    await enrolled(test, { series: ['inner-wisdom'] })
    test.clock.set('2027-03-20T06:00:00Z')
    await test.app.sender.plan() // and no worker runs all day
    test.clock.set('2027-03-21T06:00:00Z')
    await test.settle()
    test.clock.set('2027-03-22T06:00:00Z')
    await test.settle()
    expect(
      (await lessons(test)).map(({ day, local_date, status }) => [day, String(local_date), status]),
    ).toEqual([
      [1, '2027-03-21', 'sent'],
      [2, '2027-03-22', 'sent'],
    ])
  })

  it('sends on the chosen weekdays only', async () => {
    await using test = await testApp()
    const rhythm = { ...BERLIN_SEVEN, weekdays: [1, 3, 5] as const }
    await enrolled(test, { rhythm, series: ['inner-wisdom'] })
    for (let day = 20; day <= 31; day++) {
      test.clock.set(Temporal.ZonedDateTime.from(`2027-03-${day}T07:00[Europe/Berlin]`).toInstant())
      await test.settle()
    }
    expect((await lessons(test)).map(({ local_date }) => String(local_date))).toEqual([
      '2027-03-22',
      '2027-03-24',
      '2027-03-26',
      '2027-03-29',
      '2027-03-31',
    ])
  })

  it('ignores an enrollment in a series that is no longer on disk', async () => {
    await using test = await testApp()
    const { first } = await enrolled(test)
    await test.db
      .updateTable('enrollments')
      .set({ series: 'gone' })
      .where('id', '=', first.id)
      .execute()
    test.clock.set('2027-03-20T06:00:00Z')
    expect(await test.app.sender.plan()).toBe(1) // the daily
  })

  it('cannot write a lesson twice, or two lessons on one local date: the database refuses', async () => {
    await using test = await testApp()
    await enrolled(test, { series: ['inner-wisdom'] })
    test.clock.set('2027-03-20T06:00:00Z')
    await test.app.sender.plan()
    const [row] = await lessons(test)
    if (!row) throw new Error('nothing was planned')
    const times = {
      due_at: String(row.due_at),
      until: String(row.until),
      try_at: String(row.try_at),
      created_at: String(row.created_at),
      local_date: String(row.local_date),
    }
    const copy = {
      ...row,
      ...times,
      id: crypto.randomUUID(),
      queued_at: null,
      lost_at: null,
      first_tried_at: null,
      sent_at: null,
    }
    const insert = (values: object) =>
      test.db
        .insertInto('ledger')
        .values({ ...copy, ...values })
        .execute()
    await expect(insert({ local_date: '2027-03-21' })).rejects.toThrow('deliveries_outstanding_key')
    await expect(insert({ item: 'another', day: 2 })).rejects.toThrow(
      'deliveries_outstanding_one_lesson_a_date',
    )
  })
})

describe('setRhythm', () => {
  it('never leads to two lessons on one local date, and skips none', async () => {
    await using test = await testApp()
    const { first } = await enrolled(test, { series: ['inner-wisdom'] })
    test.clock.set('2027-03-20T06:00:00Z')
    await test.settle()
    // 19:00 is later today, but today already had its lesson.
    await test.app.reader.setRhythm(first.id, { ...BERLIN_SEVEN, time: '19:00' })
    test.clock.set('2027-03-20T18:00:00Z')
    await test.settle()
    expect(await lessons(test)).toHaveLength(1)
    test.clock.set('2027-03-21T18:00:00Z')
    await test.settle()
    // In Honolulu it is still the 21st, which already had its lesson.
    await test.app.reader.setRhythm(first.id, {
      ...BERLIN_SEVEN,
      zone: 'Pacific/Honolulu',
      time: '10:00',
    })
    test.clock.set('2027-03-21T20:00:00Z')
    await test.settle()
    test.clock.set('2027-03-22T20:00:00Z')
    await test.settle()
    expect((await lessons(test)).map(({ day, local_date }) => [day, String(local_date)])).toEqual([
      [1, '2027-03-20'],
      [2, '2027-03-21'],
      [3, '2027-03-22'],
    ])
  })
})
