/** What the ledger records about the server that took a mail, and what is logged if none did. */
import { expect, it } from 'vitest'
import { scriptedSmtp } from '../../mail/smtp/scripted-smtp.ts'
import { testApp } from '../../support/app.ts'
import { dueLesson, ledger } from '../../support/ledger.ts'
import { keptLog } from '../../support/log.ts'
import { openMailbox } from '../../support/mailbox.ts'

const nameOf = (url: string) => url.replace(/^smtps?:\/\//, '')

/** An app that sends by a scripted server, and one lesson that is due. */
async function withScript(script: Parameters<typeof scriptedSmtp>[0], login = '') {
  await using opened = new AsyncDisposableStack()
  const server = opened.use(await scriptedSmtp(script))
  const kept = keptLog()
  const name = `127.0.0.1:${server.port}`
  const test = opened.use(
    await testApp({ env: { SMTP_URL: `smtp://${login}${name}` }, log: kept.log }),
  )
  const { id } = await dueLesson(test)
  const stack = opened.move()
  return {
    server,
    name,
    test,
    id,
    lines: kept.lines,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

it('the ledger keeps which server accepted a mail and what it replied', async () => {
  await using site = await withScript({ end: '250 2.0.0 Ok: queued as 4Yx1 for <Ada@example.com>' })
  const { test, id, name } = site
  await test.app.sender.deliver([id])
  const reply = '250 2.0.0 Ok: queued as 4Yx1 for <…@…>'
  const [row] = await ledger(test)
  expect(row).toMatchObject({ status: 'sent', server: name, reply, tries: null })
  const person = await test.app.operator.subscriberByKey('ada@example.com')
  const [mail] = await test.app.operator.mailsTo(person?.id ?? '', 10)
  expect(mail).toMatchObject({ id, server: name, reply, message_id: row?.message_id })
  const exported = await test.app.reader.exportData(person?.id ?? '')
  expect(exported.enrollments[0]?.mails[0]?.relay).toMatchObject({ server: name, reply })
})

it('a deferred mail keeps the last ten replies, without addresses and cut to a limit', async () => {
  const words = Array.from({ length: 14 }, (_, time) => `4.3.${time} busy, ada@example.com`)
  let times = 0
  await using mailbox = await openMailbox({
    onRcptTo: (_address, _session, done) => {
      const said = words[times++]
      done(said ? Object.assign(new Error(said + ' …'.repeat(400)), { responseCode: 451 }) : null)
    },
  })
  await using test = await testApp({ env: { SMTP_URL: mailbox.url, RETRY_MINUTES: '1' } })
  const { id } = await dueLesson(test)
  for (let minute = 0; minute < 15; minute++) {
    await test.app.sender.deliver([id])
    test.clock.set(test.clock.now().add({ minutes: 2 }))
  }
  const [row] = await ledger(test)
  expect(row?.status).toBe('sent')
  expect(row?.tries).toHaveLength(10)
  expect(row?.tries?.[0]).toContain(
    `2027-03-20T06:08:00Z ${nameOf(mailbox.url)}: 451 4.3.4 busy, …@…`,
  )
  expect(row?.tries?.every((line) => line.length < 620)).toBe(true)
})

it('an outage is one line in a mail’s history, not hundreds', async () => {
  await using site = await withScript({ MAIL: null })
  for (let second = 0; second < 40; second += 10) {
    await site.test.app.sender.deliver([site.id])
    site.test.clock.set(site.test.clock.now().add({ seconds: 10 }))
  }
  expect(await ledger(site.test)).toMatchObject([
    {
      status: 'planned',
      attempts: 0,
      server: site.name,
      tries: [expect.stringContaining(' 127.0.0.1:')],
    },
  ])
})

it.each([
  [
    'a login is asked for at MAIL FROM',
    { MAIL: '530 5.7.0 Authentication required' },
    '',
    /Authentication required/,
  ],
  [
    'it takes no password',
    { EHLO: '250-test\r\n250 AUTH XOAUTH2' },
    'me:secret@',
    /takes no password.*XOAUTH2/,
  ],
  [
    'the password is wrong',
    { AUTH: '535 5.7.8 not you, me@example.com' },
    'me:secret@',
    /535 5.7.8 not you, …@…/,
  ],
  ['our name is refused', { EHLO: '550 no name', HELO: '550 no name' }, '', /550 no name/],
])(
  'all mail waits when %s, and the log quotes the server’s reply',
  async (_, script, login, words) => {
    await using site = await withScript(script, login)
    await site.test.app.sender.deliver([site.id])
    expect(await ledger(site.test)).toMatchObject([
      { status: 'planned', attempts: 0, reason: expect.stringMatching(words) },
    ])
    expect(site.lines).toEqual([
      expect.objectContaining({
        server: site.name,
        verdict: 'halt',
        reply: expect.stringMatching(words),
      }),
    ])
    expect(JSON.stringify(site.lines)).not.toMatch(/secret|@example/)
  },
)

it('a server that hangs up after 354 took nothing: mails wait, and its breaker opens', async () => {
  await using site = await withScript({ DATA: { thenCut: '354 go on' } })
  const { test, id } = site
  for (let round = 0; round < 3; round++) {
    await test.app.sender.deliver([id])
    expect(await ledger(test)).toMatchObject([{ status: 'planned', attempts: 0 }])
    test.clock.set(test.clock.now().add({ seconds: 10 }))
  }
  expect(site.lines.map(({ msg }) => msg)).toContain('an SMTP server is down')
})

it('a server that hangs up after the final dot leaves mails unknown, and its breaker opens', async () => {
  await using site = await withScript({ end: null })
  const { test } = site
  for (let round = 0; round < 3; round++) {
    await test.db
      .updateTable('ledger')
      .set({ status: 'planned', try_at: '2027-03-20T06:00:00Z' })
      .execute()
    await test.app.sender.deliver([site.id])
    expect(await ledger(test)).toMatchObject([{ status: 'unknown', server: site.name }])
  }
  expect(site.lines.map(({ msg }) => msg)).toContain('an SMTP server is down')
})

it('a mail larger than the server’s limit is refused, and the server is not seen as down', async () => {
  await using site = await withScript({ EHLO: '250-test\r\n250 SIZE 20' })
  const { test, id } = site
  for (let round = 0; round < 4; round++) {
    await test.db.updateTable('ledger').set({ status: 'planned' }).execute()
    await test.app.sender.deliver([id])
    expect(await ledger(test)).toMatchObject([
      {
        status: 'refused',
        attempts: round + 1,
        reason: expect.stringContaining('larger than allowed 20'),
      },
    ])
  }
  expect(site.lines.map(({ msg }) => msg)).not.toContain('an SMTP server is down')
})

it('an internal error while sending is logged once with its stack, and the mail is retried', async () => {
  await using mailbox = await openMailbox()
  const { log, lines } = keptLog()
  await using test = await testApp({ env: { SMTP_URL: `${mailbox.url}?perSecond=50` }, log })
  const { id } = await dueLesson(test)
  await test.db.schema.dropTable('rate_limits').execute()
  for (const [attempts, minutes] of [
    [1, 5],
    [2, 30],
  ] as const) {
    const at = test.clock.now()
    await test.app.sender.deliver([id])
    const [row] = await ledger(test)
    expect(row).toMatchObject({
      status: 'retry',
      attempts,
      reason: expect.stringContaining('rate_limits'),
    })
    const wait = row?.try_at?.since(at).total('minutes') ?? 0
    expect([wait >= minutes, wait <= minutes * 1.1]).toEqual([true, true])
    test.clock.set(row?.try_at ?? at)
  }
  expect(lines.filter(({ err }) => err !== undefined)).toEqual([
    expect.objectContaining({
      err: expect.objectContaining({ stack: expect.stringMatching(/\n +at /) }),
    }),
  ])
})
