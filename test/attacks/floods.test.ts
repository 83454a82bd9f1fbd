/**
 * What one client may have us work on at once, and keep. Nothing here looks at a clock: what is at
 * work is counted.
 */
import type { Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Hono } from 'hono'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { CONNECTION_PATIENCE, openServer } from '../../src/http/shared/listen.ts'
import { BOUNDS } from '../../src/http/shared/turns.ts'
import { client, said } from '../support/sockets.ts'
import { until } from '../support/wait.ts'
import { from, type TestWeb, testWeb } from '../support/web.ts'

const request = (path: string, lines = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${lines}\r\n`
const pipelined = (count: number, path = '/') =>
  request(path).repeat(count - 1) + request(path, 'Connection: close\r\n')

/** A page that takes some turns of the event loop, and how many of it were at work at once. */
function countedPage() {
  const count = { begun: 0, atWork: 0, most: 0 }
  const pages = new Hono().get('/', async (c) => {
    const number = ++count.begun
    count.most = Math.max(count.most, ++count.atWork)
    await new Promise((resolve) => setImmediate(resolve))
    count.atWork--
    return c.text(`<${number}>`)
  })
  return { count, pages }
}

const numbersIn = (text: string) =>
  [...text.matchAll(/<(\d+)>/g)].map(([, number]) => Number(number))
const oneTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

/** The pages behind a real socket, and the server below them. */
async function served(pages: Hono, bounds: Partial<Parameters<typeof openServer>[1]> = {}) {
  const server: Server = openServer(pages, { each: 100, ...bounds })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    server,
    connections: () =>
      new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count))),
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('requests that one connection sends ahead', () => {
  it.each([100, 2_500])(
    '%d in one write are answered one after the other, in order',
    async (many) => {
      const { count, pages } = countedPage()
      await using site = await served(pages)
      let [parsed, ahead] = [0, 0]
      site.server.on('request', () => {
        parsed++
        ahead = Math.max(ahead, parsed - count.begun)
      })
      const { text, error } = await said(site.port, pipelined(many))
      expect(error).toBeUndefined()
      expect(numbersIn(text)).toEqual(oneTo(many))
      expect(count.most).toBe(1)
      // As many as stand in one slice.
      expect(ahead).toBeLessThan(50)
    },
  )

  it('are begun a few in each turn of the event loop, however fast each is answered', async () => {
    const count = { inTurn: 0, most: 0 }
    const pages = new Hono().get('/', (c) => {
      if (count.inTurn++ === 0)
        setImmediate(() => {
          count.most = Math.max(count.most, count.inTurn)
          count.inTurn = 0
        })
      return c.text('at once')
    })
    await using site = await served(pages)
    const { text } = await said(site.port, pipelined(40))
    expect(text.split('at once')).toHaveLength(41)
    expect(count.most).toBeLessThan(10)
  })

  it('leave no listeners behind', async () => {
    const warned = vi.fn()
    process.on('warning', warned)
    const { pages } = countedPage()
    await using site = await served(pages)
    let most = 0
    site.server.on('connection', (socket: Socket) => {
      const before = socket.eventNames().map((name) => [name, socket.listenerCount(name)] as const)
      site.server.on('request', () => {
        for (const [name, count] of before)
          most = Math.max(most, socket.listenerCount(name) - count)
      })
    })
    await said(site.port, pipelined(200))
    process.off('warning', warned)
    expect(warned).not.toHaveBeenCalled()
    expect(most).toBeLessThanOrEqual(2)
  })

  it('of a client that leaves are not begun', async () => {
    const { count, pages } = countedPage()
    const gate = Promise.withResolvers<void>()
    const asked = new Hono().use(async (_, next) => {
      await gate.promise
      await next()
    })
    await using site = await served(asked.route('/', pages))
    let arrived = 0
    site.server.on('request', () => arrived++)
    const { socket, ended } = client(site.port)
    socket.write(pipelined(50))
    await until('the first ones to arrive', () => arrived > 1)
    socket.resetAndDestroy()
    await ended
    await until('it to be gone here, too', async () => (await site.connections()) === 0)
    gate.resolve()
    await said(site.port, request('/', 'Connection: close\r\n'))
    expect(count.begun).toBe(2)
  })

  it('have bodies, and each is read by the request that it belongs to', async () => {
    const pages = new Hono().post('/', async (c) => c.text(`[${await c.req.text()}]`))
    await using site = await served(pages)
    const post = (body: string, lines = '') =>
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n${lines}\r\n${body}`
    const bodies = ['one', 'x'.repeat(30_000), '', 'four']
    const { text } = await said(
      site.port,
      bodies.map((body) => post(body)).join('') + post('five', 'Connection: close\r\n'),
    )
    expect([...text.matchAll(/\[([^\]]*)\]/g)].map(([, body]) => body)).toEqual([...bodies, 'five'])
  })
})

