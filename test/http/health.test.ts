import { afterEach, describe, expect, it } from 'vitest'
import { startRedis } from '../support/servers.ts'
import { listening, said } from '../support/sockets.ts'
import { until } from '../support/wait.ts'
import { type TestWeb, testWeb } from '../support/web.ts'

const READYZ_TOKEN = 'a token of a test'.replaceAll(' ', '-')

/** An installation with nothing to do, asked by a process that relies on no worker. */
const QUIET = {
  restored: false,
  database: true,
  queue: true,
  planner: null,
  senders: null,
  workers: 0,
  servers: {},
  unknown: 0,
  uncomposed: {},
  blockedCourses: 0,
  blockedArticles: 0,
  smtpHalted: [],
  notices: [],
  paused: [],
  secondsBehind: 0,
  behind: { unplanned: 0, planned: 0, deferred: 0 },
}

const readiness = async (web: TestWeb) => {
  const response = await web.get('/readyz', { Authorization: `Bearer ${READYZ_TOKEN}` })
  return { status: response.status, parts: await response.json() }
}

describe('/healthz', () => {
  it('answers as long as the process lives', async () => {
    await using web = await testWeb()
    const response = await web.get('/healthz')
    expect([response.status, await response.text()]).toEqual([200, 'ok'])
  })
})

it.each(['/healthz', '/readyz'])(
  '%s answers old load balancers that speak HTTP/1.0 without a Host header',
  async (path) => {
    await using web = await testWeb()
    await using site = await listening(web.server)
    const { text } = await said(site.port, `GET ${path} HTTP/1.0\r\n\r\n`)
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    const proxied = await said(
      site.port,
      `GET ${path} HTTP/1.0\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n`,
    )
    expect(proxied.text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    const empty = await said(
      site.port,
      `GET ${path} HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n`,
    )
    expect(empty.text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    const absolute = await said(site.port, `GET http://lb.example${path} HTTP/1.0\r\n\r\n`)
    expect(absolute.text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  },
)

describe('/readyz', () => {
  it('says that database and queue answer', async () => {
    await using web = await testWeb({ env: { READYZ_TOKEN } })
    expect(await readiness(web)).toEqual({ status: 200, parts: { ...QUIET, ready: true } })
  })

  const from = (remoteAddress: string) => ({ incoming: { headers: {}, socket: { remoteAddress } } })

  it('tells strangers only whether it is ready, and this machine everything', async () => {
    await using web = await testWeb({ env: { READYZ_TOKEN } })
    const ask = async (
      headers: Record<string, string>,
      address = '198.51.100.1',
      url = '/readyz',
    ) =>
      Object.keys(
        (await (await web.server.request(url, { headers }, from(address))).json()) as object,
      )
    const all = ['ready', ...Object.keys(QUIET)]
    expect(await ask({})).toEqual(['ready'])
    expect(await ask({ Authorization: `Bearer ${READYZ_TOKEN}x` })).toEqual(['ready'])
    expect(await ask({ Authorization: `bearer ${READYZ_TOKEN}` })).toEqual(all)
    for (const local of ['127.0.0.1', '::1', '::ffff:127.0.0.1'])
      expect(await ask({}, local)).toEqual(all)
    // A proxy on this machine, and its owner's browser on a stranger's page.
    expect(await ask({ 'X-Forwarded-For': '198.51.100.1' }, '127.0.0.1')).toEqual(['ready'])
    expect(await ask({}, '127.0.0.1', 'http://evil.example/readyz')).toEqual(['ready'])
  })

  describe('with a Redis that goes away', () => {
    let redis: Awaited<ReturnType<typeof startRedis>> | undefined
    afterEach(() => redis?.process.kill('SIGKILL'))

    it('says which part does not answer, while pages still show and people can still enroll', async () => {
      redis = await startRedis()
      await using web = await testWeb({ env: { REDIS_URL: redis.url, READYZ_TOKEN } })
      expect((await readiness(web)).status).toBe(200)
      redis.process.kill('SIGKILL')
      await until('/readyz to notice', async () => (await readiness(web)).status === 503)
      expect(await readiness(web)).toEqual({
        status: 503,
        parts: { ...QUIET, ready: false, queue: false },
      })
      expect((await web.get('/healthz')).status).toBe(200)
      expect((await web.get('/courses/inner-wisdom')).status).toBe(200)
      expect((await web.enroll()).status).toBe(303)
      // The ledger holds what the queue could not take; the sweep will bring it once Redis is back.
      const rows = await web.db
        .selectFrom('deliveries')
        .select(['status', 'queued_at'])
        .orderBy('id')
        .execute()
      expect(rows).toEqual([{ status: 'planned', queued_at: null }])
    })
  })
})
