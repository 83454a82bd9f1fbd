/**
 * How much work one client may cause at once, and how much it may hold. Nothing here measures
 * time; what is in progress is counted.
 */
import type { Socket } from 'node:net'
import { Hono } from 'hono'
import { describe, expect, it, vi } from 'vitest'
import { CONNECTION_TIMEOUTS } from '../../src/http/shared/listen.ts'
import { client, said } from '../support/sockets.ts'
import { until } from '../support/wait.ts'
import { oneTo, served } from './served.ts'

const request = (path: string, lines = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${lines}\r\n`
const pipelined = (count: number, path = '/') =>
  request(path).repeat(count - 1) + request(path, 'Connection: close\r\n')

/** A page that takes a turn of the event loop, and a count of those in progress at once. */
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

describe('pipelined requests on one connection', () => {
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
      // No more are parsed ahead than one slice contains.
      expect(ahead).toBeLessThan(50)
    },
  )

  it('are begun a few per turn of the event loop, however fast each is answered', async () => {
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

  it('are not begun once their client has disconnected', async () => {
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

  it('may have bodies, and each reads its own', async () => {
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

it('a response that nobody reads ends its connection', async () => {
  const pages = new Hono().get('/', (c) => c.text('x'.repeat(2 ** 24)))
  await using site = await served(pages, {
    timeouts: { ...CONNECTION_TIMEOUTS, answerTimeout: 100 },
  })
  const { socket, ended } = client(site.port)
  socket.pause().write(request('/'))
  await until('it to be open', async () => (await site.connections()) === 1)
  await until('it to be cut off', async () => (await site.connections()) === 0)
  socket.resume()
  await ended.catch(() => {})
})

describe('excess connections from one address', () => {
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

  it('get no parser if they come all at once', async () => {
    await using site = await served(page, { each: 5 })
    const taken: Socket[] = []
    site.server.on('connection', (socket: Socket) => taken.push(socket))
    const many = oneTo(200).map(() => client(site.port))
    for (const { socket } of many) socket.write(stands)
    await until('all to be taken', () => taken.length === many.length)
    expect((await said(site.port, request('/', 'Connection: close\r\n'))).text).toContain('here')
    // A socket with a listener for `readable` feeds a parser.
    expect(taken.filter((socket) => socket.listenerCount('readable') > 0).length).toBeLessThan(100)
    for (const { socket } of many) socket.destroy()
  })

  it('are closed with all others when the site stops', async () => {
    const site = await served(page, { each: 5 })
    const many = oneTo(50).map(() => client(site.port))
    await until('all to be taken', async () => (await site.connections()) === many.length)
    await site[Symbol.asyncDispose]()
    await Promise.all(many.map(({ ended }) => ended))
  })
})
