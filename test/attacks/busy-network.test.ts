/** One network that requests everything at once, while others want their pages. */
import { Hono } from 'hono'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { CONCURRENCY_LIMITS } from '../../src/http/shared/concurrency.ts'
import { client, said } from '../support/sockets.ts'
import { until } from '../support/wait.ts'
import { from, type TestWeb, testWeb } from '../support/web.ts'
import { oneTo, served } from './served.ts'

describe('one network that requests everything at once', () => {
  let web: TestWeb
  beforeAll(async () => {
    web = await testWeb()
  })
  afterAll(() => web[Symbol.asyncDispose]())
  afterEach(() => {
    vi.restoreAllMocks()
  })

  /** Front pages that wait for a gate, and a count of those in progress. */
  function gated() {
    const gate = Promise.withResolvers<void>()
    const count = { atWork: 0, most: 0, begun: 0 }
    vi.spyOn(web.app.visitor, 'inspirationOn').mockImplementation(async () => {
      count.begun++
      count.most = Math.max(count.most, ++count.atWork)
      await gate.promise
      count.atWork--
      return null
    })
    return { count, open: gate.resolve }
  }
  const ask = (address: string, many: number) =>
    Array.from({ length: many }, () => Promise.resolve(web.get('/', from(address))))

  it('has a few requests in progress, some waiting, and 503 for the rest; others are served', async () => {
    const { atWork, waiting } = CONCURRENCY_LIMITS
    const { count, open } = gated()
    const working = ask('203.0.113.1', atWork.each)
    await until('as many to be at work as may', () => count.atWork === atWork.each)
    const patient = ask('203.0.113.2', waiting.each)
    const refused = await Promise.all(ask('203.0.113.3', 46))
    expect(refused.map(({ status }) => status)).toEqual(Array(46).fill(503))
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await refused[0]?.text()).toContain('Please try again in a moment.')

    expect((await web.get('/healthz', from('203.0.113.1'))).status).toBe(200)
    expect((await web.get('/courses/inner-wisdom', from('198.51.100.1'))).status).toBe(200)
    const other = ask('198.51.100.1', 1)
    await until('the page of somebody else to be begun', () => count.begun > atWork.each)
    expect(count.begun).toBe(atWork.each + 1)

    open()
    const answers = await Promise.all([...working, ...patient, ...other])
    expect(answers.map(({ status }) => status)).toEqual(Array(answers.length).fill(200))
    expect(count.most).toBe(atWork.each + 1)
  })

  it('makes room for one that has requested less when all places are taken', async () => {
    const { atWork, waiting } = CONCURRENCY_LIMITS
    const { count, open } = gated()
    const working = oneTo(atWork.all).flatMap((n) => ask(`203.0.${n}.1`, 1))
    await until('as many to be at work as may', () => count.atWork === atWork.all)
    const patient = oneTo(atWork.all).flatMap((n) =>
      ask(`203.0.${n}.1`, Math.ceil(waiting.all / atWork.all)),
    )
    const late = ask('198.51.100.1', 1)
    open()
    expect((await late[0])?.status).toBe(200)
    const statuses = (await Promise.all([...working, ...patient])).map(({ status }) => status)
    const taken = statuses.filter((status) => status === 200).length
    expect([taken, new Set(statuses)]).toEqual([atWork.all + waiting.all - 1, new Set([200, 503])])
    expect(count.most).toBe(atWork.all)
  })

  it('is cut off if a body is mostly chunk framing; a body in usual chunks is read', async () => {
    const sizes: number[] = []
    const pages = new Hono().post('/', async (c) => {
      const body = await c.req.arrayBuffer().catch(() => null)
      sizes.push(body?.byteLength ?? -1)
      return c.text('read')
    })
    await using site = await served(pages)
    const chunked = (chunk: string, times: number) =>
      `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${`${chunk.length.toString(16)}\r\n${chunk}\r\n`.repeat(times)}0\r\n\r\n`
    expect((await said(site.port, chunked('a'.repeat(100), 500))).text).toMatch(/^HTTP\/1\.1 200 /)
    expect((await said(site.port, chunked('a', 300))).text).toMatch(/^HTTP\/1\.1 200 /)
    await expect(said(site.port, chunked('a', 50_000))).rejects.toThrow('ECONNRESET')
    await until('its end to be noticed', () => sizes.length === 3)
    expect(sizes).toEqual([50_000, 300, -1])
  })

  it('does not get pages made for clients that have disconnected', async () => {
    const { count, open } = gated()
    await using site = await served(web.server)
    let arrived = 0
    site.server.on('request', () => arrived++)
    const front = `GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`
    const patient = oneTo(CONCURRENCY_LIMITS.atWork.each).map(() => said(site.port, front))
    await until(
      'as many to be at work as may',
      () => count.atWork === CONCURRENCY_LIMITS.atWork.each,
    )
    const { socket, ended } = client(site.port)
    socket.write(front)
    await until('one more to arrive', () => arrived > patient.length)
    socket.resetAndDestroy()
    await ended
    await until(
      'it to be gone here, too',
      async () => (await site.connections()) === patient.length,
    )
    open()
    for (const { text } of await Promise.all(patient)) expect(text).toMatch(/^HTTP\/1\.1 200 /)
    expect((await said(site.port, front)).text).toMatch(/^HTTP\/1\.1 200 /)
    expect(count.begun).toBe(CONCURRENCY_LIMITS.atWork.each + 1)
  })
})
