import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { CONSENT, enrolled, type TestApp, testApp } from '../../support/app.ts'
import { dueLesson, ledger } from '../../support/ledger.ts'
import { openMailbox } from '../../support/mailbox.ts'

const refusing = (stage: 'onRcptTo' | 'onMailFrom', responseCode: number, message: string) => ({
  [stage]: (_address: unknown, _session: unknown, done: (error: Error) => void) =>
    done(Object.assign(new Error(message), { responseCode })),
})

const suppressed = ({ db }: TestApp) => db.selectFrom('suppressions').select('reason').execute()

describe('deliver', () => {
  it('sends a delivery once, however often it is tried concurrently', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    const { id } = await dueLesson(test)
    await Promise.all(Array.from({ length: 12 }, () => test.app.sender.deliver([id])))
    await test.app.sender.deliver([id])
    expect(mailbox.received).toHaveLength(1)
    expect(await ledger(test)).toMatchObject([{ status: 'sent', attempts: 1 }])
  })

  it('does not send a queued mail after its reader has left', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    const { id, enrollment_id } = await dueLesson(test)
    await test.app.reader.unsubscribe(enrollment_id, 'series', CONSENT)
    await test.app.sender.deliver([id])
    await test.settle()
    expect(mailbox.received).toHaveLength(0)
    expect(await ledger(test)).toMatchObject([{ status: 'skipped', reason: 'unsubscribed' }])
  })

  it('does not send a queued mail after its address was suppressed', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    const { id, enrollment_id } = await dueLesson(test)
    const person = await test.db
      .selectFrom('subscribers as s')
      .innerJoin('enrollments as e', 'e.subscriber_id', 's.id')
      .selectAll('s')
      .where('e.id', '=', enrollment_id)
      .executeTakeFirstOrThrow()
    const row = {
      address_hash: person.address_hash,
      reason: 'manual',
      created_at: String(test.clock.now()),
    } as const
    await test.db.insertInto('suppressions').values(row).execute()
    await test.app.sender.deliver([id])
    await test.settle()
    expect(mailbox.received).toHaveLength(0)
    expect(await ledger(test)).toMatchObject([{ status: 'skipped' }])
  })

  it('does not send a queued mail once its window has closed', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    const { id } = await dueLesson(test)
    test.clock.set('2027-03-20T20:00:00Z') // 21:00 in Berlin
    await test.app.sender.deliver([id])
    expect(mailbox.received).toHaveLength(0)
    expect(await ledger(test)).toMatchObject([{ status: 'planned' }])
  })

  it('retries after a 4xx with the same message ID and date', async () => {
    let refusals = 2
    await using mailbox = await openMailbox({
      onRcptTo: (_address, _session, done) =>
        refusals-- > 0
          ? done(Object.assign(new Error('4.7.1 greylisted'), { responseCode: 451 }))
          : done(),
    })
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    const { id } = await dueLesson(test)
    await test.app.sender.deliver([id])
    const [first] = await ledger(test)
    expect(first).toMatchObject({ status: 'retry', attempts: 1 })
    expect(String(first?.try_at)).toMatch(/T06:05:[0-2]\d/) // at most a tenth longer
    await test.app.sender.deliver([id]) // too early, so nothing happens
    test.clock.set('2027-03-20T06:06:00Z')
    await test.app.sender.deliver([id])
    test.clock.set('2027-03-20T06:40:00Z')
    await test.settle()
    expect(mailbox.received).toHaveLength(1)
    expect(mailbox.received[0]?.mail.messageId).toBe(first?.message_id)
    expect(mailbox.received[0]?.mail.date).toBe('2027-03-20T06:00:00.000Z')
    expect(await ledger(test)).toMatchObject([{ status: 'sent', attempts: 3 }])
  })

  it('suppresses an address that does not exist, and stops its enrollments', async () => {
    await using mailbox = await openMailbox(refusing('onRcptTo', 550, '5.1.1 no such user'))
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    const { id } = await dueLesson(test)
    await test.app.sender.deliver([id])
    expect(await ledger(test)).toMatchObject([{ status: 'bounced' }])
    expect(await suppressed(test)).toEqual([{ reason: 'bounce' }])
    expect(await test.db.selectFrom('enrollments').select('status').execute()).toEqual([
      { status: 'stopped' },
    ])
  })

  it('gives up on a mail that has been deferred for five days', async () => {
    await using mailbox = await openMailbox(refusing('onRcptTo', 451, '4.3.0 try again'))
    await using test = await testApp({ env: { SMTP_URL: mailbox.url, RETRY_MINUTES: '1,1440' } })
    const { id } = await dueLesson(test)
    const tried = async () => {
      await test.app.sender.deliver([id])
      const [row] = await ledger(test)
      return row
    }
    expect(await tried()).toMatchObject({ status: 'retry' })
    // As if each morning had given it a new window.
    const until = '2027-04-20T18:00:00Z'
    await test.db.updateTable('ledger').set({ until }).execute()
    for (const day of [21, 22, 23]) {
      test.clock.set(`2027-03-${day}T12:00:00Z`)
      expect(await tried()).toMatchObject({ status: 'retry' })
    }
    test.clock.set('2027-03-24T16:00:00Z')
    const last = await tried()
    expect(last).toMatchObject({
      status: 'refused',
      reason: expect.stringMatching(/^given up: 451 4.3.0/),
    })
  })

  describe('a mailbox that is disabled', () => {
    const disabled = refusing('onRcptTo', 550, '5.2.1 the account is disabled')

    it.each([
      ['lesson and inspiration in one mail', '3', 1],
      ['two mails', '0', 2],
    ])(
      'loses that morning’s mail (%s); the next morning the address is suppressed',
      async (_, ONE_MAIL_HOURS, mails) => {
        let tried = 0
        await using mailbox = await openMailbox({
          onRcptTo: (address, session, done) => {
            tried += 1
            disabled.onRcptTo?.(address, session, done)
          },
        })
        await using test = await testApp({ env: { SMTP_URL: mailbox.url, ONE_MAIL_HOURS } })
        const { first } = await enrolled(test)
        tried = 0
        await test.db.deleteFrom('ledger').execute()
        test.clock.set('2027-03-20T06:00:00Z')
        await test.app.sender.plan()
        await test.settle()
        const reason = 'the mailbox is disabled: 550 5.2.1 the account is disabled'
        expect(await ledger(test)).toMatchObject([
          { status: 'refused', reason },
          { status: 'refused', reason },
        ])
        expect(tried).toBe(mails)
        test.clock.set('2027-03-20T07:00:00Z')
        await test.app.reader.sendNow(first.id)
        await test.settle()
        expect(tried).toBe(mails + 1)
        expect(await suppressed(test)).toEqual([])
        // The reason code decides, not its text.
        await test.db.updateTable('ledger').set({ reason: 'in other words' }).execute()
        test.clock.set('2027-03-21T06:00:00Z')
        await test.app.sender.plan()
        await test.settle()
        expect(await suppressed(test)).toEqual([{ reason: 'bounce' }])
      },
    )

    it('is not suppressed when a mail got through in between', async () => {
      let isDisabled = true
      await using mailbox = await openMailbox({
        onRcptTo: (address, session, done) =>
          isDisabled ? disabled.onRcptTo?.(address, session, done) : done(),
      })
      await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
      await dueLesson(test)
      for (const [day, is] of [
        [20, true],
        [21, false],
        [22, true],
      ] as const) {
        isDisabled = is
        test.clock.set(`2027-03-${day}T06:00:00Z`)
        await test.app.sender.plan()
        await test.settle()
      }
      expect((await ledger(test)).map(({ status }) => status)).toEqual([
        'refused',
        'sent',
        'refused',
      ])
      expect(await suppressed(test)).toEqual([])
    })
  })

  it('does not treat a policy block against us as a bad address', async () => {
    await using mailbox = await openMailbox(refusing('onRcptTo', 550, '5.7.1 blocked'))
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    const { id } = await dueLesson(test)
    await test.app.sender.deliver([id])
    expect(await ledger(test)).toMatchObject([{ status: 'retry' }])
    expect(await test.db.selectFrom('suppressions').selectAll().execute()).toEqual([])
  })

  it('keeps a delivery while no SMTP server answers, without using up an attempt', async () => {
    const gone = await openMailbox()
    await gone[Symbol.asyncDispose]()
    await using test = await testApp({ env: { SMTP_URL: gone.url } })
    const { id } = await dueLesson(test)
    await test.app.sender.deliver([id])
    expect(await ledger(test)).toMatchObject([{ status: 'planned', attempts: 0 }])
  })

  it('keeps a mail that cannot be composed, and records why: the fault is ours', async () => {
    await using test = await testApp()
    const { id } = await dueLesson(test)
    await test.db.updateTable('ledger').set({ series: 'gone' }).execute()
    await test.app.sender.deliver([id])
    expect(await ledger(test)).toMatchObject([
      { status: 'planned', reason: 'cannot be composed: there is no series gone' },
    ])
  })

  it('keeps a mail when a database query fails, without blaming the course text', async () => {
    await using test = await testApp()
    const { id } = await dueLesson(test)
    await sql`alter table editions rename to elsewhere`.execute(test.db)
    await test.app.sender.deliver([id])
    expect(await ledger(test)).toMatchObject([
      { status: 'planned', attempts: 0, reason: 'relation "editions" does not exist' },
    ])
    expect((await test.app.operator.status()).uncomposed).toEqual({})
    await sql`alter table elsewhere rename to editions`.execute(test.db)
    test.clock.set(test.app.now().add({ seconds: 6 }))
    await test.app.sender.deliver([id])
    expect(await ledger(test)).toMatchObject([{ status: 'sent', attempts: 1, reason: null }])
  })

  it('gives up on a lesson that is no longer in the course, and records why', async () => {
    await using test = await testApp()
    const { id } = await dueLesson(test)
    await test.db.updateTable('ledger').set({ item: 'gone' }).execute()
    await test.app.sender.deliver([id])
    expect(await ledger(test)).toMatchObject([
      { status: 'refused', reason: 'taken out of the course before it left' },
    ])
  })
})