it('an answer that nobody takes ends its connection', async () => {
  const pages = new Hono().get('/', (c) => c.text('x'.repeat(2 ** 24)))
  await using site = await served(pages, {
    patience: { ...CONNECTION_PATIENCE, answerTimeout: 100 },
  })
  const { socket, ended } = client(site.port)
  socket.pause().write(request('/'))
  await until('it to be open', async () => (await site.connections()) === 1)
  await until('it to be cut off', async () => (await site.connections()) === 0)
  socket.resume()
  await ended.catch(() => {})
})

describe('connections that one address has too many of', () => {
  const stands = 'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: '
  const page = new Hono().get('/', (c) => c.text('here'))
  const body = (bytes: number) => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes}\r\n\r\n`

  it('are read no further, whatever they send, and closed', async () => {
    const pages = new Hono().post('/', async (c) =>
      c.text(`${(await c.req.arrayBuffer()).byteLength}`),
    )
    await using site = await served(pages.route('/', page), { each: 1 })
    const sockets: Socket[] = []
    site.server.on('connection', (socket: Socket) => sockets.push(socket))
    const { socket, ended } = client(site.port)
    socket.write(body(2 ** 24))
    await until('it to be read', () => (sockets[0]?.bytesRead ?? 0) > 0)
    for (const _ of oneTo(3))
      expect((await said(site.port, request('/', 'Connection: close\r\n'))).text).toContain('here')
    socket.write(Buffer.alloc(2 ** 23))
    for (const _ of oneTo(100)) await said(site.port, request('/', 'Connection: close\r\n'))
    expect(sockets[0]?.bytesRead).toBeLessThan(2 ** 20)
    await expect(ended).rejects.toThrow('ECONNRESET')
  })

  it('get no parser when they come all at once', async () => {
    await using site = await served(page, { each: 5 })
    const taken: Socket[] = []
    site.server.on('connection', (socket: Socket) => taken.push(socket))
    const many = oneTo(200).map(() => client(site.port))
    for (const { socket } of many) socket.write(stands)
    await until('all to be taken', () => taken.length === many.length)
    expect((await said(site.port, request('/', 'Connection: close\r\n'))).text).toContain('here')
    // Whoever waits for what comes feeds it to a parser.
    expect(taken.filter((socket) => socket.listenerCount('readable') > 0).length).toBeLessThan(100)
    for (const { socket } of many) socket.destroy()
  })

  it('are closed with all others, when the site stops', async () => {
    const site = await served(page, { each: 5 })
    const many = oneTo(50).map(() => client(site.port))
    await until('all to be taken', async () => (await site.connections()) === many.length)
    await site[Symbol.asyncDispose]()
    await Promise.all(many.map(({ ended }) => ended))
  })
})

describe('one network that asks for everything at once', () => {
  let web: TestWeb
  beforeAll(async () => {
    web = await testWeb()
  })
  afterAll(() => web[Symbol.asyncDispose]())
  afterEach(() => {
    vi.restoreAllMocks()
  })

  /** Front pages that wait for a gate, and how many are at work. */
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

  it('has few of them at work, some that wait, and 503 for all else, while others are served', async () => {
    const { atWork, waiting } = BOUNDS
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

  it('makes room for one that has asked for less, where all places are taken', async () => {
    const { atWork, waiting } = BOUNDS
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

  it('that is all but frames of chunks ends its connection, and one in usual chunks is read', async () => {
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

  it('has no page made that nobody waits for any more', async () => {
    const { count, open } = gated()
    await using site = await served(web.server)
    let arrived = 0
    site.server.on('request', () => arrived++)
    const front = `GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`
    const patient = oneTo(BOUNDS.atWork.each).map(() => said(site.port, front))
    await until('as many to be at work as may', () => count.atWork === BOUNDS.atWork.each)
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
    expect(count.begun).toBe(BOUNDS.atWork.each + 1)
  })
})
