import { describe, expect, it } from 'vitest'
import { createServer } from '../src/http/server.ts'
import { messageIdOf } from '../src/store/message-id.ts'
import { ask, BACKENDS, BERLIN_SEVEN, testApp } from './support/app.ts'
import { openMailbox } from './support/mailbox.ts'

describe.each(BACKENDS)('the journey, queue on %s', (backend) => {
  it('leads from enrollment through thirty mornings to completion and unsubscription', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({
      backend,
      start: '2027-03-19T20:00:00Z',
      env: { SMTP_URL: mailbox.url },
    })
    const server = await createServer(test.app)
    const pathOf = (url: string | undefined) => new URL(url ?? 'nothing').pathname
    const post = (path: string) => server.request(path, { method: 'POST' })

    await ask(test, { email: 'ada@example.com', rhythm: BERLIN_SEVEN })
    await test.settle()
    const [question] = mailbox.to('ada@example.com')
    const confirmUrl = question?.mail.text?.match(/https:\S+\/confirm\/\S+/)?.[0]
    expect((await server.request(pathOf(confirmUrl))).status).toBe(200)
    expect((await post(pathOf(confirmUrl))).status).toBe(303)
    await test.settle()
    // The confirmation request and one welcome.
    expect(mailbox.received.map(({ mail }) => mail.subject)).toHaveLength(2)

    // Thirty-five mornings, including the change to summer time on 28 March.
    const mornings = Array.from({ length: 35 }, (_, days) =>
      Temporal.PlainDate.from('2027-03-20').add({ days }),
    )
    for (const morning of mornings) {
      test.clock.set(
        morning.toZonedDateTime({ timeZone: 'Europe/Berlin', plainTime: '07:00' }).toInstant(),
      )
      await test.settle()
    }

    const ledger = await test.db
      .selectFrom('deliveries as d')
      .selectAll()
      .select(messageIdOf.as('message_id'))
      .orderBy('due_at')
      .execute()
    const lessons = ledger.filter(({ kind }) => kind === 'lesson')
    expect(lessons.map(({ day }) => day)).toEqual(
      Array.from({ length: 30 }, (_, index) => index + 1),
    )
    expect(lessons.map(({ local_date }) => String(local_date))).toEqual(
      mornings.slice(0, 30).map(String),
    )
    for (const { sent_at } of lessons) {
      expect(String(sent_at?.toZonedDateTimeISO('Europe/Berlin').toPlainTime())).toBe('07:00:00')
    }
    expect(ledger.filter(({ kind }) => kind === 'inspiration')).toHaveLength(35)
    expect(
      ledger
        .filter(({ kind }) => kind === 'completion')
        .map(({ local_date }) => String(local_date)),
    ).toEqual(['2027-04-19'])
    // Thirty inspirations were sent with a lesson, and the other five alone.
    const merged = ledger.filter(({ status }) => status === 'merged')
    const alone = ledger.filter(({ status }) => status === 'sent')
    expect(merged.map(({ merged_into }) => merged_into).sort()).toEqual(
      lessons.map(({ id }) => id).sort(),
    )
    expect(merged.length + alone.length).toBe(ledger.length)

    // Every mail of the ledger reached the mailbox once, under its Message-ID.
    const arrived = mailbox.received.map(({ mail }) => mail.messageId).sort()
    expect(arrived).toEqual(alone.map(({ message_id }) => message_id).sort())

    const last = mailbox.received.at(-1)
    const unsubscribe = last?.mail.headers
      .find(({ key }) => key === 'list-unsubscribe')
      ?.value.slice(1, -1)
    const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' })
    expect((await server.request(pathOf(unsubscribe), { method: 'POST', body })).status).toBe(200)
    test.clock.set('2027-05-30T12:00:00Z')
    await test.settle()
    expect(mailbox.received).toHaveLength(alone.length)
  })
})
