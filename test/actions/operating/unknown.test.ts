/**
 * Deliveries whose outcome is unknown: leases that expire, the policy, and what an operator
 * decides.
 */
import { describe, expect, it, vi } from 'vitest'
import { MAX_RESENDS } from '../../../src/domain/delivery.ts'
import { openHandovers } from '../../../src/platform/handovers.ts'
import { folder } from '../../content/folder.ts'
import { CONSENT, type TestApp, testApp } from '../../support/app.ts'
import { dueLesson, forgetSent, ledger } from '../../support/ledger.ts'
import { openMailbox } from '../../support/mailbox.ts'
import { openRelay } from '../../support/relay.ts'

const ENDED = '2020-01-01T00:00:00Z'

/** A worker claimed the delivery, and died before it could record the outcome. */
const die = async (test: TestApp, id: string) => {
  const { db } = test
  await forgetSent(test)
  await db
    .insertInto('workers')
    .values({ name: 'gone', lease_until: ENDED })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ lease_until: ENDED }))
    .execute()
  await db
    .updateTable('ledger')
    .set({ status: 'sending', worker: 'gone' })
    .set({
      message_id: '<kept@dawnpost.example>',
      first_tried_at: '2027-03-20T06:00:00Z',
      attempts: 1,
    })
    .where('id', '=', id)
    .execute()
}

