import { afterEach, describe, expect, it } from 'vitest'
import { startRedis } from '../support/servers.ts'
import { until } from '../support/wait.ts'
import { type TestWeb, testWeb } from '../support/web.ts'

const readiness = async (web: TestWeb) => {
  const response = await web.get('/readyz')
  return { status: response.status, parts: await response.json() }
}

describe('/healthz', () => {
  it('answers as long as the process lives', async () => {
    await using web = await testWeb()
    const response = await web.get('/healthz')
    expect([response.status, await response.text()]).toEqual([200, 'ok'])
  })
})

describe('/readyz', () => {
  it('says that database and queue answer', async () => {
    await using web = await testWeb()
    expect(await readiness(web)).toEqual({
      status: 200,
      parts: {
        ready: true,
        database: true,
        queue: true,
        unknown: 0,
        uncomposed: {},
        coursesHeldBack: 0,
        secondsBehind: 0,
      },
    })
  })

  describe('with a Redis that goes away', () => {
    let redis: Awaited<ReturnType<typeof startRedis>> | undefined
    afterEach(() => redis?.process.kill('SIGKILL'))

    it('says which part does not answer, while pages still show and people can still enroll', async () => {
      redis = await startRedis()
      await using web = await testWeb({ env: { REDIS_URL: redis.url } })
      expect((await readiness(web)).status).toBe(200)
      redis.process.kill('SIGKILL')
      await until('/readyz to notice', async () => (await readiness(web)).status === 503)
      expect(await readiness(web)).toEqual({
        status: 503,
        parts: {
          ready: false,
          database: true,
          queue: false,
          unknown: 0,
          uncomposed: {},
          coursesHeldBack: 0,
          secondsBehind: 0,
        },
      })
      expect((await web.get('/healthz')).status).toBe(200)
      expect((await web.get('/courses/inner-wisdom')).status).toBe(200)
      expect((await web.enroll()).status).toBe(303)
      // The ledger holds what the queue could not take; the sweep will bring it once Redis is back.
      const rows = await web.db.selectFrom('deliveries').select(['status', 'queued_at']).execute()
      expect(rows).toEqual([{ status: 'planned', queued_at: null }])
    })
  })
})
