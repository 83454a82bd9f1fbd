/**
 * How large a form may be. Nothing here measures time; what was read and worked on is counted.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  LINGER_BYTES,
  MAX_BODY_BYTES,
  MAX_FIELD_LENGTH,
  MAX_FIELDS,
} from '../../src/http/shared/form.ts'
import { CONNECTION_TIMEOUTS } from '../../src/http/shared/listen.ts'
import { enrolled } from '../support/app.ts'
import { keptLog } from '../support/log.ts'
import { textOf } from '../support/page.ts'
import { client, listening, said } from '../support/sockets.ts'
import { until } from '../support/wait.ts'
import { allRows, type Body, FORM, type TestWeb, testWeb, verdictOf } from '../support/web.ts'

const URLENCODED = { 'Content-Type': 'application/x-www-form-urlencoded' }
const CHUNK = 16 * 1024

/** An endless body, and how much of it was read. */
function endless() {
  const taken = { bytes: 0 }
  const body = new ReadableStream({
    pull: (stream) => {
      taken.bytes += CHUNK
      stream.enqueue(Buffer.from('a&'.repeat(CHUNK / 2)))
    },
  })
  return { body, taken }
}

let web: TestWeb
const kept = keptLog()
beforeAll(async () => {
  web = await testWeb({ log: kept.log })
})
afterAll(() => web[Symbol.asyncDispose]())

/** All paths that take a form, with a value for each parameter. */
const paths = () => {
  const routes = web.server.routes.filter(({ method }) => method === 'POST')
  return [
    ...new Set(
      routes.map(({ path }) => path.replace(':slug', 'inner-wisdom').replace(/:\w+/g, 'x')),
    ),
  ]
}

/** A mailbox provider's POST counts, whatever its body. */
const ONE_CLICK = ['/unsubscribe/x', '/answers/x']

describe('an endless body', () => {
  it('is refused on every path, known or not, and is read no further than the limit', async () => {
    const before = await allRows(web.db)
    expect(paths().length).toBeGreaterThan(8)
    for (const path of [
      ...paths().filter((one) => !ONE_CLICK.includes(one)),
      '/healthz',
      '/nowhere',
    ]) {
      const { body, taken } = endless()
      const response = await web.send(path, body, URLENCODED)
      expect([response.status, response.headers.get('connection')], path).toEqual([413, 'close'])
      expect(taken.bytes, path).toBeLessThanOrEqual(MAX_BODY_BYTES + 3 * CHUNK)
      expect(textOf(await response.text()), path).toContain('The form was too large.')
      // A little more is read and discarded so that the response can arrive.
      expect(taken.bytes, path).toBeLessThanOrEqual(MAX_BODY_BYTES + LINGER_BYTES + 4 * CHUNK)
    }
    expect(await allRows(web.db)).toEqual(before)
  })

  it('is not read if its declared length is above the limit', async () => {
    const { body, taken } = endless()
    const response = await web.send('/link', body, {
      ...URLENCODED,
      'Content-Length': String(MAX_BODY_BYTES + 1),
    })
    expect(response.status).toBe(413)
    expect(taken.bytes).toBeLessThanOrEqual(2 * CHUNK)
    await response.text()
  })

  it('does not prevent a one-click unsubscribe', async () => {
    const { first } = await enrolled(web, { email: 'endless@example.com' })
    const { body, taken } = endless()
    const response = await web.send(
      web.app.links.url('unsubscribe', first.id, web.app.now()),
      body,
      URLENCODED,
    )
    expect([response.status, response.headers.get('location')]).toEqual([200, null])
    expect(taken.bytes).toBeLessThanOrEqual(MAX_BODY_BYTES + 3 * CHUNK)
    await response.text()
    const left = await web.db
      .selectFrom('enrollments')
      .select('status')
      .where('id', '=', first.id)
      .execute()
    expect(left).toEqual([{ status: 'left' }])
  })
})

describe('fields', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, n) => [`f${n}`, 'x'] as [string, string])
  const multipart = (fields: [string, string][]) => {
    const form = new FormData()
    for (const [name, value] of fields) form.append(name, value)
    return form
  }
  const cases: [string, [string, string][], number][] = [
    ['as many as allowed', many(MAX_FIELDS), 422],
    ['one more', many(MAX_FIELDS + 1), 413],
    ['one as long as allowed', [['email', 'a'.repeat(MAX_FIELD_LENGTH)]], 422],
    ['one longer by a letter', [['email', 'a'.repeat(MAX_FIELD_LENGTH + 1)]], 413],
    ['a name that long', [['a'.repeat(MAX_FIELD_LENGTH + 1), '']], 413],
  ]
  it.each(cases)('%s: urlencoded and multipart alike', async (_, fields, status) => {
    const bodies: Body[] = [new URLSearchParams(fields), multipart(fields)]
    for (const body of bodies)
      expect((await verdictOf(web, await web.send('/link', body))).status).toBe(status)
  })

  it('may have any name, even that of an object property', async () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
      expect(
        (await verdictOf(web, await web.send('/link', new URLSearchParams({ [name]: 'x' }))))
          .status,
        name,
      ).toBe(422)
  })
})

