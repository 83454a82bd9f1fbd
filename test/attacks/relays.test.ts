/** Relays with caps, tempers and restarts: what they count of us. */
import { createHash, randomUUID } from 'node:crypto'
import { Writable } from 'node:stream'
import pino from 'pino'
import { describe, expect, it } from 'vitest'
import type { MimeMessage } from '../../src/mail/mail.ts'
import { openPool } from '../../src/mail/smtp/smtp-pool.ts'
import { readServer } from '../../src/platform/smtp-server.ts'
import { enrolled, type TestApp, testApp } from '../support/app.ts'
import { ledger } from '../support/ledger.ts'
import { openRelay, type Relay, type Rules } from '../support/relay.ts'
import { until } from '../support/wait.ts'

const FROM = 'morning@courses.example'
const MESSAGE: MimeMessage = [
  Buffer.from('Subject: Good morning\r\n\r\n'),
  Buffer.from('Hello.\r\n'),
]
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Sends so many mails at once; gives what became of them. */
async function send(relay: Relay, mails: number, settings: string) {
  const pool = openPool(readServer(`${relay.url}?${settings}`))
  const results = await Promise.allSettled(
    Array.from({ length: mails }, (_, number) =>
      pool.send({ from: FROM, to: `r${number}@example.com` }, MESSAGE),
    ),
  )
  await pool.close()
  return results
}

const failures = (results: readonly PromiseSettledResult<string>[]) =>
  results.filter(({ status }) => status === 'rejected').length

describe('connections', () => {
  it('are never more than were asked for, those being closed included', async () => {
    const slowGoodbye = async () => {
      for (let wait = 0; wait < 20; wait++) await turn()
    }
    await using relay = await openRelay({ slowGoodbye })
    expect(failures(await send(relay, 60, 'connections=4&mailsPerConnection=3'))).toBe(0)
    expect(relay.most()).toBe(4)
    expect(relay.asked.connect).toBe(20)
  })

  it('are replaced a moment later where a server has counted one that had ended', async () => {
    await using relay = await openRelay({ cap: 4, reapedMs: 10 })
    expect(failures(await send(relay, 300, 'connections=4&mailsPerConnection=3'))).toBe(0)
    expect(relay.taken).toHaveLength(300)
    expect(relay.sentAway()).toBeLessThan(8)
  })

  it.each(['RCPT', 'MAIL', 'DATA', 'end'] as const)(
    'are kept when a mail is refused at %s',
    async (at) => {
      const answer: Rules['answer'] = (step) => (step === at ? '550 5.7.1 not this one' : undefined)
      await using relay = await openRelay({ answer, offers: ['PIPELINING'] })
      expect(failures(await send(relay, 40, 'connections=4&mailsPerConnection=99'))).toBe(40)
      expect(relay.asked).toMatchObject({ connect: 4, RSET: 40 })
      expect(relay.most()).toBe(4)
    },
  )

  it('beyond a cap cost no mail, and are seldom tried', async () => {
    await using relay = await openRelay({ cap: 5 })
    expect(failures(await send(relay, 300, 'connections=20'))).toBe(0)
    expect(relay.taken).toHaveLength(300)
    // One burst: as many as were open were opened with them.
    expect(relay.sentAway()).toBeLessThan(12)
  })

  it('of two workers use a cap together, without a storm of refusals, and no mail fails for it', async () => {
    const [cap, mails] = [6, 150]
    let whenFull = 0
    const answer: Rules['answer'] = async (step) => {
      if (step !== 'end') return undefined
      // Slow enough that both are at work.
      for (let wait = 0; wait < 40; wait++) await turn()
      if (relay.open() >= cap - 1) whenFull += 1
      return undefined
    }
    await using relay: Relay = await openRelay({ cap, answer })
    const outcomes = await Promise.all([1, 2].map(() => send(relay, mails, 'connections=8')))
    expect(outcomes.map(failures)).toEqual([0, 0])
    expect(relay.taken).toHaveLength(2 * mails)
    // Nearly all that the relay allows was in use nearly always.
    expect(whenFull).toBeGreaterThan(1.5 * mails)
    // A burst of each, and a try now and then, though a connection is replaced after every tenth
    // mail.
    expect(relay.sentAway()).toBeLessThan(40)
  })

  it('that have carried their share are replaced at once, and nothing slows down', async () => {
    const answer: Rules['answer'] = (step, { mails }) =>
      step === 'MAIL' && mails > 5 ? '421 4.7.0 too many messages in this connection' : undefined
    await using relay = await openRelay({ answer, offers: ['PIPELINING'] })
    expect(failures(await send(relay, 60, 'connections=3&mailsPerConnection=99'))).toBe(0)
    expect(relay.taken).toHaveLength(60)
    expect(relay.asked.connect).toBeLessThanOrEqual(15)
  })

  it('carry ten mails when nothing else is said: what comes after, Exim leaves lying', async () => {
    await using relay = await openRelay()
    await send(relay, 100, 'connections=2')
    expect(relay.asked.connect).toBe(10)
  })
})

