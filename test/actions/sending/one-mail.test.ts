/**
 * A lesson and an inspiration of one morning are one mail, and each stream can still be left by
 * itself.
 */
import { describe, expect, it } from 'vitest'
import {
  BERLIN_SEVEN,
  CONSENT,
  enrolled,
  skipTheRest,
  type TestApp,
  testApp,
} from '../../support/app.ts'
import { type Mailbox, openMailbox } from '../../support/mailbox.ts'

const COURSE = ['inner-wisdom']
const DAILY = ['daily-inspiration']
const WEEKDAYS = [1, 2, 3, 4, 5] as const

/** A reader of both, at times of their own. */
async function both(test: TestApp, lesson = '07:00', inspiration = '07:00') {
  const one = { series: COURSE, rhythm: { ...BERLIN_SEVEN, time: lesson } }
  const { first: course } = await enrolled(test, one)
  const other = { series: DAILY, rhythm: { ...BERLIN_SEVEN, time: inspiration } }
  const [daily] = (await enrolled(test, other)).enrollments.filter(({ id }) => id !== course.id)
  if (!daily) throw new Error('the daily was not confirmed')
  // No worker runs yet: what is planned in a test stays where it is until the test settles.
  await test.db.deleteFrom('deliveries').execute()
  return { course: course.id, daily: daily.id }
}

const at = (test: TestApp, moment: string) =>
  test.clock.set(Temporal.ZonedDateTime.from(`${moment}[Europe/Berlin]`).toInstant())

/** Goes to moments and lets planner and sender work. */
async function live(test: TestApp, ...moments: string[]) {
  for (const moment of moments) {
    at(test, moment)
    await test.settle()
  }
}

const rows = async ({ db }: TestApp) => {
  const all = await db
    .selectFrom('deliveries')
    .selectAll()
    .orderBy('local_date')
    .orderBy('kind')
    .execute()
  return all.map(({ kind, local_date, status }) => `${kind} of ${local_date} ${status}`)
}

/**
 * What each mail holds: a lesson ends with its line to carry, an inspiration is named by its
 * series.
 */
const told = ({ received }: Mailbox) =>
  received
    .map(({ mail }) => mail.text ?? '')
    .map((text) => ({
      lesson: text.includes('TO CARRY THROUGH THE DAY'),
      inspiration: /^The Daily Inspiration$/m.test(text),
    }))
const ONE = { lesson: true, inspiration: true }
const LESSON = { lesson: true, inspiration: false }
const INSPIRATION = { lesson: false, inspiration: true }

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

  it('come each by itself on days that only one of them has, and after the end', async () => {
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

  it('are one mail each for forty readers, however many planners run', async () => {
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

describe('the inspiration goes alone when its lesson, planned already,', () => {
  it.each([
    [
      'was skipped',
      async (test: TestApp, course: string) =>
        test.app.reader.skipLesson(course, (await test.app.reader.upcoming(course))?.which ?? ''),
    ],
    [
      'is held back by a pause',
      (test: TestApp, course: string) => test.app.reader.pause(course, null),
    ],
    [
      'belongs to a course that was left',
      (test: TestApp, course: string) => test.app.reader.unsubscribe(course, 'series', CONSENT),
    ],
  ])('%s', async (_, change) => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    const { course } = await both(test)
    at(test, '2027-03-20T07:00')
    await test.app.sender.plan()
    await change(test, course)
    await test.settle()
    expect(told(mailbox)).toEqual([INSPIRATION])
    expect(await rows(test)).toContain('inspiration of 2027-03-20 sent')
  })

  it('is refused for its own sake', async () => {
    let refusals = 0
    await using mailbox = await openMailbox({
      onData: (stream, _session, done) => {
        stream.resume()
        stream.on('end', () =>
          refusals-- > 0
            ? done(Object.assign(new Error('5.6.0 not this message'), { responseCode: 554 }))
            : done(),
        )
      },
    })
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    await both(test)
    refusals = 1
    await live(test, '2027-03-20T07:00', '2027-03-20T07:01')
    expect(await rows(test)).toEqual([
      'inspiration of 2027-03-20 sent',
      'lesson of 2027-03-20 refused',
    ])
  })
})

describe('the lesson goes alone when its inspiration, planned already,', () => {
  it.each([
    [
      'is held back by a pause',
      (test: TestApp, daily: string) => test.app.reader.pause(daily, null),
      'planned',
    ],
    [
      'belongs to a daily that was left',
      (test: TestApp, daily: string) => test.app.reader.unsubscribe(daily, 'series', CONSENT),
      'skipped',
    ],
  ])('%s', async (_, change, status) => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    const { daily } = await both(test)
    at(test, '2027-03-20T07:00')
    await test.app.sender.plan()
    await change(test, daily)
    await test.settle()
    expect(told(mailbox)).toEqual([LESSON])
    expect(await rows(test)).toEqual([
      `inspiration of 2027-03-20 ${status}`,
      'lesson of 2027-03-20 sent',
    ])
  })
})

describe('the mail with both', () => {
  it('is put off and sent later as one and the same message', async () => {
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

  it('of unknown outcome is sent once more, byte for byte', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    await both(test)
    await live(test, '2027-03-20T07:00')
    // As if the worker had died before it could say that they were sent.
    await test.db
      .updateTable('deliveries')
      .set({
        status: 'sending',
        worker: 'gone',
        lease_until: '2020-01-01T00:00:00Z',
        sent_at: null,
      })
      .execute()
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

  it('can be left as a course by its header, and as a daily by the link in the box', async () => {
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
