/** /readyz fails while nothing is sent, and tells only the operator why. */
import { Redis } from 'ioredis'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openReadiness } from '../../src/actions/operating/readiness.ts'
import { openLog } from '../../src/platform/log.ts'
import * as stores from '../../src/store/index.ts'
import { openDatabase } from '../../src/store/postgres/sql.ts'
import { enrolled, testApp } from '../support/app.ts'
import { startRedis } from '../support/servers.ts'
import { until } from '../support/wait.ts'
import { type TestWeb, testWeb } from '../support/web.ts'

const READYZ_TOKEN = 'a-token-of-a-test'
const START = '2027-03-19T12:00:00Z'

const readiness = async (web: TestWeb) => {
  const response = await web.get('/readyz', { Authorization: `Bearer ${READYZ_TOKEN}` })
  return { status: response.status, parts: (await response.json()) as Record<string, unknown> }
}

describe('with no planner and no sender', () => {
  let web: TestWeb
  beforeAll(async () => {
    web = await testWeb({ env: { READYZ_TOKEN } })
  })
  afterAll(() => web?.[Symbol.asyncDispose]())
  beforeEach(async () => {
    web.clock.set(START)
    await sql`truncate subscribers cascade`.execute(web.db)
  })

  /** A reader whose welcome is in the ledger, three hours after it was due. */
  const late = async (email = 'ada@example.com') => {
    web.clock.set(START)
    const { first } = await enrolled(web, { email })
    web.clock.set('2027-03-19T15:00:00Z')
    return first
  }
  const set = (values: object, count = 1) =>
    sql`update ledger set
      ${sql.join(Object.entries(values).map(([name, value]) => sql`${sql.ref(name)} = ${value}`))}
      where id in (select id from deliveries where status = 'planned' limit ${count})`.execute(
      web.db,
    )
  const behind = async () => {
    const { status, parts } = await readiness(web)
    return [status, parts.secondsBehind, parts.behind]
  }
  const hours = (n: number) => n * 3_600

  it('mail that is due and was never planned is behind', async () => {
    const first = await late()
    await sql`delete from ledger`.execute(web.db)
    await sql`update enrollments set due_at = '2027-03-19T12:30:00Z'
      where id = ${first.id}`.execute(web.db)
    expect(await behind()).toEqual([
      503,
      hours(2.5),
      { unplanned: hours(2.5), planned: 0, deferred: 0 },
    ])
  })

  it('mail that is planned and was not sent is behind', async () => {
    await late()
    expect(await behind()).toEqual([
      503,
      hours(3),
      { unplanned: 0, planned: hours(3), deferred: 0 },
    ])
  })

  it('mail that has been sending for hours is behind', async () => {
    await late()
    await set({ status: 'sending' }, 9)
    expect(await behind()).toEqual([
      503,
      hours(3),
      { unplanned: 0, planned: hours(3), deferred: 0 },
    ])
  })

  it('one deferring mailbox is no alarm; twenty are one while no server accepts mail', async () => {
    await late()
    await set({ status: 'retry' }, 9)
    expect(await behind()).toEqual([
      200,
      hours(3),
      { unplanned: 0, planned: 0, deferred: hours(3) },
    ])
    for (let n = 0; n < 20; n++) await late(`p${n}@example.com`)
    await set({ status: 'retry' }, 99)
    expect((await readiness(web)).status).toBe(503)
    const { name } = web.app.sender.heartbeat
    const taking = {
      name,
      plans: true,
      plannedAgoMs: 0,
      sendingAgoMs: 0,
      acceptedAgoMs: 60_000,
      servers: {},
      metrics: [],
    }
    await stores.processes.beat(web.db, taking)
    expect((await readiness(web)).status).toBe(200)
    await stores.processes.remove(web.db, name)
  })

  it('paused or moved mail is not behind', async () => {
    const first = await late()
    await web.app.reader.pause(first.id, null)
    await sql`update ledger set until = now() where status = 'planned'
      and try_at < until`.execute(web.db)
    await set({ until: '2027-03-19T14:00:00Z' }, 9)
    expect(await behind()).toEqual([200, 0, { unplanned: 0, planned: 0, deferred: 0 }])
  })

  it('a few minutes behind are no alarm, and how many are is a setting', async () => {
    await late()
    web.clock.set('2027-03-19T12:10:00Z')
    expect(await behind()).toEqual([200, 600, { unplanned: 0, planned: 600, deferred: 0 }])
    await using patient = await testWeb({
      env: { READYZ_TOKEN, READYZ_BEHIND_MINUTES: '5', DATABASE_URL: web.app.databaseUrl },
    })
    patient.clock.set('2027-03-19T12:10:00Z')
    expect((await readiness(patient)).status).toBe(503)
  })
})

