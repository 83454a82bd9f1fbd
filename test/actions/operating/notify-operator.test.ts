/** The mail that tells an operator about a pause. */
import { sql } from 'kysely'
import { afterEach, expect, it } from 'vitest'
import { pausedSeries } from '../../../src/store/index.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { keptLog } from '../../support/log.ts'
import { openMailbox } from '../../support/mailbox.ts'

const OPERATOR_EMAIL = 'operator@dawnpost.example'

let test: TestApp
let kept: ReturnType<typeof keptLog>
let closing = new AsyncDisposableStack()
afterEach(async () => {
  await closing.disposeAsync()
  closing = new AsyncDisposableStack()
})
async function open(env: Record<string, string> = {}) {
  kept = keptLog()
  test = closing.use(await testApp({ env: { OPERATOR_EMAIL, ...env }, log: kept.log }))
}

const EVIDENCE = { count: 9, of: 30 }
const pause = (series: string, said?: string) =>
  pausedSeries.pause(
    test.db,
    said === undefined
      ? { series, reason: 'bounces', evidence: EVIDENCE }
      : { series, reason: 'sender', evidence: { ...EVIDENCE, fault: 'dkim', said } },
    test.app.now(),
  )
const mails = async () => {
  const { rows } = await sql<{ subject: string; raw: Buffer }>`
    select subject, raw from outbox where recipient = ${OPERATOR_EMAIL} order by id`.execute(
    test.db,
  )
  return rows
}
const later = (minutes: number) => test.clock.set(test.app.now().add({ minutes }))

it('the mail comes at most once an hour, and lists everything paused since', async () => {
  await open()
  await pause('inner-wisdom')
  await Promise.all([1, 2, 3].map(() => test.app.sender.guard()))
  for (const series of ['daily-inspiration', 'letter']) await pause(series)
  later(59)
  await test.app.sender.guard()
  expect(await mails()).toHaveLength(1)
  later(2)
  await Promise.all([test.app.sender.guard(), test.app.sender.guard()])
  expect((await mails()).map(({ subject }) => subject)).toEqual([
    'Paused: inner-wisdom',
    'Paused: daily-inspiration and 1 more',
  ])
  later(300)
  await test.app.sender.guard()
  expect(await mails()).toHaveLength(2)
})

it('the mail is not repeated for the same pause, but sent for a new one', async () => {
  await open()
  await pause('inner-wisdom')
  await test.app.sender.guard()
  later(90)
  await test.app.operator.pauses.resume('inner-wisdom')
  await test.app.sender.guard()
  expect(await mails()).toHaveLength(1)
  await pause('inner-wisdom')
  await test.app.sender.guard()
  expect(await mails()).toHaveLength(2)
})

it('the mail is plain ASCII in short lines, whatever a server said', async () => {
  await open()
  await pause('*', `550 ${'x'.repeat(300)}\r\n.\r\nÜ DKIM`)
  await test.app.sender.guard()
  const [mail] = await mails()
  const [header = '', body = ''] = String(mail?.raw).split('\r\n\r\n', 2)
  const rest = String(mail?.raw).slice(header.length)
  expect(body).not.toBe('')
  expect(rest).toMatch(/^[\r\n\x20-\x7e]+$/)
  expect(rest.split('\r\n').every((line) => line.length <= 78 && line !== '.')).toBe(true)
  expect(rest.replace(/\s+/g, ' ')).toContain(
    'all series: Receivers say that your mail has no valid DKIM',
  )
})

it('the mail is sent later if no server takes it', async () => {
  let refuses = true
  const mailbox = closing.use(
    await openMailbox({
      onMailFrom: (_address, _session, done) =>
        done(refuses ? Object.assign(new Error('4.3.0 not now'), { responseCode: 451 }) : null),
    }),
  )
  await open({ SMTP_URL: mailbox.url })
  await pause('inner-wisdom')
  await test.app.sender.guard()
  refuses = false
  expect(kept.messages().filter((message) => /was not sent/.test(message))).toHaveLength(1)
  await test.app.sender.guard()
  expect(mailbox.received).toHaveLength(0)
  later(11)
  await test.app.sender.guard()
  await test.app.sender.guard()
  expect(mailbox.received).toHaveLength(1)
})

it('no mail is sent without an operator’s address, or about a manual pause', async () => {
  await open({ OPERATOR_EMAIL: '' })
  await pause('inner-wisdom')
  await test.app.sender.guard()
  expect(await mails()).toEqual([])
  await open()
  await test.app.operator.pauses.pause('inner-wisdom')
  await test.app.sender.guard()
  expect(await mails()).toEqual([])
})