describe('a delivery whose worker died', () => {
  it('is sent again as the same message after a while, up to a limit', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    const { id } = await dueLesson(test)
    await die(test, id)
    await test.settle()
    expect(await ledger(test)).toMatchObject([
      { status: 'unknown', reason: 'the worker gone stopped while it was being sent' },
    ])
    test.clock.set('2027-03-20T06:01:00Z')
    await test.settle()
    expect(mailbox.received.map(({ mail }) => mail.messageId)).toEqual(['<kept@dawnpost.example>'])
    expect(await ledger(test)).toMatchObject([{ status: 'sent', resends: 1 }])
    await die(test, id)
    test.clock.set('2027-03-20T06:10:00Z')
    await test.app.sender.sweep()
    test.clock.set('2027-03-20T06:20:00Z')
    await test.settle()
    expect(mailbox.received).toHaveLength(2)
    expect(await ledger(test)).toMatchObject([{ status: 'sent', resends: 2 }])
    await die(test, id)
    await test.db.updateTable('ledger').set({ resends: MAX_RESENDS.resend }).execute()
    await test.app.sender.sweep()
    test.clock.set('2027-03-20T06:40:00Z')
    await test.settle()
    expect(mailbox.received).toHaveLength(2)
    expect(await ledger(test)).toMatchObject([{ status: 'unknown' }])
  })

  it.each(['resend', 'hold'])(
    'before SMTP had it is ready again at once, also under the policy %s',
    async (policy) => {
      await using mailbox = await openMailbox()
      await using notes = await folder({})
      const env = { SMTP_URL: mailbox.url, UNKNOWN_DELIVERIES: policy, DATA_DIR: notes.path }
      await using test = await testApp({ env })
      const { id } = await dueLesson(test)
      await die(test, id)
      // The file of a killed worker stays behind.
      openHandovers(notes.path, { worker: 'gone', seconds: 60 }).beforeClaim()
      await test.app.sender.sweep()
      expect(await ledger(test)).toMatchObject([
        { status: 'planned', reason: 'the worker gone stopped before it was sent' },
      ])
      await test.settle()
      expect(mailbox.received.map(({ mail }) => mail.messageId)).toEqual([
        '<kept@dawnpost.example>',
      ])
      expect(await ledger(test)).toMatchObject([{ status: 'sent', resends: 0 }])
    },
  )

  it('before SMTP had it is recognized each time a lease of its worker ends', async () => {
    await using notes = await folder({})
    await using test = await testApp({ env: { DATA_DIR: notes.path, UNKNOWN_DELIVERIES: 'hold' } })
    const { id } = await dueLesson(test)
    const claimed = openHandovers(notes.path, { worker: 'gone', seconds: 60 })
    claimed.beforeClaim()
    for (let lease = 0; lease < 2; lease++) {
      await die(test, id)
      await test.app.sender.sweep()
      expect(await ledger(test), `lease ${lease}`).toMatchObject([{ status: 'planned' }])
    }
  })

  it('while SMTP had it is unknown, also if its worker left a note of the handover', async () => {
    await using notes = await folder({})
    await using test = await testApp({ env: { DATA_DIR: notes.path } })
    const { id } = await dueLesson(test)
    await die(test, id)
    const handovers = openHandovers(notes.path, { worker: 'gone', seconds: 60 })
    handovers.leased(performance.now(), false)
    handovers.beforeClaim()
    handovers.hold([id]).beginHandover()
    await test.app.sender.sweep()
    expect(await ledger(test)).toMatchObject([{ status: 'unknown' }])
  })

  it('too late for its morning is sent the next morning, and the next lesson follows', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    const { id } = await dueLesson(test)
    await die(test, id)
    test.clock.set('2027-03-20T19:59:30Z') // half a minute before 21:00 in Berlin
    await test.app.sender.sweep()
    for (const day of [21, 22]) {
      test.clock.set(`2027-03-${day}T06:10:00Z`)
      await test.settle()
    }
    expect(await ledger(test)).toMatchObject([
      { id, day: 1, status: 'sent', message_id: '<kept@dawnpost.example>' },
      { day: 2, status: 'sent' },
    ])
    expect(mailbox.received).toHaveLength(2)
  })

  it('is not sent again once its reader has left: an operator decides', async () => {
    await using test = await testApp()
    const { id, enrollment_id: enrollmentId } = await dueLesson(test)
    await die(test, id)
    await test.app.sender.sweep()
    await test.app.reader.unsubscribe(enrollmentId, 'series', CONSENT)
    const left = { status: 'unknown', resends: 0, resends_ended: true }
    expect(await ledger(test)).toMatchObject([left])
    expect(await test.app.operator.unknowns.list(10)).toMatchObject([{ id }])
    // It stays so even if they come back.
    await test.db
      .updateTable('enrollments')
      .set({ status: 'active', due_on: '2027-03-21', due_at: '2027-03-21T06:00:00Z' })
      .execute()
    test.clock.set('2027-03-20T06:20:00Z')
    await test.settle()
    expect(await ledger(test)).toMatchObject([left])
  })

  it('is left alone until its lease expires', async () => {
    await using test = await testApp()
    const { id } = await dueLesson(test)
    await die(test, id)
    await test.db.updateTable('workers').set({ lease_until: '2100-01-01T00:00:00Z' }).execute()
    await test.app.sender.sweep()
    await test.app.sender.deliver([id])
    expect(await ledger(test)).toMatchObject([{ status: 'sending', attempts: 1 }])
  })

  it('is never sent again automatically under the policy `hold`', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url, UNKNOWN_DELIVERIES: 'hold' } })
    const { id } = await dueLesson(test)
    await die(test, id)
    await test.settle()
    test.clock.set('2027-03-20T07:00:00Z')
    await test.settle()
    expect(mailbox.received).toHaveLength(0)
    expect((await test.app.operator.status()).deliveries).toEqual({ unknown: 1 })
    expect(await test.app.operator.readiness()).toMatchObject({ ready: true, unknown: 1 })
    expect(await test.app.operator.unknowns.list(10)).toMatchObject([
      { id, kind: 'lesson', day: 1 },
    ])
  })
})

