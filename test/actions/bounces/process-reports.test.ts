/**
 * What becomes of bounces, complaints and answers, with real tables and the return paths of real
 * mails.
 */

import { createHash, randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { IncomingReports } from '../../../src/actions/bounces/process-reports.ts'
import type { Report } from '../../../src/domain/report.ts'
import { openReturnPaths } from '../../../src/security/return-paths.ts'
import { openSecrets } from '../../../src/security/secrets.ts'
import { messageIdOf } from '../../../src/store/message-id.ts'
import { ask, CONSENT, type TestApp, testApp } from '../../support/app.ts'

const SECRET = 'a key for tests and for nothing else'
const paths = openReturnPaths(openSecrets([SECRET]))

let test: TestApp
beforeAll(async () => {
  test = await testApp({
    env: {
      SECRET_KEY: SECRET,
      BOUNCE_DOMAIN: 'bounces.example',
      SOFT_BOUNCES: '3 in 2 days',
      // Most of the mails here bounce or draw a complaint.
      COMPLAINT_RATE: 'off',
      BOUNCE_RATE: 'off',
    },
  })
})
afterAll(() => test?.[Symbol.asyncDispose]())
beforeEach(() => test.clock.set('2027-03-19T12:00:00Z'))

const NAMELESS = { returnPath: null, providerId: null, messageId: null }
const BOUNCE: Report = {
  kind: 'bounce',
  class: 'hard',
  reason: 'no_such_user',
  of: NAMELESS,
  recipient: null,
  status: '5.1.1',
  diagnostic: 'smtp; 550 5.1.1 <ada@example.com>: no such user',
  reportedBy: 'mx.example.com',
}
const COMPLAINT: Report = { ...BOUNCE, kind: 'complaint', class: null, reason: 'complaint' }

const incoming = (
  given: Partial<IncomingReports> & Pick<IncomingReports, 'reports'>,
): IncomingReports => ({
  digest: createHash('sha256').update(randomUUID()).digest(),
  source: 'listener',
  envelopeTo: null,
  ...given,
})

let people = 0
/** A confirmed reader who has had `mornings` mails, with the return paths of these. */
async function reader(mornings: number, series: readonly string[] = ['inner-wisdom']) {
  const email = `reader${++people}@example.com`
  const subscriber = await ask(test, { email, series })
  await test.app.reader.confirm(subscriber.id, CONSENT)
  for (let morning = 0; morning < mornings; morning++) {
    await test.settle()
    test.clock.set(test.app.now().add({ hours: 24 }))
  }
  await test.settle()
  const { rows } = await sql<{ id: string; enrollment_id: string; kind: string; item: string }>`
    select d.id, d.enrollment_id, d.kind, d.item from deliveries d
      join enrollments e on e.id = d.enrollment_id
    where e.subscriber_id = ${subscriber.id} and d.status = 'sent' order by d.sent_at,
      d.id`.execute(test.db)
  const lessons = rows.filter(({ kind }) => kind === 'lesson')
  const pathOf = (index: number) => {
    const { enrollment_id: enrollmentId = '', kind = '', item = '' } = lessons.at(index) ?? {}
    return paths.ofEnrollment({ enrollmentId, kind, item })
  }
  return { email, id: subscriber.id, key: { key: email }, lessons, pathOf }
}

const statusesOf = async (id: string) =>
  (await test.app.operator.enrollmentsOf(id)).map(({ status }) => status)
const reasonsOf = async (whom: { readonly key: string }) =>
  (await test.app.bounces.addressFacts(whom)).suppressions.map(({ reason }) => reason)

describe('a hard bounce', () => {
  it('ends all mail to the address, and counts once however often it is reported', async () => {
    const ada = await reader(1, ['inner-wisdom', 'daily-inspiration'])
    const report = incoming({ envelopeTo: ada.pathOf(0), reports: [BOUNCE] })
    const first = await Promise.all([test.app.bounces.take(report), test.app.bounces.take(report)])
    expect(
      first
        .flat()
        .map(({ became }) => became)
        .toSorted(),
    ).toEqual(['counted', 'known'])
    expect(await reasonsOf(ada.key)).toEqual(['bounce'])
    expect(await statusesOf(ada.id)).toEqual(['stopped', 'stopped'])
    expect(await test.app.bounces.take(report)).toEqual([{ became: 'known', suppressed: null }])
    const { reports } = await test.app.bounces.addressFacts(ada.key)
    expect(reports).toHaveLength(1)
    expect(reports[0]).toMatchObject({
      delivery_id: ada.lessons[0]?.id,
      series: 'inner-wisdom',
      diagnostic: 'smtp; 550 5.1.1 <…@…>: no such user',
    })
  })

  it('is part of a reader’s overview, and is lifted by enrolling and confirming again', async () => {
    const ada = await reader(1)
    await test.app.bounces.take(incoming({ envelopeTo: ada.pathOf(0), reports: [BOUNCE] }))
    expect(await test.app.reader.overviewOf(ada.id)).toMatchObject({
      refused: { reason: 'bounce', said: 'no_such_user' },
    })
    test.clock.set(test.app.now().add({ hours: 48 }))
    await ask(test, { email: ada.email, series: ['inner-wisdom'] })
    await test.settle()
    const { rows } = await sql`
      select from outbox where recipient = ${ada.email} and subject ilike '%confirm%'`.execute(
      test.db,
    )
    expect(rows).toHaveLength(1)
    await test.app.reader.confirm(ada.id, CONSENT)
    expect(await reasonsOf(ada.key)).toEqual([])
    expect(await statusesOf(ada.id)).toContain('active')
    const changes = await test.db.selectFrom('suppression_changes').selectAll().execute()
    expect(changes.at(-1)).toMatchObject({ change: 'lifted', reason: 'bounce', source: 'reader' })
  })

  it('from an address that the mail was forwarded to does not suppress the reader', async () => {
    const ada = await reader(1)
    const report = { ...BOUNCE, recipient: 'somebody@elsewhere.example' }
    await test.app.bounces.take(incoming({ envelopeTo: ada.pathOf(0), reports: [report] }))
    expect(await reasonsOf(ada.key)).toEqual([])
    expect(await statusesOf(ada.id)).toEqual(['active'])
  })

  it('from an address that the reader no longer uses changes nothing', async () => {
    const ada = await reader(1)
    await test.db
      .updateTable('subscribers')
      .set({ address_since: String(test.app.now().add({ seconds: 1 })) })
      .where('id', '=', ada.id)
      .execute()
    await test.app.bounces.take(incoming({ envelopeTo: ada.pathOf(0), reports: [BOUNCE] }))
    expect(await reasonsOf(ada.key)).toEqual([])
  })
})

describe('a report without a valid return path', () => {
  it('changes nothing', async () => {
    const ada = await reader(1)
    const forged = { ...BOUNCE, recipient: ada.email }
    const given = [
      incoming({ reports: [forged] }),
      incoming({
        envelopeTo: ada.pathOf(0).replace(/.$/, (last) => (last === 'a' ? 'c' : 'a')),
        reports: [forged],
      }),
      incoming({ reports: [{ ...forged, of: { ...NAMELESS, messageId: '<made-up@example>' } }] }),
    ]
    for (const one of given)
      expect(await test.app.bounces.take(one)).toEqual([
        { became: 'unknown mail', suppressed: null },
      ])
    expect(await reasonsOf(ada.key)).toEqual([])
  })

  it('is accepted with the Message-ID of a mail to that address, or from a verified provider', async () => {
    const ada = await reader(1)
    const [row] = await test.db
      .selectFrom('deliveries as d')
      .select(messageIdOf.as('message_id'))
      .where('id', '=', ada.lessons[0]?.id ?? '')
      .execute()
    const of = { ...NAMELESS, messageId: row?.message_id ?? '' }
    await test.app.bounces.take(incoming({ reports: [{ ...BOUNCE, recipient: ada.email, of }] }))
    expect(await reasonsOf(ada.key)).toEqual(['bounce'])
    const eve = await reader(1)
    const told = { ...BOUNCE, recipient: eve.email }
    await test.app.bounces.take(incoming({ source: 'postmark', reports: [told] }))
    expect(await reasonsOf(eve.key)).toEqual(['bounce'])
  })
})

it('a complaint suppresses at once, and enrolling again does not lift it', async () => {
  const ada = await reader(1)
  await test.app.bounces.take(incoming({ envelopeTo: ada.pathOf(0), reports: [COMPLAINT] }))
  expect(await reasonsOf(ada.key)).toEqual(['complaint'])
  test.clock.set(test.app.now().add({ hours: 48 }))
  const mails = () =>
    test.db
      .selectFrom('outbox')
      .select('subject')
      .where('recipient', '=', ada.email)
      .orderBy('id')
      .execute()
  const before = await mails()
  await ask(test, { email: ada.email, series: ['inner-wisdom'] })
  await test.settle()
  expect(await mails()).toEqual(before)
  expect(await test.app.bounces.unsuppress(ada.key, { reasons: ['complaint'] })).toEqual([
    'complaint',
  ])
})

it('several soft bounces in a row suppress the address', async () => {
  const ada = await reader(4)
  const soft = { ...BOUNCE, class: 'soft', reason: 'mailbox_full', status: '5.2.2' } as const
  const reasons = []
  for (const index of [0, 2, 1]) {
    await test.app.bounces.take(incoming({ envelopeTo: ada.pathOf(index), reports: [soft] }))
    reasons.push(await reasonsOf(ada.key))
  }
  expect(reasons).toEqual([[], [], ['soft_bounce']])
})

it.each(['block', 'sender', 'message'] as const)(
  'a bounce of class %s does not count against the reader',
  async (of) => {
    const ada = await reader(1)
    await test.app.bounces.take(
      incoming({
        envelopeTo: ada.pathOf(0),
        reports: [{ ...BOUNCE, class: of, reason: 'policy' }],
      }),
    )
    expect(await reasonsOf(ada.key)).toEqual([])
    expect(await statusesOf(ada.id)).toEqual(['active'])
  },
)

it('delays, answers and other reports are ignored', async () => {
  const ada = await reader(1)
  const reports = (
    ['delay', 'delivery', 'auto_reply', 'reply', 'other', 'tls_report'] as const
  ).map((kind): Report => ({ ...BOUNCE, kind, class: null, reason: 'other' }))
  const outcomes = await test.app.bounces.take(incoming({ envelopeTo: ada.pathOf(0), reports }))
  expect(new Set(outcomes.map(({ became }) => became))).toEqual(new Set(['passed over']))
  expect((await test.app.bounces.addressFacts(ada.key)).reports).toEqual([])
})

it('unsubscribing through a mailbox provider leaves that series only', async () => {
  const ada = await reader(1, ['inner-wisdom', 'daily-inspiration'])
  const report: Report = { ...BOUNCE, kind: 'unsubscribe', class: null, reason: 'other' }
  await test.app.bounces.take(
    incoming({ envelopeTo: ada.pathOf(0), source: 'mailgun', reports: [report] }),
  )
  expect((await statusesOf(ada.id)).toSorted()).toEqual(['active', 'left'])
  expect(await reasonsOf(ada.key)).toEqual([])
})

it('a late unsubscribe report of an earlier enrollment does not end the new one', async () => {
  const ada = await reader(1)
  const report: Report = { ...BOUNCE, kind: 'unsubscribe', class: null, reason: 'other' }
  const left = () => incoming({ envelopeTo: ada.pathOf(0), source: 'mailgun', reports: [report] })
  const first = left()
  await test.app.bounces.take(first)
  expect(await statusesOf(ada.id)).toEqual(['left'])
  test.clock.set(test.app.now().add({ hours: 48 }))
  await ask(test, { email: ada.email, series: ['inner-wisdom'] })
  await test.app.reader.confirm(ada.id, CONSENT)
  expect(await test.app.bounces.take(first)).toMatchObject([{ became: 'known' }])
  expect(await statusesOf(ada.id)).toEqual(['left', 'active'])
  expect(await test.app.bounces.take(left())).toMatchObject([{ became: 'counted' }])
  expect(await statusesOf(ada.id)).toEqual(['left', 'active'])
})