/** A log that is read. */
function readLog() {
  const lines: Record<string, unknown>[] = []
  const stream = new Writable({
    write: (line, _encoding, done) => {
      lines.push(JSON.parse(String(line)))
      done()
    },
  })
  return { lines, log: pino({ level: 'warn' }, stream) }
}

/** A morning's lesson due for so many readers. */
async function due(test: TestApp, readers: number): Promise<string[]> {
  for (let number = 0; number < readers; number++)
    await enrolled(test, { email: `reader${number}@example.com`, series: ['inner-wisdom'] })
  await test.db.deleteFrom('deliveries').execute()
  test.clock.set('2027-03-20T06:00:00Z')
  await test.app.sender.plan()
  return (await ledger(test)).map(({ id }) => id)
}

const paces = async ({ db }: TestApp) =>
  (await db.selectFrom('paces').select('name').execute()).map(({ name }) => name)

describe('a server', () => {
  it('that takes nobody is down, and the next is asked for the same mails', async () => {
    await using full = await openRelay({ cap: 0 })
    await using healthy = await openRelay()
    const env = { SMTP_URL: full.url, SMTP_URL_2: `${healthy.url}?priority=2` }
    await using test = await testApp({ env })
    await test.app.sender.deliver(await due(test, 12))
    expect(healthy.taken).toHaveLength(12)
    expect(full.asked.connect + full.sentAway()).toBe(1)
    // Everybody is told so, and nobody is slowed down for it.
    test.app.sender.heartbeat.expect('own')
    await test.app.sender.heartbeat.beat()
    const servers = { [full.host]: 'down', [healthy.host]: 'up' }
    expect(await test.app.operator.readiness()).toMatchObject({ servers, smtpHalted: [] })
    expect(await test.app.operator.servers.list()).toEqual({
      halted: {},
      down: [full.host],
      up: [healthy.host],
    })
    expect(await paces(test)).toEqual([])
  })

  it('that takes fewer connections is remembered for workers to come, with its words in the log', async () => {
    await using relay = await openRelay({ cap: 2 })
    const { lines, log } = readLog()
    await using test = await testApp({ env: { SMTP_URL: `${relay.url}?connections=8` }, log })
    await test.app.sender.deliver(await due(test, 12))
    expect(relay.taken).toHaveLength(12)
    await until('the cap to be written down', async () => (await paces(test)).length > 0)
    expect(await paces(test)).toEqual([`connections to ${relay.host}`])
    const [warning] = lines.filter(({ connections }) => connections !== undefined)
    expect(warning).toMatchObject({
      err: { message: expect.stringContaining('Too many concurrent') },
    })
  })

  it('that refuses our password is asked once, whatever the number of connections; the log has its words', async () => {
    const answer: Rules['answer'] = (step) =>
      step === 'AUTH' ? '535 5.7.8 wrong password, ada@example.com' : undefined
    await using relay = await openRelay({ answer, offers: ['AUTH PLAIN'] })
    const { lines, log } = readLog()
    const SMTP_URL = `${relay.url.replace('://', '://me:secret@')}?connections=10`
    await using test = await testApp({ env: { SMTP_URL }, log })
    await test.app.sender.deliver(await due(test, 12))
    expect(relay.asked).toMatchObject({ connect: 1, AUTH: 1 })
    const told = lines.filter(({ msg }) =>
      String(msg).startsWith('an SMTP server cannot be used as it is set up'),
    )
    expect(told).toMatchObject([
      { verdict: 'halt', smtp: 535, reply: expect.stringContaining('wrong password') },
    ])
    expect((await ledger(test)).map(({ attempts }) => attempts)).toEqual(Array(12).fill(0))
  })

  it('that restarts while mails are under way has failed once, and gets them when it is back', async () => {
    let hold = true
    const held = Promise.withResolvers<void>()
    const answer: Rules['answer'] = async (step) => {
      if (step === 'RCPT' && hold) await held.promise
      return undefined
    }
    await using relay = await openRelay({ answer })
    const { lines, log } = readLog()
    await using test = await testApp({ env: { SMTP_URL: `${relay.url}?connections=4` }, log })
    const ids = await due(test, 12)
    const sending = test.app.sender.deliver(ids)
    await until('mails to be under way', () => relay.asked.RCPT === 4)
    await relay.stop()
    await sending
    const down = () => lines.filter(({ msg }) => msg === 'an SMTP server is down')
    expect(down()).toHaveLength(1)
    hold = false
    held.resolve()
    await relay.start()
    test.clock.set(test.clock.now().add({ seconds: 2 }))
    await test.app.sender.deliver(ids)
    test.clock.set(test.clock.now().add({ seconds: 2 }))
    await test.app.sender.deliver(ids)
    expect(new Set(relay.taken).size).toBe(12)
    expect(relay.taken).toHaveLength(12)
    expect(down()).toHaveLength(1)
  })
})

