import { describe, expect, it } from 'vitest'
import { BERLIN_SEVEN, CONSENT, enrolled, skipTheRest, testApp } from '../../support/app.ts'
import { openMailbox } from '../../support/mailbox.ts'
import { berlin, lessons, live } from '../../support/mornings.ts'

const COURSE = { series: ['inner-wisdom'] }
/** The first lesson’s id in the ledger. */
const DAY_1 = 'before-your-feet-touch-the-floor'

describe('the next lesson now', () => {
  it('is sent even around midnight, and the one after it comes in the morning', async () => {
    await using test = await testApp()
    const { first } = await enrolled(test, COURSE)
    await live(test, '2027-03-20T07:00')
    test.clock.set(berlin('2027-03-20T23:59'))
    await test.app.reader.sendNow(first.id)
    await live(test, '2027-03-21T00:01', '2027-03-21T07:00')
    expect(await lessons(test)).toEqual([
      'day 1 on 2027-03-20: sent',
      'day 2 on 2027-03-20: sent',
      'day 3 on 2027-03-21: sent',
    ])
  })

  it('replaces today’s lesson if that has not come; a second one that day is refused', async () => {
    await using test = await testApp()
    const { first } = await enrolled(test, COURSE)
    test.clock.set(berlin('2027-03-20T06:00'))
    await test.app.reader.sendNow(first.id)
    await expect(test.app.reader.sendNow(first.id)).rejects.toMatchObject({ code: 'too_many' })
    await live(test, '2027-03-20T06:01', '2027-03-20T07:00', '2027-03-20T12:00', '2027-03-21T07:00')
    expect(await lessons(test)).toEqual(['day 1 on 2027-03-20: sent', 'day 2 on 2027-03-21: sent'])
  })

  it('is the one that is already queued', async () => {
    await using test = await testApp()
    const { first } = await enrolled(test, COURSE)
    test.clock.set(berlin('2027-03-20T07:00'))
    await test.app.sender.plan() // and no worker runs all day
    test.clock.set(berlin('2027-03-20T22:00'))
    await test.app.reader.sendNow(first.id)
    await live(test, '2027-03-20T22:01', '2027-03-21T07:00')
    expect(await lessons(test)).toEqual(['day 1 on 2027-03-20: sent', 'day 2 on 2027-03-21: sent'])
  })

  it('comes in the morning instead if it cannot be sent in time', async () => {
    await using test = await testApp()
    const { first } = await enrolled(test, COURSE)
    test.clock.set(berlin('2027-03-20T22:00'))
    await test.app.reader.sendNow(first.id) // and no worker runs until the morning
    await live(test, '2027-03-21T07:00', '2027-03-22T07:00')
    expect(await lessons(test)).toEqual(['day 1 on 2027-03-21: sent', 'day 2 on 2027-03-22: sent'])
  })

  it('is refused after the last lesson and during a pause', async () => {
    await using test = await testApp()
    const { first } = await enrolled(test, COURSE)
    await test.app.reader.pause(first.id, null)
    await expect(test.app.reader.sendNow(first.id)).rejects.toMatchObject({ code: 'invalid' })
    await test.app.reader.resume(first.id)
    await skipTheRest(test, first.id)
    await expect(test.app.reader.sendNow(first.id)).rejects.toMatchObject({ code: 'invalid' })
  })
})

describe('sending the last one again', () => {
  it('sends a separate mail with the same text, once a day', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url, ONE_MAIL_HOURS: '0' } })
    const { first, second } = await enrolled(test)
    await live(test, '2027-03-20T07:00', '2027-03-20T09:00')
    for (const id of [first.id, first.id, second?.id ?? '']) await test.app.reader.sendAgain(id)
    await test.settle()
    const rows = await test.db
      .selectFrom('deliveries')
      .select(['item', 'series'])
      .where('kind', '=', 'again')
      .orderBy('id')
      .execute()
    expect(rows.map(({ item }) => item).sort()).toEqual([
      '2027-03-20@2027-03-20',
      'before-your-feet-touch-the-floor@2027-03-20',
    ])
    // Each mail has its own links for reading it on the web and for noting its practice.
    const texts = mailbox.received.map(({ mail }) =>
      mail.text?.replace(/(lessons|practice)\/\S+/g, '$1'),
    )
    const twice = texts.filter((text, index) => texts.indexOf(text) !== index)
    expect(twice).toHaveLength(2)
    expect(new Set(mailbox.received.map(({ mail }) => mail.messageId)).size).toBe(
      mailbox.received.length,
    )
    await live(test, '2027-03-21T07:00')
    expect(await lessons(test)).toEqual(['day 1 on 2027-03-20: sent', 'day 2 on 2027-03-21: sent'])
  })
})

