/**
 * A lesson and an inspiration on one morning are one mail, and a reader can still leave each
 * series separately.
 */
import { describe, expect, it } from 'vitest'
import { BERLIN_SEVEN, CONSENT, enrolled, skipTheRest, testApp } from '../../support/app.ts'
import { forgetSent } from '../../support/ledger.ts'
import { openMailbox } from '../../support/mailbox.ts'
import { at, both, INSPIRATION, LESSON, live, ONE, rows, told } from './both.ts'

const WEEKDAYS = [1, 2, 3, 4, 5] as const

describe('a lesson and an inspiration', () => {
  it.each([
    ['due together', '07:00', '07:00', ['07:00']],
    [
      'of which the inspiration comes first wait for the lesson',
      '07:00',
      '06:00',
      ['06:00', '07:00'],
    ],
    ['of which the lesson comes first do not wait', '07:00', '08:30', ['07:00', '08:30']],
    ['just within the window', '10:00', '07:00', ['07:00', '10:00']],
  ])('%s: one mail', async (_, lesson, inspiration, moments) => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    await both(test, lesson, inspiration)
    for (const moment of moments) {
      at(test, `2027-03-20T${moment}`)
      await test.settle()
      expect(mailbox.received.length, `mails by ${moment}`).toBe(
        Temporal.PlainTime.compare(moment, lesson) < 0 ? 0 : 1,
      )
    }
    expect(await rows(test)).toEqual([
      'inspiration of 2027-03-20 merged',
      'lesson of 2027-03-20 sent',
    ])
    expect(told(mailbox)).toEqual([ONE])
    const [sent, merged] = await test.db
      .selectFrom('deliveries')
      .selectAll()
      .orderBy('kind', 'desc')
      .execute()
    expect(merged).toMatchObject({
      merged_into: sent?.id,
      edition: sent?.edition,
      sent_at: sent?.sent_at,
    })
    await live(test, `2027-03-21T${lesson}`)
    expect(await rows(test)).toContain('lesson of 2027-03-21 sent')
    expect(await rows(test)).toContain('inspiration of 2027-03-21 merged')
  })

  it.each([
    ['further apart', '11:00', '07:00', {}],
    ['where the operator has set no window', '07:00', '07:00', { ONE_MAIL_HOURS: '0' }],
    ['on either side of midnight', '00:30', '23:30', {}],
  ])('%s: two mails', async (_, lesson, inspiration, env) => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url, ...env } })
    await both(test, lesson, inspiration)
    const moments = [lesson, inspiration].toSorted()
    await live(test, ...moments.map((time) => `2027-03-20T${time}`))
    expect(await rows(test)).toContain('inspiration of 2027-03-20 sent')
    expect(await rows(test)).toContain('lesson of 2027-03-20 sent')
    expect(told(mailbox)).toHaveLength(2)
  })

  it('come separately on days that only one of them has, and after the course ends', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    const { course } = await both(test, '07:00', '06:00')
    await test.app.reader.setRhythm(course, { ...BERLIN_SEVEN, weekdays: WEEKDAYS })
    await live(test, '2027-03-20T06:00') // a Saturday
    expect(told(mailbox)).toEqual([INSPIRATION])
    await skipTheRest(test, course)
    await live(test, '2027-03-22T06:00')
    expect(told(mailbox)).toEqual([INSPIRATION, INSPIRATION])
    await live(test, '2027-03-22T07:00')
    expect(await rows(test)).toContain('completion of 2027-03-22 sent')
  })

  it('are one mail for each of forty readers, however many planners run', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    for (let n = 0; n < 40; n++) await enrolled(test, { email: `reader${n}@example.com` })
    await test.settle()
    mailbox.received.length = 0
    at(test, '2027-03-20T07:00')
    const planned = await Promise.all(Array.from({ length: 6 }, test.app.sender.plan))
    expect(planned.reduce((sum, count) => sum + count)).toBe(40)
    await test.settle()
    expect(told(mailbox)).toEqual(Array(40).fill(ONE))
  })
})

describe('the mail with both', () => {
  it('is deferred as a whole and sent later as one mail', async () => {
    let refusals = 0
    await using mailbox = await openMailbox({
      onRcptTo: (_address, _session, done) =>
        refusals-- > 0
          ? done(Object.assign(new Error('4.7.1 greylisted'), { responseCode: 451 }))
          : done(),
    })
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    await both(test)
    refusals = 1
    await live(test, '2027-03-20T07:00')
    expect(await rows(test)).toEqual([
      'inspiration of 2027-03-20 retry',
      'lesson of 2027-03-20 retry',
    ])
    await live(test, '2027-03-20T07:06')
    expect(await rows(test)).toEqual([
      'inspiration of 2027-03-20 merged',
      'lesson of 2027-03-20 sent',
    ])
    expect(told(mailbox)).toEqual([ONE])
  })

  it('is sent once more, byte for byte, if its outcome is unknown', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    await both(test)
    await live(test, '2027-03-20T07:00')
    await test.db
      .insertInto('workers')
      .values({ name: 'gone', lease_until: '2020-01-01T00:00:00Z' })
      .execute()
    await forgetSent(test)
    await test.app.sender.sweep()
    expect(await rows(test)).toEqual([
      'inspiration of 2027-03-20 unknown',
      'lesson of 2027-03-20 unknown',
    ])
    await live(test, '2027-03-20T07:01')
    expect(await rows(test)).toEqual([
      'inspiration of 2027-03-20 merged',
      'lesson of 2027-03-20 sent',
    ])
    const [first, second, ...others] = mailbox.received.map(({ raw }) => raw.toString())
    expect(second).toBe(first)
    expect(others).toEqual([])
  })

  it('unsubscribes from the course by its header and from the daily by the link in its box', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    const { course, daily } = await both(test)
    await live(test, '2027-03-20T07:00')
    const mail = mailbox.received.at(-1)?.mail
    const token = (text: string | undefined) =>
      /unsubscribe\/([^\s>"]+)/.exec(text ?? '')?.[1] ?? ''
    const header = mail?.headers.find(({ key }) => key === 'list-unsubscribe')?.value
    const box = /Unsubscribe from The Daily Inspiration only: (\S+)/.exec(mail?.text ?? '')?.[1]
    const read = (text: string | undefined) =>
      test.app.links.read('unsubscribe', token(text), test.clock.now())
    expect(read(header)).toBe(course)
    expect(read(box)).toBe(daily)
    await test.app.reader.unsubscribe(daily, 'series', CONSENT)
    await live(test, '2027-03-21T07:00')
    expect(told(mailbox)).toEqual([ONE, LESSON])
  })
})
