/** The next mail's envelope sent behind a message not yet acknowledged (RFC 2920, 3.1). */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { Deferred } from '../../../src/domain/deferred.ts'
import { verdictOn } from '../../../src/domain/verdict.ts'
import type { MimeMessage } from '../../../src/mail/mail.ts'
import { openPool, type SmtpPool } from '../../../src/mail/smtp/smtp-pool.ts'
import { readServer } from '../../../src/platform/smtp-server.ts'
import { type Line, openRelay, type Rules } from '../../support/relay.ts'
import { until } from '../../support/wait.ts'

const MESSAGE: MimeMessage = [
  Buffer.from('Subject: Good morning\r\n\r\n'),
  Buffer.from('Hello.\r\n'),
]
const END = 'Hello.\r\n.\r\n'
const PIPELINING = { offers: ['PIPELINING'] }

/** What has arrived over a connection, piece by piece, whether or not the relay has answered. */
const come = new WeakMap<Line, string[]>()
function listen(line: Line) {
  const pieces: string[] = []
  come.set(line, pieces)
  line.socket.on('data', (bytes) => pieces.push(bytes.toString()))
}

/** What has arrived behind the last message. */
const behind = (line: Line) => (come.get(line) ?? []).join('').split(END).at(-1) ?? ''

/** A relay that runs `atEnd` before it acknowledges a message. */
const relayWith = (
  atEnd: (line: Line, to: string) => string | undefined | Promise<string | undefined>,
  rules: Rules = PIPELINING,
) =>
  openRelay({
    ...rules,
    answer: (step, line, words) => {
      if (step === 'connect') listen(line)
      return step === 'end' ? atEnd(line, words) : undefined
    },
  })

const send = (pool: SmtpPool, reader: number) =>
  pool.send({ from: 'morning@courses.example', to: `r${reader}@example.com` }, MESSAGE)

const outcomesOf = (sending: readonly Promise<string>[]) =>
  Promise.all(
    sending.map((one) =>
      one.then(
        () => 'taken',
        (failure: Error) => (failure instanceof Deferred ? 'deferred' : verdictOn(failure)),
      ),
    ),
  )

const addresses = (readers: readonly number[]) => readers.map((reader) => `r${reader}@example.com`)

