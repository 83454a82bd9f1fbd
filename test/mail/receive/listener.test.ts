/** The listener as strangers see it, over real sockets. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createConnection, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createTransport } from 'nodemailer'
import { expect, it } from 'vitest'
import { type ListenTerms, listen, type ReceivedMail } from '../../../src/mail/receive/listener.ts'
import { freePort } from '../../support/free-port.ts'
import { until } from '../../support/wait.ts'

const MOST = 20_000

interface Opened extends AsyncDisposable {
  readonly taken: ReceivedMail[]
  readonly putOff: unknown[]
  readonly port: number
}

async function opened(terms: Partial<ListenTerms> = {}, protocol: 'smtp' | 'lmtp' = 'smtp') {
  const port = await freePort()
  const taken: ReceivedMail[] = []
  const putOff: unknown[] = []
  const where = { name: 'a test', protocol, at: { host: '127.0.0.1', port } }
  const listening = await listen(where, {
    domain: 'bounces.example.com',
    name: 'bounces.example.com',
    isOurs: (localPart) => localPart.startsWith('b+') || localPart === 'postmaster',
    take: async (mail) => void taken.push(mail),
    most: MOST,
    tls: null,
    putOff: (cause) => void putOff.push(cause),
    ...terms,
  })
  return { taken, putOff, port, [Symbol.asyncDispose]: () => listening.close() } satisfies Opened
}

/** A client that sends lines and waits for the code of each reply. */
async function client(to: number | string) {
  const socket = typeof to === 'string' ? createConnection(to) : createConnection(to, '127.0.0.1')
  socket.on('error', () => {})
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  const heard: string[] = []
  const answer = async () => {
    for (;;) {
      const { value, done } = await lines.next()
      if (done) return 'closed'
      heard.push(value)
      if (/^\d{3} /.test(value)) return value.slice(0, 3)
    }
  }
  const say = async (line: string) => {
    socket.write(`${line}\r\n`)
    return answer()
  }
  const greeting = await answer()
  return { socket, heard, answer, say, greeting }
}

const close = async (socket: Socket) => {
  socket.destroy()
  if (!socket.closed) await once(socket, 'close')
}

it('accepts a bounce for our recipient, and acknowledges it once it is stored', async () => {
  const kept = Promise.withResolvers<void>()
  const taken: ReceivedMail[] = []
  await using test = await opened({
    take: async (mail) => {
      taken.push(mail)
      await kept.promise
    },
  })
  const { say, answer, socket, heard } = await client(test.port)
  expect(await say('EHLO mx.example.net')).toBe('250')
  expect(heard.join('\n')).toMatch(/PIPELINING[\s\S]*SIZE 20000/)
  expect(heard.join('\n')).not.toMatch(/STARTTLS|AUTH/)
  expect(await say('MAIL FROM:<> SIZE=300 BODY=8BITMIME')).toBe('250')
  expect(await say('RCPT TO:<b+Token@BOUNCES.example.com>')).toBe('250')
  expect(await say('DATA')).toBe('354')
  socket.write('Subject: lost\r\n\r\n..dot\r\nü\r\n.\r\nNOOP\r\n')
  await until('the mail', () => taken.length > 0)
  expect(heard.at(-1)).toMatch(/^354/)
  kept.resolve()
  expect([await answer(), await answer()]).toEqual(['250', '250'])
  expect(taken[0]).toEqual({
    raw: Buffer.from('Subject: lost\r\n\r\n.dot\r\nü\r\n'),
    from: null,
    localPart: 'b+Token',
  })
  await close(socket)
})

it('relays nothing: unknown recipients, other domains and a second recipient are refused', async () => {
  await using test = await opened()
  const { say, socket } = await client(test.port)
  await say('EHLO mx.example.net')
  await say('MAIL FROM:<eve@example.net>')
  expect(await say('RCPT TO:<ada@example.org>')).toBe('550')
  expect(await say('RCPT TO:<b+x@example.com>')).toBe('550')
  expect(await say('RCPT TO:<b+x%example.org@example.com>')).toBe('550')
  expect(await say('DATA')).toBe('503')
  expect(await say('RCPT TO:<Postmaster>')).toBe('550')
  expect(await say('RCPT TO:<postmaster>')).toBe('250')
  expect(await say('RCPT TO:<b+y@bounces.example.com>')).toBe('452')
  expect(await say('AUTH PLAIN AGEAYg==')).toBe('500')
  expect(await say('STARTTLS')).toBe('500')
  await close(socket)
  expect(test.taken).toEqual([])
})

it('disconnects a client that guesses recipients after a few attempts', async () => {
  await using test = await opened()
  const { say, socket } = await client(test.port)
  await say('EHLO mx.example.net')
  await say('MAIL FROM:<>')
  const codes: string[] = []
  for (let guess = 0; guess < 6; guess++)
    codes.push(await say(`RCPT TO:<x${guess}@bounces.example.com>`))
  expect(codes).toEqual(['550', '550', '550', '550', '550', '421'])
  await close(socket)
})