describe('the heartbeat', () => {
  it('of another process is what a web process relies on', async () => {
    await using web = await testWeb({ env: { READYZ_TOKEN } })
    web.app.sender.heartbeat.expect('any')
    await web.app.sender.heartbeat.beat()
    expect(await readiness(web)).toMatchObject({
      status: 503,
      parts: { ready: false, database: true, planner: false, senders: false, workers: 0 },
    })
    const other = await testApp({ env: { DATABASE_URL: web.app.databaseUrl } })
    await other.work()
    expect(await readiness(web)).toMatchObject({
      status: 200,
      parts: { planner: true, senders: true, workers: 1 },
    })
    await other[Symbol.asyncDispose]()
    expect(await readiness(web)).toMatchObject({ status: 503, parts: { workers: 0 } })
  })

  it.each([
    ['planner', 'planned_at'],
    ['senders', 'sending_at'],
  ])(
    'of a process that does everything is its own: a stuck %s is reported',
    async (part, column) => {
      await using web = await testWeb({ env: { READYZ_TOKEN } })
      const worker = await web.work()
      await using other = await testApp({ env: { DATABASE_URL: web.app.databaseUrl } })
      await other.work()
      expect(await readiness(web)).toMatchObject({
        status: 200,
        parts: { [part]: true, workers: 2 },
      })
      await worker.close()
      await sql`update processes set ${sql.ref(column)} = now() - interval '1 minute'
      where name = ${web.app.sender.heartbeat.name}`.execute(web.db)
      expect(await readiness(web)).toMatchObject({
        status: 503,
        parts: { [part]: false, workers: 2 },
      })
    },
  )

  it('says when every SMTP server is down', async () => {
    await using web = await testWeb({ env: { READYZ_TOKEN } })
    const sign = { plans: true, plannedAgoMs: 0, sendingAgoMs: 0, acceptedAgoMs: null, metrics: [] }
    await stores.processes.beat(web.db, {
      ...sign,
      name: 'one',
      servers: { 'a:25': false, 'b:25': true },
    })
    await stores.processes.beat(web.db, {
      ...sign,
      name: 'two',
      servers: { 'a:25': false, 'b:25': false },
    })
    const told = async () => {
      const { status, parts } = await readiness(web)
      return [status, parts.servers]
    }
    expect(await told()).toEqual([200, { 'a:25': 'down', 'b:25': 'up' }])
    await stores.processes.remove(web.db, 'one')
    expect(await told()).toEqual([503, { 'a:25': 'down', 'b:25': 'down' }])
  })
})

describe('a write', () => {
  it('is proven: a read-only database is not ready', async () => {
    await using web = await testWeb({ env: { READYZ_TOKEN } })
    expect((await readiness(web)).status).toBe(200)
    const name = sql.ref(new URL(web.app.databaseUrl).pathname.slice(1))
    await using readOnly = await readinessOf(web.app.databaseUrl)
    await sql`alter database ${name} set default_transaction_read_only = on`.execute(web.db)
    await readOnly.follow()
    expect(await readOnly.ready()).toMatchObject({ ready: false, database: false, queue: true })
    await sql`alter database ${name} reset default_transaction_read_only`.execute(web.db)
  })

  describe('to Redis', () => {
    let redis: Awaited<ReturnType<typeof startRedis>> | undefined
    afterEach(() => redis?.process.kill('SIGKILL'))

    it('is proven: one that has become a replica is not ready', async () => {
      redis = await startRedis()
      await using web = await testWeb({ env: { REDIS_URL: redis.url, READYZ_TOKEN } })
      expect((await readiness(web)).status).toBe(200)
      const control = new Redis(redis.url)
      await control.replicaof('127.0.0.1', 1)
      await until('/readyz to notice', async () => (await readiness(web)).status === 503)
      expect((await readiness(web)).parts).toMatchObject({
        ready: false,
        database: true,
        queue: false,
      })
      await control.replicaof('NO', 'ONE')
      await until('/readyz to recover', async () => (await readiness(web)).status === 200)
      control.disconnect()
    })
  })
})

/**
 * Readiness over persistent connections: `follow` makes the first of them adopt what is set for
 * its database, as later ones do.
 */
async function readinessOf(databaseUrl: string) {
  const database = await openDatabase(databaseUrl, () => {})
  const ready = openReadiness({
    db: database.db,
    log: openLog('silent'),
    stores,
    resends: 1,
    mayBeBehind: 15,
    now: () => Temporal.Instant.from(START),
    series: new Map(),
    queueDepth: async () => 0,
    proveQueue: async () => {},
    heartbeat: { name: 'a test', expected: () => 'nobody', beat: async () => {} },
  })
  const follow = () =>
    sql`set session characteristics as transaction read only`.execute(database.db).then(() => {})
  return { ready, follow, [Symbol.asyncDispose]: database.close }
}