describe('a server that says of nearly everybody that they do not exist', () => {
  const nobody = '550 5.1.1 no such user'
  const suppressed = async ({ db }: TestApp) =>
    (await db.selectFrom('suppressions').selectAll().execute()).length

  /** So many lessons due, of readers made by one statement. */
  async function many(test: TestApp, readers: number) {
    const { subscriber, first } = await enrolled(test, { series: ['inner-wisdom'] })
    await test.db.deleteFrom('deliveries').execute()
    const [person, enrollment] = await Promise.all([
      test.db
        .selectFrom('subscribers')
        .selectAll()
        .where('id', '=', subscriber.id)
        .executeTakeFirstOrThrow(),
      test.db
        .selectFrom('enrollments')
        .selectAll()
        .where('id', '=', first.id)
        .executeTakeFirstOrThrow(),
    ])
    for (let number = 1; number < readers; number++) {
      const id = randomUUID()
      const address = `reader${number}@example.com`
      const hash = createHash('sha256').update(address).digest()
      await test.db
        .insertInto('subscribers')
        .values({
          ...(person as object),
          id,
          address,
          address_key: address,
          address_hash: hash,
        } as never)
        .execute()
      await test.db
        .insertInto('enrollments')
        .values({ ...(enrollment as object), id: randomUUID(), subscriber_id: id } as never)
        .execute()
    }
    test.clock.set('2027-03-20T06:00:00Z')
    await test.app.sender.plan()
    return (await ledger(test)).map(({ id }) => id)
  }

  it('is halted with an alarm, and nobody is suppressed until an operator has looked', async () => {
    let isMistaken = true
    await using relay = await openRelay({
      answer: (step) => (step === 'RCPT' && isMistaken ? nobody : undefined),
    })
    const { lines, log } = readLog()
    await using test = await testApp({ env: { SMTP_URL: relay.url }, log })
    const ids = await many(test, 40)
    await test.app.sender.deliver(ids)
    expect(await suppressed(test)).toBe(0)
    expect((await ledger(test)).map(({ status }) => status)).toEqual(Array(40).fill('planned'))
    expect(lines.filter(({ refused }) => refused === 26)).toHaveLength(1)
    expect(await test.app.operator.status()).toMatchObject({
      servers: { halted: { [relay.host]: { refused: 26 } } },
    })
    expect(await test.app.operator.readiness()).toMatchObject({ smtpHalted: [relay.host] })
    // Nothing more is offered to it.
    const { RCPT } = relay.asked
    test.clock.set('2027-03-20T07:00:00Z')
    await test.app.sender.deliver(ids, AbortSignal.timeout(500))
    expect(relay.asked.RCPT).toBe(RCPT)
    // The operator mends it.
    isMistaken = false
    expect(await test.app.operator.servers.resume('ask again')).toEqual([relay.host])
    await test.app.sender.deliver(ids)
    expect(relay.taken).toHaveLength(40)
  })

  it('is believed when an operator says so', async () => {
    await using relay = await openRelay({
      answer: (step) => (step === 'RCPT' ? nobody : undefined),
    })
    await using test = await testApp({ env: { SMTP_URL: relay.url } })
    const ids = await many(test, 30)
    await test.app.sender.deliver(ids)
    expect(await suppressed(test)).toBe(0)
    await test.app.operator.servers.resume('believe')
    test.clock.set('2027-03-20T07:00:00Z')
    await test.app.sender.deliver(ids)
    expect(await suppressed(test)).toBe(30)
  })
})
