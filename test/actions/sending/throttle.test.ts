/** Limits on sending, which are counted in the database and shared by all workers. */
import { describe, expect, it } from 'vitest'
import { enrolled, type TestApp, testApp } from '../../support/app.ts'
import { openMailbox } from '../../support/mailbox.ts'

const PEOPLE = ['a@gmail.com', 'b@googlemail.com', 'c@gmail.com', 'd@gmail.com', 'e@example.com']

/** One due lesson for each of these people, in the same order. */
async function dueFor(test: TestApp, people: readonly string[]): Promise<string[]> {
  for (const email of people) await enrolled(test, { email, series: ['inner-wisdom'] })
  await test.db.deleteFrom('ledger').execute()
  test.clock.set('2027-03-20T06:00:00Z')
  await test.app.sender.plan()
  const rows = await test.db
    .selectFrom('deliveries as d')
    .innerJoin('enrollments as e', 'e.id', 'd.enrollment_id')
    .innerJoin('subscribers as s', 's.id', 'e.subscriber_id')
    .select(['d.id', 's.address'])
    .execute()
  return people.map((email) => rows.find(({ address }) => address === email)?.id ?? '')
}

const ledger = ({ db }: TestApp) =>
  db
    .selectFrom('deliveries as d')
    .innerJoin('enrollments as e', 'e.id', 'd.enrollment_id')
    .innerJoin('subscribers as s', 's.id', 'e.subscriber_id')
    .select(['s.address', 'd.status', 'd.attempts', 'd.try_at', 'd.reason'])
    .orderBy('s.address')
    .execute()

const answering = (stage: 'onRcptTo' | 'onMailFrom', responseCode: number, words: string) => ({
  [stage]: (_address: unknown, _session: unknown, done: (error: Error) => void) =>
    done(Object.assign(new Error(words), { responseCode })),
})

describe('a limit for a mailbox provider', () => {
  it('lets that many mails a minute through and delays the rest; other providers do not wait', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url, PROVIDER_LIMITS: 'gmail=2' } })
    const ids = await dueFor(test, PEOPLE)
    for (const id of ids) await test.app.sender.deliver([id])
    const rows = await ledger(test)
    expect(rows.map(({ status }) => status)).toEqual(['sent', 'sent', 'planned', 'planned', 'sent'])
    const [, , third, fourth] = rows
    for (const row of [third, fourth]) {
      expect(row).toMatchObject({ attempts: 0, reason: expect.stringContaining('limit') })
      const inMs = row?.try_at?.since(test.clock.now()).total('milliseconds') ?? 0
      expect(inMs).toBeGreaterThan(0)
      expect(inMs).toBeLessThanOrEqual(60_000)
    }
  })

  it('moves mails to later minutes as each one fills up', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url, PROVIDER_LIMITS: '*=1' } })
    const ids = await dueFor(test, ['a@example.com', 'b@example.com', 'c@example.com'])
    for (const id of ids) await test.app.sender.deliver([id])
    const [, second, third] = await ledger(test)
    const between = second?.try_at?.until(third?.try_at ?? '').total('seconds') ?? 0
    expect(Math.round(between)).toBe(60)
  })
})

describe('a limit on a server', () => {
  it('per second makes mails wait their turn without returning to the ledger', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: `${mailbox.url}?perSecond=2` } })
    await test.app.sender.deliver(await dueFor(test, PEOPLE))
    expect(mailbox.received).toHaveLength(5)
  })

  it('per day moves the rest to the next server, or to tomorrow', async () => {
    await using first = await openMailbox()
    await using second = await openMailbox()
    const env = {
      SMTP_URL: `${first.url}?perDay=2`,
      SMTP_URL_2: `${second.url}?priority=2&perDay=2`,
    }
    await using test = await testApp({ env })
    await test.app.sender.deliver(await dueFor(test, PEOPLE))
    expect([first.received.length, second.received.length]).toEqual([2, 2])
    const [late] = (await ledger(test)).filter(({ status }) => status === 'planned')
    expect(String(late?.try_at?.toZonedDateTimeISO('UTC').toPlainDate())).toBe('2027-03-21')
  })

  it('allows a hundred mails a day at the start of a warm-up', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: `${mailbox.url}?warmUp=2027-03-18` } })
    const ids = await dueFor(test, PEOPLE)
    await test.db
      .insertInto('rate_limits')
      .values({
        key: `sent-day:127.0.0.1:${new URL(mailbox.url).port} 2027-03-20`,
        points: 98,
        expire: null,
      })
      .execute()
    await test.app.sender.deliver(ids)
    expect(mailbox.received).toHaveLength(2)
  })
})

describe('a request to slow down', () => {
  it('slows sending to the provider after a 421 to a recipient', async () => {
    await using mailbox = await openMailbox(answering('onRcptTo', 421, '4.7.0 slow down'))
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    const [first = '', second = ''] = await dueFor(test, ['a@gmail.com', 'b@gmail.com'])
    await test.app.sender.deliver([first])
    const paces = () => test.db.selectFrom('paces').select(['name', 'per_minute']).execute()
    expect(await paces()).toEqual([{ name: 'to gmail', per_minute: 60 }])
    // A second request within the same minute has the same cause.
    await test.app.sender.deliver([second])
    expect(await paces()).toEqual([{ name: 'to gmail', per_minute: 60 }])
    expect(await ledger(test)).toMatchObject([
      { status: 'planned', attempts: 0 },
      { status: 'planned', attempts: 0 },
    ])
  })

  it('slows sending by the server after a 454', async () => {
    await using mailbox = await openMailbox(answering('onMailFrom', 454, '4.7.0 throttled'))
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    await test.app.sender.deliver(await dueFor(test, ['a@example.com']))
    const rows = await test.db.selectFrom('paces').select(['name', 'per_minute']).execute()
    expect(rows).toEqual([{ name: new URL(mailbox.url).host, per_minute: 60 }])
  })

  it('applies to every worker', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    const ids = await dueFor(test, ['a@gmail.com', 'b@gmail.com'])
    await test.db
      .insertInto('paces')
      .values({ name: 'to gmail', per_minute: 1, slowed_at: '2027-03-20T06:00:00Z' })
      .execute()
    for (const id of ids) await test.app.sender.deliver([id])
    expect(mailbox.received).toHaveLength(1)
  })
})
