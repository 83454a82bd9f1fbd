/** From a provider's webhook to the ledger and the suppressions: all real but the provider. */

import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServer } from '../../../src/http/server.ts'
import { messageIdOf } from '../../../src/store/message-id.ts'
import { ask, CONSENT, type TestApp, testApp } from '../../support/app.ts'
import { openRelay, type Relay } from '../../support/relay.ts'
import {
  bySendgrid,
  bySns,
  CERTIFICATE_URL,
  HOOK_ENV,
  type Sent,
  SNS_CERTIFICATE,
  withCredential,
} from '../../support/webhooks.ts'

let test: TestApp
let relay: Relay
let server: Awaited<ReturnType<typeof createServer>>
let mails = 0
const fetched: string[] = []

beforeAll(async () => {
  relay = await openRelay({
    answer: (step) => (step === 'end' ? `250 Ok: queued as mail-${++mails}` : undefined),
  })
  const SMTP_URL = `${relay.url}?provider=sendgrid`
  test = await testApp({
    env: { ...HOOK_ENV, SMTP_URL, MAIL_FROM: 'morning@courses.example' },
    fetchText: async (url) => {
      fetched.push(url)
      return SNS_CERTIFICATE
    },
  })
  server = await createServer(test.app)
})
afterAll(async () => {
  await test?.[Symbol.asyncDispose]()
  await relay?.[Symbol.asyncDispose]()
})

const hook = async (provider: string, { body, headers }: Sent) =>
  (await server.request(`/hooks/${provider}`, { method: 'POST', headers, body })).status

let people = 0
/** Somebody who was sent a mail, and the ids of that mail. */
async function reader() {
  const email = `reader${++people}@example.com`
  const subscriber = await ask(test, { email, series: ['inner-wisdom'] })
  await test.app.reader.confirm(subscriber.id, CONSENT)
  await test.settle()
  const { rows } = await sql<{ id: string; provider_id: string; message_id: string }>`
    select d.id, d.provider_id, ${messageIdOf} as message_id from deliveries d
      join enrollments e on e.id = d.enrollment_id
    where e.subscriber_id = ${subscriber.id} and d.kind = 'welcome' and d.status = 'sent'`.execute(
    test.db,
  )
  const [mail] = rows
  if (!mail) throw new Error('nothing was sent')
  return { email, subscriber, mail }
}

const reportsOf = async (deliveryId: string) =>
  test.db
    .selectFrom('reports')
    .select(['kind', 'class', 'source'])
    .where('delivery_id', '=', deliveryId)
    .execute()
const suppressed = async () =>
  (await test.db.selectFrom('suppressions').select('reason').orderBy('created_at').execute()).map(
    ({ reason }) => reason,
  )
const forgetList = () => test.db.deleteFrom('suppressions').execute()

/** It names the mail by the provider's id and nothing else. */
const bounced = (providerId: string, event = 'bounce') => ({
  event,
  type: 'bounce',
  bounce_classification: 'Invalid Address',
  status: '5.1.1',
  reason: '550 5.1.1 no such user',
  sg_event_id: `${event} of ${providerId}`,
  sg_message_id: `${providerId}.recvd-1-2`,
})

describe('a bounce', () => {
  it('is matched by the id in the 250 reply and counted once, in whatever order events come', async () => {
    await forgetList()
    const { mail } = await reader()
    const now = test.app.now()
    const { provider_id: id } = mail
    expect(id).toMatch(/^mail-\d+$/)
    expect(await hook('sendgrid', bySendgrid([bounced(id, 'delivered')], now))).toBe(200)
    expect(await hook('sendgrid', bySendgrid([bounced(id)], now))).toBe(200)
    const late = ['deferred', 'delivered', 'bounce'].map((event) => bounced(id, event))
    expect(await hook('sendgrid', bySendgrid(late, now))).toBe(200)
    expect(await reportsOf(mail.id)).toEqual([
      { kind: 'bounce', class: 'hard', source: 'sendgrid' },
    ])
    expect(await suppressed()).toEqual(['bounce'])
  })

  it('of a mail that is not ours changes nothing', async () => {
    await forgetList()
    const strange = [bounced('a mail of somebody else'), bounced('mail-')]
    expect(await hook('sendgrid', bySendgrid(strange, test.app.now()))).toBe(200)
    expect(await suppressed()).toEqual([])
  })

  it('is not lost while it cannot be stored', async () => {
    await forgetList()
    const { mail } = await reader()
    const what = bySendgrid([bounced(mail.provider_id)], test.app.now())
    await sql`alter table reports rename to reports_elsewhere`.execute(test.db)
    expect(await hook('sendgrid', what)).toBe(503)
    await sql`alter table reports_elsewhere rename to reports`.execute(test.db)
    expect(await suppressed()).toEqual([])
    expect(await hook('sendgrid', what)).toBe(200)
    expect(await suppressed()).toEqual(['bounce'])
  })
})

it('the SES subscription is confirmed, and its events then count', async () => {
  await forgetList()
  const { mail, email } = await reader()
  const now = test.app.now()
  const SubscribeURL = `https://${new URL(CERTIFICATE_URL).host}/?Action=ConfirmSubscription`
  const fields = { Type: 'SubscriptionConfirmation', Token: '1', SubscribeURL }
  expect(await hook('ses', bySns('', { now, fields }))).toBe(200)
  expect(fetched).toEqual([CERTIFICATE_URL, SubscribeURL])
  const bounce = {
    bounceType: 'Permanent',
    bounceSubType: 'NoEmail',
    bouncedRecipients: [{ emailAddress: email }],
    feedbackId: 'feedback',
  }
  const { provider_id: messageId } = mail
  const told = { notificationType: 'Bounce', mail: { messageId }, bounce }
  expect(await hook('ses', bySns(told, { now }))).toBe(200)
  expect(await hook('ses', bySns(told, { now }))).toBe(200)
  expect(await reportsOf(mail.id)).toEqual([{ kind: 'bounce', class: 'hard', source: 'ses' }])
  expect(await suppressed()).toEqual(['bounce'])
})

it('a complaint is matched by the Message-ID that Postmark gives back', async () => {
  await forgetList()
  const { mail, email } = await reader()
  const complaint = {
    RecordType: 'SpamComplaint',
    TypeCode: 100001,
    ID: 42,
    MessageID: '883953f4-6105-42a2-a16a-77a8eac79483',
    Email: email,
    Metadata: { dawnpost: mail.message_id.replace(/[<>]/g, '') },
  }
  expect(await hook('postmark', withCredential(complaint))).toBe(200)
  expect(await reportsOf(mail.id)).toEqual([{ kind: 'complaint', class: null, source: 'postmark' }])
  expect(await suppressed()).toEqual(['complaint'])
})

it('an address the provider suppresses is suppressed here; an unsubscribe there counts here', async () => {
  await forgetList()
  const [listed, leaving] = [await reader(), await reader()]
  const now = test.app.now()
  const event = (id: string, reason: string) => ({
    ...bounced(id, 'dropped'),
    reason,
    email: undefined,
  })
  const dropped = [
    event(listed.mail.provider_id, 'Bounced Address'),
    event(leaving.mail.provider_id, 'Unsubscribed Address'),
  ]
  expect(await hook('sendgrid', bySendgrid(dropped, now))).toBe(200)
  expect(await suppressed()).toEqual(['provider'])
  const left = await test.db
    .selectFrom('enrollments')
    .select('status')
    .where('subscriber_id', '=', leaving.subscriber.id)
    .execute()
  expect(left).toEqual([{ status: 'left' }])
})
