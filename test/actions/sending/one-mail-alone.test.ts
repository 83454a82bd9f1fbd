/** A lesson and an inspiration were planned for one mail, and only one of them may still go. */
import { describe, expect, it } from 'vitest'
import { CONSENT, type TestApp, testApp } from '../../support/app.ts'
import { openMailbox } from '../../support/mailbox.ts'
import { at, both, INSPIRATION, LESSON, live, rows, told } from './both.ts'

describe('the inspiration goes alone when its lesson, already planned,', () => {
  it.each([
    [
      'was skipped',
      async (test: TestApp, course: string) =>
        test.app.reader.skipLesson(course, (await test.app.reader.upcoming(course))?.which ?? ''),
    ],
    ['is held by a pause', (test: TestApp, course: string) => test.app.reader.pause(course, null)],
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

  it('is refused because of its content', async () => {
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

describe('the lesson goes alone when its inspiration, already planned,', () => {
  it.each([
    [
      'is held by a pause',
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