describe('skipping', () => {
  it('skips the lesson shown as the next, once, and keeps the date', async () => {
    await using test = await testApp()
    const { first } = await enrolled(test, COURSE)
    expect(await test.app.reader.skipLesson(first.id, DAY_1)).toBe(true)
    expect(await test.app.reader.skipLesson(first.id, DAY_1)).toBe(false)
    await live(test, '2027-03-20T07:00')
    expect(await lessons(test)).toEqual([
      'day 1 on 2027-03-20: skipped',
      'day 2 on 2027-03-20: sent',
    ])
  })

  it('skips a queued lesson, and moves a daily on by one day', async () => {
    await using test = await testApp()
    const { first, second } = await enrolled(test)
    test.clock.set(berlin('2027-03-20T07:00'))
    await test.app.sender.plan()
    expect(await test.app.reader.skipLesson(first.id, DAY_1)).toBe(true)
    expect(await test.app.reader.skipLesson(second?.id ?? '', '2027-03-21')).toBe(true)
    await live(test, '2027-03-20T07:01', '2027-03-21T07:00', '2027-03-22T07:00')
    expect(await lessons(test)).toEqual([
      'day 1 on 2027-03-20: skipped',
      'day 2 on 2027-03-21: sent',
      'day 3 on 2027-03-22: sent',
    ])
    const inspirations = await test.db
      .selectFrom('deliveries')
      .select(['item', 'status'])
      .where('kind', '=', 'inspiration')
      .orderBy('item')
      .execute()
    expect(inspirations.map(({ item, status }) => `${item} ${status}`)).toEqual([
      '2027-03-20 sent',
      '2027-03-21 skipped',
      '2027-03-22 merged',
    ])
  })
})

describe('starting again', () => {
  it('after the end begins at day 1, in a new enrollment with its consent recorded', async () => {
    await using test = await testApp()
    const { first, subscriber } = await enrolled(test, COURSE)
    await skipTheRest(test, first.id)
    await live(test, '2027-03-20T07:00')
    expect(
      (await test.app.operator.enrollmentsOf(subscriber.id)).map(({ status }) => status),
    ).toEqual(['completed'])
    const id = await test.app.reader.restart(first.id, CONSENT)
    expect(await test.app.reader.restart(first.id, CONSENT)).toBe(id)
    await live(test, '2027-03-21T07:00')
    expect((await lessons(test)).filter((one) => !one.endsWith('skipped'))).toEqual([
      'day 1 on 2027-03-21: sent',
    ])
    const consents = await test.db
      .selectFrom('consents')
      .select('event')
      .where('enrollment_id', '=', id)
      .execute()
    expect(consents).toEqual([{ event: 'confirmed' }])
  })

  it('on a day that already had a lesson begins the next day', async () => {
    await using test = await testApp()
    const { first, subscriber } = await enrolled(test, COURSE)
    await live(test, '2027-03-20T07:00', '2027-03-20T08:00')
    await test.app.reader.restart(first.id, CONSENT)
    await live(test, '2027-03-20T20:00', '2027-03-21T07:00')
    expect(await lessons(test)).toEqual(['day 1 on 2027-03-20: sent', 'day 1 on 2027-03-21: sent'])
    expect(
      (await test.app.operator.enrollmentsOf(subscriber.id)).map(({ status }) => status),
    ).toEqual(['restarted', 'active'])
  })

  it('is refused to those who have left', async () => {
    await using test = await testApp()
    const { first } = await enrolled(test, COURSE)
    await test.app.reader.unsubscribe(first.id, 'everything', CONSENT)
    await expect(test.app.reader.restart(first.id, CONSENT)).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})

describe('a new time zone while a lesson is queued', () => {
  it('applies to that lesson too: it comes once, on a date there, and the next a day later', async () => {
    await using test = await testApp()
    const { first } = await enrolled(test, COURSE)
    test.clock.set(berlin('2027-03-20T07:00'))
    await test.app.sender.plan() // queued, and no worker runs until the evening
    test.clock.set(berlin('2027-03-20T20:30')) // 08:30 on the 21st in Auckland
    await test.app.reader.setRhythm(first.id, {
      ...BERLIN_SEVEN,
      zone: 'Pacific/Auckland',
      time: '09:00',
    })
    await live(test, '2027-03-20T20:45', '2027-03-20T21:00', '2027-03-21T21:00')
    expect(await lessons(test)).toEqual(['day 1 on 2027-03-21: sent', 'day 2 on 2027-03-22: sent'])
  })
})