describe('a lease', () => {
  /** A server that gets the recipient and does not answer until it is released. */
  async function openSilent() {
    const release = Promise.withResolvers<void>()
    const there = Promise.withResolvers<void>()
    const mailbox = await openMailbox({
      onRcptTo: (_address, _session, done) => {
        there.resolve()
        release.promise.then(() => done())
      },
    })
    return {
      url: mailbox.url,
      there: there.promise,
      release: release.resolve,
      [Symbol.asyncDispose]: () => mailbox[Symbol.asyncDispose](),
    }
  }

  it('is renewed by the worker that holds it, and by no other', async () => {
    await using silent = await openSilent()
    await using test = await testApp({ env: { SMTP_URL: silent.url } })
    const { id } = await dueLesson(test)
    const delivering = test.app.sender.deliver([id])
    await silent.there
    const end = () => test.db.updateTable('workers').set({ lease_until: ENDED }).execute()
    await end()
    await test.app.sender.renewLease()
    await test.app.sender.sweep()
    const [renewed] = await ledger(test)
    expect(renewed).toMatchObject({ status: 'sending' })
    await end()
    await test.app.sender.sweep()
    expect(await ledger(test)).toMatchObject([{ status: 'unknown' }])
    // The result still counts when it comes late.
    silent.release()
    await delivering
    expect(await ledger(test)).toMatchObject([{ status: 'sent', attempts: 1 }])
  })

  it('can be renewed while a result is being written, so that the two cannot deadlock', async () => {
    await using silent = await openSilent()
    await using test = await testApp({ env: { SMTP_URL: silent.url } })
    const { id } = await dueLesson(test)
    const delivering = test.app.sender.deliver([id])
    await silent.there
    await test.db.transaction().execute(async (tx) => {
      await tx.selectFrom('ledger').select('id').where('id', '=', id).forUpdate().execute()
      await test.app.sender.renewLease()
    })
    silent.release()
    await delivering
    expect(await ledger(test)).toMatchObject([{ status: 'sent' }])
  })
})

describe('the handover to SMTP', () => {
  it('is refused to a worker that has lost the delivery', async () => {
    const [asked, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    await using relay = await openRelay({
      answer: async (step) => {
        if (step === 'RCPT') {
          asked.resolve()
          await release.promise
        }
        return undefined
      },
    })
    await using test = await testApp({ env: { SMTP_URL: relay.url } })
    const { id } = await dueLesson(test)
    const clock = vi.spyOn(performance, 'now')
    const delivering = test.app.sender.deliver([id])
    await asked.promise
    // A minute later, with no answer from the database in the meantime.
    const now = performance.now()
    clock.mockImplementation(() => now + 60_000)
    release.resolve()
    await delivering
    clock.mockRestore()
    expect(relay.taken).toEqual([])
    expect(await ledger(test)).toMatchObject([{ status: 'planned' }])
  })
})

describe('an operator', () => {
  it('can have a held delivery sent again as the same message', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url, UNKNOWN_DELIVERIES: 'hold' } })
    const { id } = await dueLesson(test)
    await die(test, id)
    await test.app.sender.sweep()
    expect(await test.app.operator.unknowns.resend(null)).toBe(1)
    await test.settle()
    expect(mailbox.received.map(({ mail }) => mail.messageId)).toEqual(['<kept@dawnpost.example>'])
    expect(await ledger(test)).toMatchObject([{ status: 'sent' }])
  })

  it('can count a held delivery as sent, without affecting others', async () => {
    await using test = await testApp({ env: { UNKNOWN_DELIVERIES: 'hold' } })
    const { id } = await dueLesson(test)
    expect(await test.app.operator.unknowns.settle(null)).toBe(0)
    await die(test, id)
    await test.app.sender.sweep()
    expect(await test.app.operator.unknowns.settle(['00000000-0000-7000-8000-000000000000'])).toBe(
      0,
    )
    expect(await test.app.operator.unknowns.settle([id])).toBe(1)
    const [row] = await ledger(test)
    expect(row).toMatchObject({ status: 'sent', reason: 'counted as sent by an operator' })
    expect(String(row?.sent_at)).toBe('2027-03-20T06:00:00Z')
  })
})
