/** When series are paused automatically, with real mails, reports and a server that refuses. */
import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import type { Report } from '../../../src/domain/report.ts'
import { ask, enrolled, type TestApp } from '../../support/app.ts'
import {
  addressOf,
  BOUNCE,
  BOUNCES,
  COMPLAINT,
  comesBack,
  morningOf,
  nextMorning,
  openWithLog,
} from '../../support/came-back.ts'
import type { keptLog } from '../../support/log.ts'
import { openMailbox } from '../../support/mailbox.ts'
import { until } from '../../support/wait.ts'

let test: TestApp
let kept: ReturnType<typeof keptLog>
let closing = new AsyncDisposableStack()
afterEach(async () => {
  await closing.disposeAsync()
  closing = new AsyncDisposableStack()
})

async function open(env?: Record<string, string>) {
  const opened = await openWithLog(env)
  test = closing.use(opened.test)
  kept = opened.kept
}
async function morning(people: number, env?: Record<string, string>) {
  await open(env)
  await morningOf(test, people)
}

const report = (given: Report, reader: number, kind = 'lesson') =>
  comesBack(test, given, { address: addressOf(reader), kind })

const complain = async (...readers: number[]) => {
  for (const reader of readers) await report(COMPLAINT, reader)
}
const pauses = () => test.app.operator.pauses.list()
const paused = async () => Object.keys((await pauses()).paused)
const toOperator = async () => {
  const { rows } = await sql<{ subject: string; raw: Buffer }>`
    select subject, raw from outbox where recipient = ${BOUNCES.OPERATOR_EMAIL}
      order by id`.execute(test.db)
  return rows
}
const told = (words: RegExp) => kept.messages().filter((message) => words.test(message))

describe('complaints', () => {
  it('do nothing at one, warn once at two, and at three pause the series and tell the operator', async () => {
    await morning(6)
    await complain(0)
    await test.app.sender.guard()
    expect(await pauses()).toEqual({ paused: {}, warned: {} })
    await complain(1)
    await Promise.all([test.app.sender.guard(), test.app.sender.guard()])
    expect((await pauses()).warned).toMatchObject({
      'inner-wisdom': { evidence: { count: 2, of: 12 } },
    })
    expect(told(/mark the mail of a series as spam/)).toHaveLength(1)
    await complain(2)
    await Promise.all([1, 2, 3].map(() => test.app.sender.guard()))
    const all = await pauses()
    expect(all.warned).toEqual({})
    expect(all.paused['inner-wisdom']).toMatchObject({
      reason: 'complaints',
      evidence: { count: 3, of: 12 },
      sentence: expect.stringMatching(
        /^3 readers marked its mail as spam .* 12 mails were sent \(25\.00 %\)/,
      ),
    })
    expect(told(/a series is paused/)).toHaveLength(1)
    const [mail, ...more] = await toOperator()
    expect([mail?.subject, more]).toEqual(['Paused: inner-wisdom', []])
    const raw = String(mail?.raw).replace(/\r\n/g, ' ')
    expect(raw).toContain('inner-wisdom: 3 readers marked its mail as spam')
    expect(raw).toContain('dawnpost resume')
    expect(raw).toContain('Auto-Submitted: auto-generated')
    expect(raw).not.toContain('List-Unsubscribe')
    expect(raw).not.toMatch(/@reader/)
    expect(await test.app.operator.status()).toMatchObject({ paused: all.paused })
    expect(await test.app.operator.readiness()).toMatchObject({ paused: ['inner-wisdom'] })
    expect(await test.app.operator.metrics()).toContain(
      'dawnpost_series_paused{series="inner-wisdom"} 1',
    )
  })

  it('are checked by the process that counts one, as soon as it does', async () => {
    await morning(5)
    // Two that another process has just counted.
    await sql`
      insert into reports (id, digest, place, kind, reason, source, delivery_id, series,
        address_hash, diagnostic, mailed_at, received_at)
      select gen_random_uuid(), sha256(d.id::text::bytea), 0, 'complaint', 'complaint', 'imap',
        d.id, d.series, s.address_hash, '', d.sent_at, d.sent_at
      from deliveries d join enrollments e on e.id = d.enrollment_id
        join subscribers s on s.id = e.subscriber_id
      where d.kind = 'lesson' and s.address in (${addressOf(0)}, ${addressOf(1)})`.execute(test.db)
    await complain(2)
    await until('it is paused', async () => (await paused()).includes('inner-wisdom'))
  })

  it('below the limit pause nothing, and one that was withdrawn does not count', async () => {
    await morning(5, { COMPLAINT_RATE: '10, 50' })
    await complain(0, 1, 2)
    await test.app.sender.guard()
    expect(await paused()).toEqual([])
    expect((await pauses()).warned).toHaveProperty('inner-wisdom')
    await complain(3, 4)
    await report({ ...COMPLAINT, kind: 'not_spam' }, 4)
    await test.app.sender.guard()
    expect(await paused()).toEqual([])
  })

  it('about a confirm mail do not count against the series', async () => {
    await morning(0)
    for (const reader of [0, 1, 2, 3])
      await ask(test, { email: addressOf(reader), series: ['inner-wisdom'] })
    await test.settle()
    for (const reader of [0, 1, 2, 3]) await report(COMPLAINT, reader, 'confirm')
    await test.app.sender.guard()
    expect(await pauses()).toEqual({ paused: {}, warned: {} })
  })

  it('from before it was resumed do not pause it again, later ones do', async () => {
    await morning(9)
    await complain(0, 1, 2)
    await test.app.sender.guard()
    expect(await test.app.operator.pauses.resume('inner-wisdom')).toEqual(['inner-wisdom'])
    await complain(3)
    await test.app.sender.guard()
    expect(await paused()).toEqual([])
    await nextMorning(test)
    await complain(4, 5, 6)
    await test.app.sender.guard()
    expect(await paused()).toEqual(['inner-wisdom'])
    expect((await pauses()).paused['inner-wisdom']?.evidence).toEqual({ count: 3, of: 5 })
  })

  it('do nothing if the rates are off', async () => {
    await morning(4, { COMPLAINT_RATE: 'off', BOUNCE_RATE: 'off' })
    await complain(0, 1, 2)
    for (const reader of [0, 1, 2]) await report(BOUNCE, reader)
    await test.app.sender.guard()
    expect(await pauses()).toEqual({ paused: {}, warned: {} })
  })
})

