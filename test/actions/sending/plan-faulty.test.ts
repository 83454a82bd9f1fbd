import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { BERLIN_SEVEN, enrolled, type TestApp, testApp } from '../../support/app.ts'
import { keptLog } from '../../support/log.ts'

const lessons = ({ db }: TestApp) =>
  db.selectFrom('deliveries').selectAll().where('kind', '=', 'lesson').orderBy('day').execute()

describe('an enrollment that cannot be planned', () => {
  const READERS = 300
  const breakZone = ({ db }: TestApp, id: string, zone: string) =>
    db.updateTable('enrollments').set({ zone }).where('id', '=', id).execute()
  const attempts = (messages: () => string[]) =>
    messages().filter((text) => text.startsWith('an enrollment cannot be planned')).length

  /**
   * Many readers of one course, the middle one of whom can be given a time zone that does not
   * exist.
   */
  async function withOneBroken() {
    const { log, messages } = keptLog()
    const test = await testApp({ log })
    const { first, subscriber } = await enrolled(test, { series: ['inner-wisdom'] })
    await copies(test, first.id, subscriber.id, READERS)
    test.clock.set('2027-03-20T06:00:00Z')
    return { test, first, messages }
  }

  it('holds up nobody else, is set aside and reported, and is retried an hour later', async () => {
    const { test, first, messages } = await withOneBroken()
    await using _ = test
    await breakZone(test, first.id, 'Mars/Olympus')
    expect(await test.app.sender.plan()).toBe(READERS)
    expect(await test.app.sender.plan()).toBe(0)
    expect(attempts(messages)).toBe(1)
    const { setAside, nextDueAt } = await test.app.operator.status()
    expect(setAside).toEqual([
      {
        enrollment: first.id,
        series: 'inner-wisdom',
        reason: expect.stringContaining('time zone'),
        since: '2027-03-20T06:00:00Z',
      },
    ])
    expect(nextDueAt).toBe('2027-03-20T07:00:00Z')
    test.clock.set('2027-03-20T07:00:00Z')
    await test.app.sender.plan()
    expect(attempts(messages)).toBe(2)
    await breakZone(test, first.id, 'Europe/Berlin')
    test.clock.set('2027-03-20T08:00:00Z')
    expect(await test.app.sender.plan()).toBe(1)
    expect((await test.app.operator.status()).setAside).toEqual([])
  })

  it('does not cause the others to be planned one by one', async () => {
    const { test, first } = await withOneBroken()
    await using _ = test
    await breakZone(test, first.id, 'Mars/Olympus')
    await test.app.sender.plan()
    expect(await transactions(test)).toBeLessThan(60)
  })

  it('is planned at its new time as soon as its reader changes the rhythm', async () => {
    await using test = await testApp()
    const { first } = await enrolled(test, { series: ['inner-wisdom'] })
    await breakZone(test, first.id, 'Mars/Olympus')
    test.clock.set('2027-03-20T06:00:00Z')
    expect(await test.app.sender.plan()).toBe(0)
    await test.app.reader.setRhythm(first.id, { ...BERLIN_SEVEN, time: '07:30' })
    expect((await test.app.operator.status()).setAside).toEqual([])
    test.clock.set('2027-03-20T06:30:00Z')
    expect(await test.app.sender.plan()).toBe(1)
  })

  it('does not cost its reader the lesson when it is the daily that fails', async () => {
    await using test = await testApp()
    const { second } = await enrolled(test)
    await breakZone(test, second?.id ?? '', 'Mars/Olympus')
    test.clock.set('2027-03-20T06:00:00Z')
    expect(await test.app.sender.plan()).toBe(1)
    expect(await lessons(test)).toHaveLength(1)
    const { setAside } = await test.app.operator.status()
    expect(setAside.map(({ series }) => series)).toEqual(['daily-inspiration'])
  })
})

/** How many transactions have written the planned deliveries; each batch is one. */
async function transactions({ db }: TestApp): Promise<number> {
  const { rows } = await sql<{
    count: string
  }>`select count(distinct xmin::text) from ledger`.execute(db)
  return Number(rows[0]?.count)
}

/** Adds readers like this one, due a moment before and after it. */
async function copies({ db }: TestApp, enrollment: string, subscriber: string, count: number) {
  await sql`
    with more as (
      insert into subscribers (id, address, address_key, address_hash, first_name, created_at)
      select gen_random_uuid(), n || s.address, n || s.address_key, s.address_hash || int4send(n),
        s.first_name, s.created_at
      from subscribers s, generate_series(1, ${count}::int) n where s.id = ${subscriber}
      returning id
    )
    insert into enrollments (id, subscriber_id, series, status, time_of_day, zone, weekdays, due_on,
      due_at, created_at)
    select gen_random_uuid(), more.id, e.series, e.status, e.time_of_day, e.zone, e.weekdays,
      e.due_on,
      e.due_at + (row_number() over () - ${count}::int / 2) * interval '1 microsecond' - interval
      '1 millisecond', e.created_at
    from enrollments e, more where e.id = ${enrollment}`.execute(db)
}
