/** What becomes of mails if servers are full, refuse us, restart, or reject every recipient. */
import { createHash, randomUUID } from 'node:crypto'
import { Writable } from 'node:stream'
import pino from 'pino'
import { describe, expect, it } from 'vitest'
import { enrolled, type TestApp, testApp } from '../support/app.ts'
import { ledger } from '../support/ledger.ts'
import { openRelay, type Rules } from '../support/relay.ts'
import { until } from '../support/wait.ts'

/** A log whose lines can be read. */
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

/** One morning's lessons, due for a number of readers. */
async function due(test: TestApp, readers: number): Promise<string[]> {
  for (let number = 0; number < readers; number++)
    await enrolled(test, { email: `reader${number}@example.com`, series: ['inner-wisdom'] })
  await test.db.deleteFrom('ledger').execute()
  test.clock.set('2027-03-20T06:00:00Z')
  await test.app.sender.plan()
  return (await ledger(test)).map(({ id }) => id)
}

const paces = async ({ db }: TestApp) =>
  (await db.selectFrom('paces').select('name').execute()).map(({ name }) => name)

describe('a server', () => {
  it('that accepts no connection is down, and the next one gets its mails', async () => {
    await using full = await openRelay({ cap: 0 })
    await using healthy = await openRelay()
    const env = { SMTP_URL: full.url, SMTP_URL_2: `${healthy.url}?priority=2` }
    await using test = await testApp({ env })
    await test.app.sender.deliver(await due(test, 12))
    expect(healthy.taken).toHaveLength(12)
    expect(full.asked.connect + full.sentAway()).toBe(1)
    // The outage is reported, and no pace is lowered because of it.
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

  it('that allows fewer connections has its cap stored for other workers and its reply logged', async () => {
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

  it('that refuses our password is tried once for all connections, and its reply is logged', async () => {
    const answer: Rules['answer'] = (step) =>
      step === 'AUTH' ? '535 5.7.8 wrong password, ada@example.com' : undefined
    await using relay = await openRelay({ answer, offers: ['AUTH PLAIN'] })
    const { lines, log } = readLog()
    const SMTP_URL = `${relay.url.replace('://', '://me:secret@')}?connections=10`
    await using test = await testApp({ env: { SMTP_URL }, log })
    await test.app.sender.deliver(await due(test, 12))
    expect(relay.asked).toMatchObject({ connect: 1, AUTH: 1 })
    const told = lines.filter(({ msg }) =>
      String(msg).startsWith('an SMTP server cannot be used as configured'),
    )
    expect(told).toMatchObject([
      { verdict: 'halt', smtp: 535, reply: expect.stringContaining('wrong password') },
    ])
    expect((await ledger(test)).map(({ attempts }) => attempts)).toEqual(Array(12).fill(0))
  })

  it('that restarts while sending is down once, and gets its mails when it is back', async () => {
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

describe('a server that rejects nearly every recipient as unknown', () => {
  const nobody = '550 5.1.1 no such user'
  const suppressed = async ({ db }: TestApp) =>
    (await db.selectFrom('suppressions').selectAll().execute()).length

  /** One due lesson each for many readers, who are inserted directly. */
  async function many(test: TestApp, readers: number) {
    const { subscriber, first } = await enrolled(test, { series: ['inner-wisdom'] })
    await test.db.deleteFrom('ledger').execute()
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

  it('is halted with an alarm, and nobody is suppressed until an operator decides', async () => {
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
    // The operator has it fixed.
    isMistaken = false
    expect(await test.app.operator.servers.resume('ask again')).toEqual([relay.host])
    await test.app.sender.deliver(ids)
    expect(relay.taken).toHaveLength(40)
  })

  it('is believed if an operator says so', async () => {
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
