/** A test mail that authors send to themselves. */
import { describe, expect, it } from 'vitest'
import { testApp } from '../../support/app.ts'
import { ledger } from '../../support/ledger.ts'
import { openMailbox } from '../../support/mailbox.ts'

const LESSON = { series: 'inner-wisdom', which: '7', to: 'author@example.com', firstName: 'Ada' }

describe('a test mail', () => {
  it('is the mail that readers get, marked in its subject, and is not in the ledger', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    const lesson = test.app.series.get('inner-wisdom')
    if (lesson?.kind !== 'course') throw new Error('no course')
    expect(await test.app.author.sendTest(LESSON)).toBe(`[Test] ${lesson.lessons[6]?.subject}`)
    const [received] = mailbox.to('author@example.com')
    expect(received?.mail.subject).toBe(`[Test] ${lesson.lessons[6]?.subject}`)
    expect(received?.mail.text).toContain(`\n${lesson.lessons[6]?.subject}\n`)
    expect(received?.mail.text).toContain('Dear Ada')
    expect(received?.mail.text).toContain('Day 7 of 30')
    expect(received?.mail.headers.map(({ key }) => key)).toContain('list-unsubscribe')
    expect(await ledger(test)).toEqual([])
  })

  it.each([
    ['welcome', { which: 'welcome' }],
    ['completion', { which: 'completion' }],
    ['an inspiration', { series: 'daily-inspiration', which: '2027-03-20' }],
  ])('can be %s', async (_, what) => {
    await using test = await testApp()
    expect(await test.app.author.sendTest({ ...LESSON, ...what })).toMatch(/^\[Test\] \S/)
    expect(await test.app.author.sandbox?.list(10)).toHaveLength(1)
  })

  it.each([
    [
      'another course',
      { series: 'nothing' },
      'There is no course "nothing". Choose one of: daily-inspiration, genau-hinsehen, inner-wisdom, looking-closely, reading-letter.',
    ],
    ['another day', { which: '31' }, 'has days 1 to 30, and the letters welcome and completion.'],
    ['a day of a letter', { series: 'reading-letter' }, 'has the letters letter and welcome.'],
    [
      'a day of a daily',
      { series: 'daily-inspiration' },
      'uses dates, not days. Give a date like 2027-03-20.',
    ],
  ])('cannot be of %s', async (_, what, message) => {
    await using test = await testApp()
    await expect(test.app.author.sendTest({ ...LESSON, ...what })).rejects.toThrow(message)
  })

  it('reports the server’s reply if it is refused', async () => {
    await using mailbox = await openMailbox({
      onRcptTo: (_address, _session, done) =>
        done(Object.assign(new Error('5.1.1 nobody'), { responseCode: 550 })),
    })
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    await expect(test.app.author.sendTest(LESSON)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('5.1.1 nobody'),
    })
  })
})