it('defers a mail that cannot be stored, and refuses one that is too large', async () => {
  await using test = await opened({
    take: async () => {
      throw new Error('no database')
    },
  })
  const { say, answer, socket } = await client(test.port)
  const begin = async () => {
    await say('MAIL FROM:<>')
    await say('RCPT TO:<b+x@bounces.example.com>')
    await say('DATA')
  }
  await say('EHLO mx.example.net')
  await begin()
  expect(await say('Subject: a\r\n\r\nb\r\n.')).toBe('451')
  expect(test.putOff).toMatchObject([{ message: 'no database' }])
  expect(await say(`MAIL FROM:<> SIZE=${MOST + 1}`)).toBe('552')
  await begin()
  socket.write(`${'x'.repeat(70)}\r\n`.repeat(MOST / 60))
  socket.write('.\r\n')
  expect(await answer()).toBe('552')
  expect(test.putOff).toHaveLength(1)
  await close(socket)
})

it('accepts a long line of text, but cuts off a client with an endless command', async () => {
  await using test = await opened()
  const long = await client(test.port)
  await long.say('EHLO mx.example.net')
  await long.say('MAIL FROM:<>')
  await long.say('RCPT TO:<b+x@bounces.example.com>')
  await long.say('DATA')
  expect(await long.say(`${'y'.repeat(10_000)}\r\n.`)).toBe('250')
  expect(test.taken[0]?.raw).toHaveLength(10_002)
  const endless = await client(test.port)
  endless.socket.write('x'.repeat(100_000))
  await once(endless.socket, 'close')
  await close(long.socket)
})

it('ends a connection that takes too long, even if it keeps sending', async () => {
  await using test = await opened({ limits: { longestMs: 200 } })
  const { say, socket } = await client(test.port)
  await say('EHLO mx.example.net')
  await say('MAIL FROM:<>')
  await say('RCPT TO:<b+x@bounces.example.com>')
  await say('DATA')
  const drip = setInterval(() => socket.write('x'), 20)
  await once(socket, 'close')
  clearInterval(drip)
  expect(test.taken).toEqual([])
})

it('limits connections and mails a minute', async () => {
  await using few = await opened({ limits: { connections: 1 } })
  const first = await client(few.port)
  const second = await client(few.port)
  expect([first.greeting, second.greeting]).toEqual(['220', '421'])
  await close(first.socket)
  await close(second.socket)
  await using slow = await opened({ limits: { allPerMinute: 2 } })
  const { say, socket } = await client(slow.port)
  await say('EHLO mx.example.net')
  expect(await say('MAIL FROM:<>')).toBe('250')
  await say('RSET')
  expect(await say('MAIL FROM:<>')).toBe('421')
  await close(socket)
})

it('offers STARTTLS with the operator’s certificate and accepts mail over it', async () => {
  const file = (name: string) => new URL(`../../fixtures/tls/${name}`, import.meta.url).pathname
  await using test = await opened({ tls: { certFile: file('good.pem'), keyFile: file('key.pem') } })
  const transport = createTransport({
    host: '127.0.0.1',
    port: test.port,
    requireTLS: true,
    tls: { rejectUnauthorized: false },
  })
  await transport.sendMail({
    envelope: { from: '', to: 'b+x@bounces.example.com' },
    raw: 'Subject: a\r\n\r\nb\r\n',
  })
  expect(test.taken).toMatchObject([{ from: null, localPart: 'b+x' }])
})

it('speaks LMTP on a Unix socket, which only one listener can have at a time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dawnpost-test-'))
  const path = join(folder, 'bounces.sock')
  const dead = await listen({ name: 'dead', protocol: 'lmtp', at: { path } }, termsOf([]))
  const taken: ReceivedMail[] = []
  // A second one fails while the first is listening.
  await expect(
    listen({ name: 'second', protocol: 'lmtp', at: { path } }, termsOf([])),
  ).rejects.toThrow(/EADDRINUSE/)
  await dead.close()
  const listening = await listen({ name: 'next', protocol: 'lmtp', at: { path } }, termsOf(taken))
  const { say, socket } = await client(path)
  expect(await say('EHLO relay')).toBe('500')
  expect(await say('LHLO relay')).toBe('250')
  await say('MAIL FROM:<>')
  await say('RCPT TO:<b+x@bounces.example.com>')
  await say('DATA')
  expect(await say('Subject: a\r\n\r\nb\r\n.')).toBe('250')
  expect(taken).toHaveLength(1)
  await close(socket)
  await listening.close()
  await rm(folder, { recursive: true })
})

const termsOf = (taken: ReceivedMail[]): ListenTerms => ({
  domain: 'bounces.example.com',
  name: 'bounces.example.com',
  isOurs: () => true,
  take: async (mail) => void taken.push(mail),
  most: MOST,
  tls: null,
  putOff: () => {},
})