/** A server that offers PIPELINING but discards its input when it acknowledges a message. */
async function forgetful() {
  let lost = 0
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}) // a client that goes away
    socket.write('220 test\r\n')
    let text = ''
    socket.on('data', (bytes) => {
      text += bytes
      const end = text.indexOf(END)
      if (end >= 0) {
        if (text.length > end + END.length) lost += 1
        text = ''
        socket.write('250 taken\r\n')
      } else if (text.startsWith('EHLO')) {
        text = ''
        socket.write('250-test\r\n250 PIPELINING\r\n')
      } else if (text.endsWith('DATA\r\n')) socket.write('250 ok\r\n250 ok\r\n354 go on\r\n')
      else if (text.startsWith('QUIT')) socket.end('221 bye\r\n')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    lost: () => lost,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

describe('a connection', () => {
  it('begins the next mail before the last one is acknowledged', async () => {
    const readers = [0, 1, 2, 3, 4]
    await using relay = await relayWith(async (line, to) => {
      // Nothing follows a connection's first mail: its server is not yet known to answer.
      if (to === 'r0@example.com' || to === 'r4@example.com') return undefined
      await until('the next to be begun', () => behind(line).endsWith('DATA\r\n'))
      const last = come
        .get(line)
        ?.at(-1)
        ?.slice(-END.length - behind(line).length)
      expect(last).toMatch(/^Hello\.\r\n\.\r\nMAIL FROM:\S+.*\r\nRCPT TO:\S+\r\nDATA\r\n$/)
      return undefined
    })
    const pool = openPool(readServer(`${relay.url}?connections=1`))
    await Promise.all(readers.map((reader) => send(pool, reader)))
    expect(relay.taken).toEqual(addresses(readers))
    expect(relay.asked).toMatchObject({ connect: 1, RSET: 0 })
    await pool.close()
  })

  it('waits for each answer when the server does not offer PIPELINING', async () => {
    let came = ''
    await using relay = await relayWith(async (line) => {
      for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate)
      came += behind(line)
      return undefined
    }, {})
    const pool = openPool(readServer(`${relay.url}?connections=1`))
    await Promise.all([0, 1, 2].map((reader) => send(pool, reader)))
    expect(came).toBe('')
    await pool.close()
  })

  it('sends nothing behind the last of its mailsPerConnection', async () => {
    let came = ''
    await using relay = await relayWith((line) => {
      if (line.mails === 3) came += behind(line)
      return undefined
    })
    const pool = openPool(readServer(`${relay.url}?connections=1&mailsPerConnection=3`))
    await Promise.all([0, 1, 2, 3, 4, 5].map((reader) => send(pool, reader)))
    expect(came).toBe('')
    expect(relay.asked.connect).toBe(2)
    await pool.close()
  })

  it('continues with the next mail, already begun, when a message is refused', async () => {
    await using relay = await relayWith(async (line, to) => {
      if (to !== 'r1@example.com') return undefined
      await until('the next to be begun', () => behind(line).endsWith('DATA\r\n'))
      return '554 5.7.1 not this one'
    })
    const pool = openPool(readServer(`${relay.url}?connections=1`))
    const outcomes = await outcomesOf([0, 1, 2].map((reader) => send(pool, reader)))
    expect(outcomes).toEqual(['taken', 'ours', 'taken'])
    expect(relay.asked).toMatchObject({ connect: 1, RSET: 0 })
    await pool.close()
  })

  it('leaves one mail with outcome unknown when it is cut, and the next goes by another', async () => {
    await using relay = await relayWith(async (line, to) => {
      if (to !== 'r1@example.com') return undefined
      await until('the next to be begun', () => behind(line).endsWith('DATA\r\n'))
      return 'drop'
    })
    const pool = openPool(readServer(`${relay.url}?connections=1`))
    const outcomes = await outcomesOf([0, 1, 2, 3].map((reader) => send(pool, reader)))
    expect(outcomes).toEqual(['taken', 'unknown', 'taken', 'taken'])
    expect(relay.taken.toSorted()).toEqual(addresses([0, 2, 3]))
    await pool.close()
  })

  it('holds no mail back behind one that its server does not acknowledge in time', async () => {
    const held = Promise.withResolvers<undefined>()
    await using relay = await relayWith((_, to) =>
      to === 'r2@example.com' ? held.promise : undefined,
    )
    const pool = openPool(readServer(`${relay.url}?connections=2`), undefined, { ofBehind: 50 })
    // First make sure that both connections are known to answer.
    await Promise.all([0, 1].map((reader) => send(pool, reader)))
    const sending = [2, 3, 4, 5, 6].map((reader) => send(pool, reader))
    await Promise.all(sending.slice(1))
    expect(relay.taken.toSorted()).toEqual(addresses([0, 1, 3, 4, 5, 6]))
    held.resolve(undefined)
    await sending[0]
    expect(relay.taken).toHaveLength(7)
    await pool.close()
  })

  it('keeps a mail that has begun, however long the server takes over one of its steps', async () => {
    await using relay = await openRelay({
      ...PIPELINING,
      answer: async (step, _, words) => {
        if (step === 'RCPT' && words === 'r2@example.com')
          await new Promise((resolve) => setTimeout(resolve, 200))
        return undefined
      },
    })
    const timeouts = { ofBehind: 10 }
    const pool = openPool(readServer(`${relay.url}?connections=1`), undefined, timeouts)
    await Promise.all([0, 1, 2, 3].map((reader) => send(pool, reader)))
    expect(relay.taken).toEqual(addresses([0, 1, 2, 3]))
    expect(relay.asked.connect).toBe(1)
    await pool.close()
  })

  it('stops pipelining once its server has lost a mail that was sent behind another', async () => {
    await using server = await forgetful()
    // If the first answer were late, the mail behind it would use another connection and prove
    // nothing.
    const timeouts = { ofBehind: 1_000, ofFollowing: 50 }
    const url = `smtp://127.0.0.1:${server.port}?connections=2`
    const pool = openPool(readServer(url), undefined, timeouts)
    const readers = Array.from({ length: 12 }, (_, reader) => reader)
    await Promise.all(readers.map((reader) => send(pool, reader)))
    expect(server.lost()).toBeGreaterThan(0)
    expect(server.lost()).toBeLessThanOrEqual(2)
    await pool.close()
  })

  it('leaves one mail with outcome unknown and one deferred when it is closed', async () => {
    let isBegun = false
    await using relay = await relayWith(async (line, to) => {
      if (to === 'r0@example.com') return undefined
      await until('the next to be begun', () => behind(line).endsWith('DATA\r\n'))
      isBegun = true
      return new Promise(() => {})
    })
    const pool = openPool(readServer(`${relay.url}?connections=1`))
    const sending = [0, 1, 2].map((reader) => send(pool, reader))
    const outcomes = outcomesOf(sending)
    await until('two to be on their way', () => isBegun)
    await pool.close()
    expect(await outcomes).toEqual(['taken', 'unknown', 'deferred'])
  })
})
