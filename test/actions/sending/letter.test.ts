/** A letter about new articles, with the real planner, sender and database. */
import { describe, expect, it } from 'vitest'
import { BERLIN_SEVEN, CONSENT, type EnrollOptions, enrolled } from '../../support/app.ts'
import { caught, ledger, lettersApp, subjects } from '../../support/letters.ts'
import { openMailbox } from '../../support/mailbox.ts'
import { berlin, live } from '../../support/mornings.ts'

// Confirmed on Friday, March 19, at 13:00 in Berlin.
const LETTER: EnrollOptions = { series: ['l'] }
const SUNDAYS: EnrollOptions = { ...LETTER, rhythm: { ...BERLIN_SEVEN, weekdays: [7] } }

describe('a letter', () => {
  it('comes on the morning after something was published, and otherwise not at all', async () => {
    await using test = await lettersApp()
    await test.publish('2027-03-19T12:00', 'Before')
    test.clock.set(berlin('2027-03-19T13:00'))
    await enrolled(test, LETTER)
    await live(test, '2027-03-20T07:00')
    expect(await subjects(test)).toEqual([])
    await test.publish('2027-03-20T18:00', 'One umbrella', { summary: 'What it is.' })
    await live(test, '2027-03-21T06:59', '2027-03-21T07:00', '2027-03-22T07:00')
    const [mail, ...more] = await caught(test)
    expect(more).toEqual([])
    expect(mail?.subject).toBe('One umbrella')
    for (const part of [mail?.text, String(mail?.html)])
      expect(part).toMatch(/What it is\.[\s\S]*articles\/one-umbrella[\s\S]*The Dawnpost editors/)
    expect(mail?.headers.map(({ key }) => key)).toContain('list-unsubscribe-post')
    expect(await ledger(test)).toEqual(['2027-03-21 sent'])
  })

  it('lists everything new since the last one, at most ten articles by title', async () => {
    await using test = await lettersApp()
    await enrolled(test, LETTER)
    for (let n = 1; n <= 12; n++) await test.publish('2027-03-20T09:00', `Article ${n}`)
    await test.publish('2027-03-20T10:00', 'The <newest> of “all”')
    await live(test, '2027-03-21T07:00')
    const [mail] = await caught(test)
    expect(mail?.subject).toBe('The <newest> of “all”, and 12 more')
    expect(mail?.text).toContain('And 3 more in the reading room')
    expect(String(mail?.html).match(/\/articles\/article-/g)).toHaveLength(9)
    expect(String(mail?.html)).toContain('The &lt;newest&gt; of “all”')
  })

  it('comes once a week if its author says so, with everything from that week', async () => {
    await using test = await lettersApp({ every: '1 week' })
    await enrolled(test, SUNDAYS)
    await test.publish('2027-03-20T09:00', 'One')
    await live(test, '2027-03-21T07:00')
    await test.publish('2027-03-22T09:00', 'Two')
    await test.publish('2027-03-25T09:00', 'Three')
    await live(test, '2027-03-28T07:00', '2027-04-04T07:00')
    expect(await subjects(test)).toEqual(['One', 'Three, and one more'])
    // Every weekday is allowed now, but the gap of a week still applies.
    const [enrollment] = await test.db.selectFrom('enrollments').select('id').execute()
    await test.publish('2027-04-04T08:00', 'Four')
    await test.app.reader.setRhythm(enrollment?.id ?? '', BERLIN_SEVEN)
    await live(test, '2027-04-05T07:00')
    await test.publish('2027-04-05T08:00', 'Five')
    await live(test, '2027-04-06T07:00', '2027-04-11T07:00', '2027-04-12T07:00')
    expect(await ledger(test)).toEqual([
      '2027-03-21 sent',
      '2027-03-28 sent',
      '2027-04-05 sent',
      '2027-04-12 sent',
    ])
  })

  it('comes once after a pause with everything since, and says that the pause is over', async () => {
    await using test = await lettersApp()
    const { first } = await enrolled(test, LETTER)
    await test.publish('2027-03-20T09:00', 'One')
    test.clock.set(berlin('2027-03-21T07:00'))
    await test.app.sender.plan() // and no worker runs before the pause
    await test.app.reader.pause(first.id, Temporal.PlainDate.from('2027-03-24'))
    await live(test, '2027-03-22T07:00')
    await test.publish('2027-03-23T09:00', 'Two')
    await live(test, '2027-03-23T12:00', '2027-03-24T07:00')
    const [mail] = await caught(test)
    expect(await ledger(test)).toEqual(['2027-03-21 expired', '2027-03-24 sent'])
    expect(await subjects(test)).toEqual(['Two, and one more'])
    expect(mail?.text).toContain('Your pause is over')
  })

  it('that could not be sent comes the next morning, with what was published in between', async () => {
    await using test = await lettersApp({ every: '1 week' })
    await enrolled(test, LETTER)
    await test.publish('2027-03-20T09:00', 'One')
    test.clock.set(berlin('2027-03-21T07:00'))
    await test.app.sender.plan() // and no worker runs all day
    await test.publish('2027-03-21T22:00', 'Two')
    await live(test, '2027-03-22T07:00', '2027-03-23T07:00')
    expect(await ledger(test)).toEqual(['2027-03-21 expired', '2027-03-22 sent'])
    expect(await subjects(test)).toEqual(['Two, and one more'])
  })

  it('does not come on quiet dates', async () => {
    await using test = await lettersApp()
    const [from, to] = ['2027-03-20', '2027-03-24'].map((on) => Temporal.PlainDate.from(on))
    const quiet = from && to ? { from, to } : null
    await enrolled(test, { ...LETTER, rhythm: { ...BERLIN_SEVEN, quiet } })
    await test.publish('2027-03-20T09:00', 'One')
    await live(test, '2027-03-21T07:00', '2027-03-24T07:00', '2027-03-25T07:00')
    expect(await ledger(test)).toEqual(['2027-03-25 sent'])
  })

  it('leaves out articles removed before it is planned', async () => {
    await using test = await lettersApp()
    await enrolled(test, LETTER)
    await test.publish('2027-03-20T09:00', 'One')
    await test.publish('2027-03-20T09:00', 'Two')
    await test.remove('Two')
    await live(test, '2027-03-21T07:00')
    expect(await subjects(test)).toEqual(['One'])
  })

  it('is not sent if all its articles are gone; the next one has what was published since', async () => {
    await using test = await lettersApp()
    await enrolled(test, LETTER)
    await test.publish('2027-03-20T09:00', 'One')
    test.clock.set(berlin('2027-03-21T07:00'))
    await test.app.sender.plan() // and no worker runs yet
    await test.remove('One')
    await test.settle()
    await test.publish('2027-03-21T09:00', 'Two')
    await live(test, '2027-03-22T07:00')
    expect(await ledger(test)).toEqual(['2027-03-21 refused', '2027-03-22 sent'])
    expect(await subjects(test)).toEqual(['Two'])
  })

  it('is planned once, however many planners run', async () => {
    await using test = await lettersApp()
    for (let n = 0; n < 30; n++) await enrolled(test, { ...LETTER, email: `r${n}@example.com` })
    await test.publish('2027-03-20T09:00', 'One')
    test.clock.set(berlin('2027-03-21T07:00'))
    const planned = await Promise.all(Array.from({ length: 6 }, test.app.sender.plan))
    expect(planned.reduce((sum, count) => sum + count)).toBe(30)
    await test.settle()
    expect(await ledger(test)).toEqual(Array(30).fill('2027-03-21 sent'))
    expect(
      await test.db.selectFrom('editions').select('hash').where('subject', '=', 'One').execute(),
    ).toHaveLength(1)
  })

  it('is the same message on a retry, though its articles have changed since', async () => {
    let refusals = 0
    await using mailbox = await openMailbox({
      onRcptTo: (_address, _session, done) =>
        refusals-- > 0
          ? done(Object.assign(new Error('4.7.1 greylisted'), { responseCode: 451 }))
          : done(),
    })
    await using test = await lettersApp({}, { env: { SMTP_URL: mailbox.url } })
    await enrolled(test, LETTER)
    await test.db.deleteFrom('ledger').execute()
    refusals = 1
    await test.publish('2027-03-20T09:00', 'One')
    await live(test, '2027-03-21T07:00')
    await test.publish('2027-03-21T07:01', 'One', { summary: 'Said in other words.' })
    await test.publish('2027-03-21T07:02', 'Two')
    await live(test, '2027-03-21T07:06', '2027-03-22T07:00')
    expect(await ledger(test)).toEqual(['2027-03-21 sent', '2027-03-22 sent'])
    expect(mailbox.received.map(({ mail }) => mail.subject)).toEqual(['One', 'Two'])
    expect(mailbox.received[0]?.mail.text).toContain('What it is about.')
  })

  it('can be counted as sent after a restore, and its articles are not announced again', async () => {
    await using test = await lettersApp()
    await enrolled(test, LETTER)
    await test.publish('2027-03-20T09:00', 'One')
    test.clock.set(berlin('2027-03-21T12:00'))
    const { operator } = test.app
    const { due } = await operator.restored.ask(test.app.now())
    expect(due).toContainEqual({ date: '2027-03-21', series: 'l', mails: 1 })
    await operator.restored.countAsSent(test.app.now())
    await test.publish('2027-03-21T13:00', 'Two')
    await live(test, '2027-03-22T07:00')
    expect(await ledger(test)).toEqual(['2027-03-21 sent', '2027-03-22 sent'])
    expect(await subjects(test)).toEqual(['Two'])
  })

  it('is not sent to a reader who has left just before', async () => {
    await using test = await lettersApp()
    const { first } = await enrolled(test, LETTER)
    await test.publish('2027-03-20T09:00', 'One')
    test.clock.set(berlin('2027-03-21T07:00'))
    await test.app.sender.plan()
    await test.app.reader.unsubscribe(first.id, 'series', CONSENT)
    await test.settle()
    expect(await ledger(test)).toEqual(['2027-03-21 skipped'])
    expect(await subjects(test)).toEqual([])
    // A reader who comes back hears about what is published from then on.
    test.clock.set(berlin('2027-03-22T12:00'))
    await enrolled(test, LETTER)
    await test.publish('2027-03-22T13:00', 'Two')
    await live(test, '2027-03-23T07:00')
    expect(await subjects(test)).toEqual(['Two'])
  })

  it('can be asked for now, once and only if there is news; the gap starts anew from there', async () => {
    await using test = await lettersApp({ every: '1 week' })
    const { first } = await enrolled(test, LETTER)
    await expect(test.app.reader.sendNow(first.id)).rejects.toThrow('There is nothing new')
    await test.publish('2027-03-20T09:00', 'One')
    await test.app.reader.sendNow(first.id)
    await test.settle()
    await test.publish('2027-03-20T10:00', 'Two')
    await expect(test.app.reader.sendNow(first.id)).rejects.toThrow('had a letter today')
    await test.app.reader.sendAgain(first.id)
    await test.settle()
    await live(test, '2027-03-21T07:00', '2027-03-26T07:00')
    expect(await subjects(test)).toEqual(['One', 'One'])
    await live(test, '2027-03-27T07:00')
    expect(await subjects(test)).toEqual(['One', 'One', 'Two'])
  })
})