describe('hard bounces', () => {
  it('pause a series above five percent of a run, unless there are only a few', async () => {
    await morning(18)
    for (const reader of [0, 1]) await report(BOUNCE, reader)
    await test.app.sender.guard()
    expect(await paused()).toEqual([])
    await report(BOUNCE, 2)
    await test.app.sender.guard()
    expect((await pauses()).paused['inner-wisdom']).toMatchObject({
      reason: 'bounces',
      evidence: { count: 3, of: 36 },
    })
    // The mails of two days ago are not part of today's run.
    await test.app.operator.pauses.resume(null)
    test.clock.set(test.app.now().add({ hours: 48 }))
    for (const reader of [3, 4, 5]) await report(BOUNCE, reader)
    await test.app.sender.guard()
    expect(await paused()).toEqual([])
  })
})

describe('hard bounces reported in SMTP', () => {
  it('count like those that come back by mail', async () => {
    const mailbox = closing.use(
      await openMailbox({
        onRcptTo: async ({ address }, _session, done) => {
          const isGone = /^r[012]@/.test(address) && test.app.now().epochMilliseconds > FIRST
          if (!isGone) return done()
          // The worker checks too: it must find three bounces only once the run is complete.
          await until('the others to be sent', async () => (await sent()) === 37)
          done(Object.assign(new Error('5.1.1 no such user'), { responseCode: 550 }))
        },
      }),
    )
    await morning(20, { SMTP_URL: mailbox.url })
    await test.app.sender.guard()
    expect((await pauses()).paused['inner-wisdom']).toMatchObject({
      reason: 'bounces',
      evidence: { count: 3, of: 40 },
    })
  })
  const FIRST = Temporal.Instant.from('2027-03-19T18:00:00Z').epochMilliseconds
  const sent = async () => {
    const { rows } = await sql<{ mails: number }>`
      select count(*)::int as mails from deliveries
      where series = 'inner-wisdom' and kind in ('welcome', 'lesson') and status = 'sent'`.execute(
      test.db,
    )
    return rows[0]?.mails
  }
})

describe('a server that refuses because our set-up is wrong', () => {
  it('pauses all series from five receivers on; confirm mails still go, and all can resume', async () => {
    let refuses = true
    const mailbox = closing.use(
      await openMailbox({
        onRcptTo: ({ address }, _session, done) => {
          const is = refuses && address.startsWith('r')
          const said = `5.7.27 SPF did not pass for <${address}>`
          done(is ? Object.assign(new Error(said), { responseCode: 550 }) : null)
        },
      }),
    )
    await open({ SMTP_URL: mailbox.url })
    refuses = false
    for (let one = 0; one < 7; one++)
      await enrolled(test, { email: addressOf(one), series: ['inner-wisdom'] })
    await test.settle()
    refuses = true
    await nextMorning(test)
    await test.app.sender.guard()
    const { '*': all } = (await pauses()).paused
    expect(all).toMatchObject({ reason: 'sender', evidence: { fault: 'spf' } })
    expect(all?.evidence?.count).toBeGreaterThanOrEqual(5)
    expect(all?.sentence).toMatch(/SPF does not allow the server .*SPF did not pass for <…@…> /)
    expect(told(/a series is paused/)).toHaveLength(1)
    // The worker checks too, and the first to notice sends the mail.
    await until('the mail to the operator', () => mailbox.to(BOUNCES.OPERATOR_EMAIL).length > 0)
    expect(mailbox.to(BOUNCES.OPERATOR_EMAIL)).toHaveLength(1)
    expect(mailbox.to(BOUNCES.OPERATOR_EMAIL)[0]?.mail.subject).toBe('Paused: all series')
    refuses = false
    mailbox.received.length = 0
    await ask(test, { email: 'new@elsewhere.example', series: ['inner-wisdom'] })
    test.clock.set(test.app.now().add({ minutes: 10 }))
    await test.settle()
    expect(mailbox.received.map(({ to }) => to)).toEqual([['new@elsewhere.example']])
    expect(await test.app.operator.pauses.resume(null)).toEqual(['*'])
    await test.app.sender.guard()
    expect(await paused()).toEqual([])
    await test.settle()
    expect(mailbox.received).toHaveLength(8)
  })
})