it('no long text is normalized, whatever the field', async () => {
  const normalize = vi.spyOn(String.prototype, 'normalize')
  const marks = `a${'\u0315'.repeat(900)}${'\u0300'.repeat(900)}`
  const { first } = await enrolled(web, { email: 'marks@example.com' })
  const preferences = web.app.links.url('preferences', first.id, web.app.now())
  normalize.mockClear()
  try {
    await web.send('/link', { email: `${marks}@example.com` })
    await web.send('/courses/inner-wisdom', {
      ...FORM,
      email: marks,
      name: marks,
      zone: marks,
      time: marks,
    })
    await web.send(preferences, { do: 'name', name: marks, enrollment: first.id })
    await web.send(preferences, { do: 'address', email: marks, enrollment: first.id })
    const longest = Math.max(0, ...normalize.mock.contexts.map((text) => String(text).length))
    expect(longest).toBeLessThanOrEqual(320)
  } finally {
    normalize.mockRestore()
  }
})

describe('over a socket', () => {
  const head = (path: string, lines: readonly string[]) =>
    [
      `POST ${path} HTTP/1.1`,
      'Host: localhost',
      'Content-Type: application/x-www-form-urlencoded',
      ...lines,
    ]
      .join('\r\n')
      .concat('\r\n\r\n')

  it.each<[string, (path: string) => string]>([
    ['with its length', (path) => head(path, ['Content-Length: 900000']) + 'a'.repeat(900_000)],
    [
      'in chunks',
      (path) =>
        head(path, ['Transfer-Encoding: chunked']) + `4000\r\n${'a'.repeat(0x4000)}\r\n`.repeat(50),
    ],
    [
      'with a GET',
      (path) =>
        head(path, ['Transfer-Encoding: chunked']).replace('POST', 'GET') +
        `4000\r\n${'a'.repeat(0x4000)}\r\n`.repeat(50),
    ],
  ])('an oversized body %s gets a full response and a closed connection', async (_, bytesOf) => {
    await using site = await listening(web.server)
    const { text, error } = await said(site.port, bytesOf('/link'))
    expect(text).toMatch(/^HTTP\/1\.1 413 .*Connection: close.*<\/html>\s*$/is)
    expect(error).toBeUndefined()
  })

  it('a body that is cut off is not logged as an error', async () => {
    await using site = await listening(web.server)
    const asked = vi.spyOn(web.app.visitor, 'isProofRequired')
    const one = client(site.port)
    one.socket.write(`${head('/courses/inner-wisdom', ['Content-Length: 1000'])}email=ada`)
    await new Promise((resolve) => one.socket.once('connect', resolve))
    one.socket.destroy()
    await one.ended
    expect((await fetch(`http://127.0.0.1:${site.port}/healthz`)).status).toBe(200)
    asked.mockRestore()
    expect(kept.messages()).toEqual([])
  })

  it('a request that is never completed gets 408', async () => {
    const hasty = {
      ...CONNECTION_TIMEOUTS,
      headersTimeout: 200,
      requestTimeout: 200,
      connectionsCheckingInterval: 20,
    }
    await using site = await listening(web.server, { timeouts: hasty })
    const { text } = await said(site.port, `${head('/link', ['Content-Length: 1000'])}email=`)
    expect(text).toMatch(/^HTTP\/1\.1 408 /)
    expect((await said(site.port, 'GET / HTTP/1.1\r\nHost: local')).text).toMatch(
      /^HTTP\/1\.1 408 /,
    )
  })

  it('a client with too many connections loses the oldest, and new ones get in', async () => {
    await using site = await listening(web.server, { each: 3 })
    const slow = [1, 2, 3].map(() => client(site.port))
    for (const { socket } of slow) socket.write('GET / HTTP/1.1\r\n')
    await until('all to be connected', () =>
      slow.every(({ socket }) => socket.readyState === 'open'),
    )
    for (let n = 0; n < 2; n++) {
      const answer = await said(
        site.port,
        'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      )
      expect(answer.text).toMatch(/^HTTP\/1\.1 200 /)
    }
    await slow[0]?.ended
    expect(slow[2]?.socket.readyState).toBe('open')
    for (const { socket } of slow) socket.destroy()
  })
})