describe('a letter and a lesson', () => {
  it('on one morning are one mail, and the letter can be read online as it was sent', async () => {
    await using test = await lettersApp()
    await test.publish('2027-03-19T12:00', 'Before')
    const { enrollments } = await enrolled(test, { series: ['c', 'l'] })
    await test.publish('2027-03-19T14:00', 'One')
    await live(test, '2027-03-20T07:00')
    const [mail, ...more] = await caught(test)
    expect(more).toEqual([])
    expect(mail?.subject).toBe('One')
    expect(mail?.text).toMatch(
      /Read this\.[\s\S]*New here[\s\S]*articles\/one[\s\S]*Unsubscribe from New here only/,
    )
    expect(await ledger(test)).toEqual(['2027-03-20 merged'])
    await live(test, '2027-03-21T07:00', '2027-03-22T07:00')
    expect(await subjects(test)).toHaveLength(3)
    // The letter still shows its article, which has since been removed.
    await test.remove('One')
    const letter = enrollments.find(({ series }) => series === 'l')
    const days = await test.app.reader.daysOf(letter?.id ?? '')
    const read = await test.app.reader.readLesson(days?.received[0]?.id ?? '')
    expect(read?.html).toContain('/articles/one')
  })

  it('with a daily as well are two mails: the inspiration goes with the lesson', async () => {
    await using test = await lettersApp()
    await enrolled(test, { series: ['c', 'd', 'l'] })
    await test.publish('2027-03-19T14:00', 'One')
    await live(test, '2027-03-20T07:00')
    expect(await ledger(test)).toEqual(['2027-03-20 sent'])
    expect(await ledger(test, 'inspiration')).toEqual(['2027-03-20 merged'])
  })

  it('are one mail even if the lesson is due a little later', async () => {
    await using test = await lettersApp()
    await enrolled(test, { series: ['c'], rhythm: { ...BERLIN_SEVEN, time: '09:00' } })
    await enrolled(test, LETTER)
    await test.publish('2027-03-19T14:00', 'One')
    await live(test, '2027-03-20T07:00')
    expect(await ledger(test)).toEqual([])
    await live(test, '2027-03-20T09:00')
    expect(await ledger(test)).toEqual(['2027-03-20 merged'])
  })
})
