import { describe, expect, it } from 'vitest'
import { BERLIN_SEVEN, enrolled, type TestApp, testApp } from '../../support/app.ts'
import { holdingMailbox } from '../../support/mailbox.ts'
import { berlin, kinds, lessons, live } from '../../support/mornings.ts'
import { until } from '../../support/wait.ts'

const COURSE = { series: ['inner-wisdom'] }

/** The mails whose text says "Welcome back". */
async function welcomedBack({ db }: TestApp) {
  const rows = await db
    .selectFrom('deliveries as d')
    .innerJoin('editions', 'editions.hash', 'd.edition')
    .select(['d.kind', 'd.day', 'd.local_date'])
    .where('editions.text', 'like', '%Welcome back%')
    .where('editions.html', 'like', '%Welcome back%')
    .where('d.merged_into', 'is', null)
    .orderBy('d.id')
    .execute()
  return rows
    .map(({ kind, day, local_date }) => (day ? `${kind}-${day}` : `${kind} of ${local_date}`))
    .sort()
}

describe('pausing', () => {
  it('holds back what is already queued, and releases it if resumed within the window', async () => {
    await using test = await testApp({ env: { ONE_MAIL_HOURS: '0' } })
    const { first, second } = await enrolled(test)
    test.clock.set(berlin('2027-03-20T07:00'))
    await test.app.sender.plan() // the lesson and the inspiration are queued
    await test.app.reader.pause(first.id, null)
    await test.app.reader.pause(second?.id ?? '', null)
    await live(test, '2027-03-20T07:01', '2027-03-20T08:00')
    expect(await kinds(test, 'sent')).toEqual([])
    expect(await kinds(test, 'planned')).toEqual(['welcome', 'lesson 1', 'inspiration'])
    await test.app.reader.resume(first.id)
    await test.app.reader.resume(second?.id ?? '')
    await test.settle()
    expect(await kinds(test, 'sent')).toEqual(['welcome', 'lesson 1', 'inspiration'])
    await live(test, '2027-03-21T07:00')
    expect(await lessons(test)).toEqual(['day 1 on 2027-03-20: sent', 'day 2 on 2027-03-21: sent'])
  })

  it('for days moves a held lesson to the first morning after, and drops the inspiration', async () => {
    await using test = await testApp()
    const { first, second } = await enrolled(test)
    test.clock.set(berlin('2027-03-20T07:00'))
    await test.app.sender.plan()
    await test.app.reader.pause(first.id, null)
    await test.app.reader.pause(second?.id ?? '', null)
    await live(test, '2027-03-20T22:00', '2027-03-21T07:00', '2027-03-22T07:00')
    await test.app.reader.resume(first.id)
    await test.app.reader.resume(second?.id ?? '')
    await live(test, '2027-03-23T07:00', '2027-03-24T07:00')
    expect(await lessons(test)).toEqual(['day 1 on 2027-03-23: sent', 'day 2 on 2027-03-24: sent'])
    expect(await kinds(test, 'expired')).toEqual(['confirm', 'welcome', 'inspiration'])
  })

  it('until a date ends by itself on that date', async () => {
    await using test = await testApp()
    const { first, second } = await enrolled(test)
    const until = Temporal.PlainDate.from('2027-03-25')
    await test.app.reader.pause(first.id, until)
    await test.app.reader.pause(second?.id ?? '', until)
    await live(test, '2027-03-20T07:00', '2027-03-24T07:00', '2027-03-24T20:59')
    expect(await kinds(test, 'sent')).toEqual([])
    await live(test, '2027-03-25T07:00', '2027-03-26T07:00')
    expect(await lessons(test)).toEqual(['day 1 on 2027-03-25: sent', 'day 2 on 2027-03-26: sent'])
    expect(await kinds(test, 'sent')).toEqual(['lesson 1', 'lesson 2'])
    expect(await kinds(test, 'merged')).toEqual(['inspiration', 'inspiration'])
    expect((await test.app.reader.upcoming(first.id))?.pause).toBeNull()
    expect(await welcomedBack(test)).toEqual(['lesson-1'])
  })

  it('until a date welcomes back with a held lesson, and with an inspiration of its own', async () => {
    await using test = await testApp({ env: { ONE_MAIL_HOURS: '0' } })
    const { first, second } = await enrolled(test)
    test.clock.set(berlin('2027-03-20T07:00'))
    await test.app.sender.plan()
    const until = Temporal.PlainDate.from('2027-03-22')
    await test.app.reader.pause(first.id, until)
    await test.app.reader.pause(second?.id ?? '', until)
    await live(test, '2027-03-22T07:00', '2027-03-23T07:00')
    expect(await lessons(test)).toEqual(['day 1 on 2027-03-22: sent', 'day 2 on 2027-03-23: sent'])
    expect(await welcomedBack(test)).toEqual(['inspiration of 2027-03-22', 'lesson-1'])
  })

  it('waits for the mail that is being sent, so that none comes after it', async () => {
    await using mailbox = await holdingMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    const { first } = await enrolled(test, COURSE)
    const worker = await test.work()
    test.clock.set(berlin('2027-03-20T07:00'))
    await worker.tick()
    await until('SMTP to have the mails', () => mailbox.asked() > 0)
    let paused = false
    const pausing = test.app.reader.pause(first.id, null).then(() => {
      paused = true
    })
    await until('the pause to be committed', async () => {
      const row = await test.db.selectFrom('enrollments').select('paused_at').executeTakeFirst()
      return row?.paused_at !== null
    })
    expect(paused).toBe(false)
    mailbox.release()
    await pausing
    const received = mailbox.received.length
    await worker.tick()
    expect(mailbox.received).toHaveLength(received)
  })

  it('twice changes its end; resuming twice changes nothing', async () => {
    await using test = await testApp()
    const { first } = await enrolled(test, COURSE)
    await test.app.reader.pause(first.id, null)
    await test.app.reader.pause(first.id, Temporal.PlainDate.from('2027-04-01'))
    expect(String((await test.app.reader.upcoming(first.id))?.next?.morning.on)).toBe('2027-04-01')
    await test.app.reader.resume(first.id)
    await test.app.reader.resume(first.id)
    expect(String((await test.app.reader.upcoming(first.id))?.next?.morning.on)).toBe('2027-03-20')
  })

  it('releases only what it held, not what waits for another reason', async () => {
    await using test = await testApp()
    const { first } = await enrolled(test, COURSE)
    const until = String(test.app.now().add({ hours: 9 }))
    const deferred = test.db.updateTable('ledger').set({ status: 'retry', try_at: until, until })
    const welcome = await deferred
      .where('kind', '=', 'welcome')
      .returning('id')
      .executeTakeFirstOrThrow()
    const confirm = await deferred
      .where('kind', '=', 'confirm')
      .returning('id')
      .executeTakeFirstOrThrow()
    const waits = async () => {
      const rows = await test.db
        .selectFrom('deliveries')
        .select(['id', 'held', 'try_at'])
        .where('status', '=', 'retry')
        .orderBy('id')
        .execute()
      return new Map(rows.map(({ id, held, try_at }) => [id, [held, String(try_at) === until]]))
    }
    await test.app.reader.pause(first.id, null)
    expect(await waits()).toEqual(
      new Map([
        [welcome.id, [true, true]],
        [confirm.id, [false, true]],
      ]),
    )
    await test.app.reader.resume(first.id)
    expect(await waits()).toEqual(
      new Map([
        [welcome.id, [false, false]],
        [confirm.id, [false, true]],
      ]),
    )
  })

  it('allows changing the rhythm in the meantime', async () => {
    await using test = await testApp()
    const { first } = await enrolled(test, COURSE)
    await test.app.reader.pause(first.id, null)
    await test.app.reader.setRhythm(first.id, { ...BERLIN_SEVEN, time: '19:00' })
    await live(test, '2027-03-20T19:00')
    expect(await lessons(test)).toEqual([])
    test.clock.set(berlin('2027-03-21T18:00'))
    await test.app.reader.resume(first.id)
    await live(test, '2027-03-21T19:00', '2027-03-22T19:00')
    expect(await lessons(test)).toEqual(['day 1 on 2027-03-21: sent', 'day 2 on 2027-03-22: sent'])
  })
})
