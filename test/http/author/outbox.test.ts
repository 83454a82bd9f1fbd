import PostalMime from 'postal-mime'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServer } from '../../../src/http/server.ts'
import { ask, enrolled } from '../../support/app.ts'
import { textOf } from '../../support/page.ts'
import { allRows, answerOf, type TestWeb, testWeb } from '../../support/web.ts'

const HOSTILE = '<img src=x onerror=alert(1)>'

describe('the outbox', () => {
  let web: TestWeb
  beforeAll(async () => {
    web = await testWeb()
    await enrolled(web)
    await web.settle()
    web.clock.set('2027-03-20T06:00:00Z')
    await web.settle()
  })
  afterAll(() => web[Symbol.asyncDispose]())

  const caught = async () => (await web.app.author.sandbox?.list(200)) ?? []
  const theLesson = async () => (await caught()).find(({ kind }) => kind === 'lesson')?.id ?? 'none'

  it('lists what was caught, newest first, with its kind, its reader and the reader’s own time', async () => {
    const html = await (await web.get('/outbox')).text()
    const rows = [...html.matchAll(/<li><a href="\/outbox\/(\d+)">(.*?)<\/a><\/li>/g)]
    expect(rows.map(([, id]) => Number(id))).toEqual(
      rows.map(([, id]) => Number(id)).sort((a, b) => b - a),
    )
    const kinds = rows.map(([, , row = '']) => /class="kind">([^<]*)</.exec(row)?.[1])
    expect(kinds).toEqual(['day 1 + inspiration', 'welcome'])
    for (const [, , row = ''] of rows) expect(row).toContain('ada@example.com')
    expect(textOf(rows[0]?.[2] ?? '')).toContain('Sat 20 Mar, 07:00')
    expect(textOf(html)).toMatch(/The clock reads Saturday,? 20 March 2027 at 06:00 UTC/)
  })

  it('gives its page a version that reveals mail caught while the list was read', async () => {
    await using busy = await testWeb()
    const sandbox = busy.app.author.sandbox
    if (!sandbox) throw new Error('no sandbox')
    const list = async (limit: number) => {
      const rows = await sandbox.list(limit)
      await enrolled(busy)
      await busy.settle()
      return rows
    }
    const server = await createServer({ ...busy.app, author: { sandbox: { ...sandbox, list } } })
    const html = await (await server.request('/outbox')).text()
    const [, version] = /data-version="([^"]*)"/.exec(html) ?? []
    expect(textOf(html)).toContain('No emails yet.')
    expect(version).not.toBe(await sandbox.version())
  })

  it('says so when nothing was caught', async () => {
    await using empty = await testWeb()
    expect(textOf(await (await empty.get('/outbox')).text())).toContain('No emails yet.')
  })

  it('shows a mail as HTML, text, headers and source', async () => {
    const id = await theLesson()
    const html = await (await web.get(`/outbox/${id}`)).text()
    const mail = await PostalMime.parse((await web.app.author.sandbox?.one(id))?.raw ?? '')
    const [, text = '', raw = ''] = [...html.matchAll(/<pre tabindex="0">([\s\S]*?)<\/pre>/g)]
      .map(([, pre]) => pre)
      .toSpliced(0, 0, '')
    expect(html).toContain(`<iframe title="The email as HTML" src="/outbox/${id}/html"`)
    expect(textOf(text)).toBe(mail.text?.replace(/\s+/g, ' ').trim())
    for (const { originalKey, value } of mail.headers) {
      expect(html).toContain(`<dt>${originalKey}</dt>`)
      expect(textOf(html)).toContain(value.replace(/\s+/g, ' '))
    }
    expect(textOf(raw)).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click')
  })

  it('keeps the indentation of the source', async () => {
    const id = await theLesson()
    const html = await (await web.get(`/outbox/${id}`)).text()
    const raw = (await web.app.author.sandbox?.one(id))?.raw.toString() ?? ''
    const [, shown = ''] = /class="panel raw"><pre tabindex="0">([\s\S]*?)<\/pre>/.exec(html) ?? []
    const starts = (text: string) =>
      text.split(/\r?\n/).map((line) => /^\s*/.exec(line)?.[0].length)
    expect(starts(shown).slice(0, 12)).toEqual(starts(raw).slice(0, 12))
  })

  it('denies a mail’s HTML scripts, forms and an origin, and opens its links in a new tab', async () => {
    const id = await theLesson()
    const response = await web.get(`/outbox/${id}/html`)
    const policy = (response.headers.get('content-security-policy') ?? '').split('; ')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'self'")
    const sandbox = policy.find((part) => part.startsWith('sandbox')) ?? ''
    expect(sandbox).not.toMatch(/allow-(scripts|same-origin|forms|top-navigation)/)
    expect(policy.join()).not.toContain('script-src')
    const html = await response.text()
    expect(html).toContain('<base target="_blank">')
    const mail = await PostalMime.parse((await web.app.author.sandbox?.one(id))?.raw ?? '')
    expect(html.replace('<base target="_blank">', '')).toBe(mail.html)
  })

  it('gives the source of a mail byte for byte', async () => {
    const id = await theLesson()
    const response = await web.get(`/outbox/${id}/raw`)
    expect(response.headers.get('content-type')).toBe('message/rfc822')
    const bytes = Buffer.from(await response.arrayBuffer())
    expect(bytes.equals((await web.app.author.sandbox?.one(id))?.raw ?? Buffer.alloc(0))).toBe(true)
  })

  it.each(['999999', '0', '-1', 'abc', '99999999999999999999', '1%20or%201=1'])(
    'has no mail number %s',
    async (id) => {
      for (const path of [`/outbox/${id}`, `/outbox/${id}/html`, `/outbox/${id}/raw`]) {
        expect((await web.get(path)).status, path).toBe(404)
      }
    },
  )

  it('changes nothing when it is read', async () => {
    const before = await allRows(web.db)
    for (const path of [
      '/outbox',
      '/outbox/list',
      `/outbox/${await theLesson()}`,
      '/outbox/next-morning',
    ]) {
      await web.get(path)
      await web.head(path)
    }
    expect(await allRows(web.db)).toEqual(before)
  })
})

describe('a name that is markup', () => {
  it('is escaped wherever the outbox shows it', async () => {
    await using web = await testWeb()
    await enrolled(web, { firstName: HOSTILE })
    await web.settle()
    const [mail] = (await web.app.author.sandbox?.list(1)) ?? []
    for (const path of ['/outbox', '/outbox/list', `/outbox/${mail?.id}`]) {
      expect(await (await web.get(path)).text()).not.toContain('<img')
    }
    const html = await (await web.get(`/outbox/${mail?.id}/html`)).text()
    expect(html).toContain('&lt;img')
    expect(html).not.toMatch(/<img[^>]*onerror/)
  })
})

describe('the stream of events', () => {
  it('announces a mail as it is caught', async () => {
    await using web = await testWeb()
    await using events = await eventsOf(web)
    expect(await events.next()).toBe('0-0')
    await ask(web)
    await web.settle()
    expect(await events.next()).toBe(await web.app.author.sandbox?.version())
    await ask(web, { email: 'eve@example.com' })
    await web.settle()
    expect(await events.next()).toBe(await web.app.author.sandbox?.version())
  })

  it('says nothing while nothing is caught, and ends with its reader', async () => {
    await using web = await testWeb()
    const events = await eventsOf(web)
    expect(await events.next()).toBe('0-0')
    await events[Symbol.asyncDispose]()
    await ask(web)
    await web.settle()
    expect((await web.get('/outbox')).status).toBe(200)
  })
})

describe('the next morning', () => {
  it('moves the clock to the next moment at which mail is due', async () => {
    await using web = await testWeb()
    await enrolled(web)
    await web.settle()
    for (const expected of [
      '2027-03-20T06:00:00Z',
      '2027-03-21T06:00:00Z',
      '2027-03-22T06:00:00Z',
    ]) {
      const response = await web.post('/outbox/next-morning', {}, { Origin: 'http://localhost' })
      expect(response.status).toBe(303)
      expect(response.headers.get('location')).toBe('/outbox')
      expect(String(web.app.now())).toBe(expected)
      await web.settle()
    }
    const rows = await web.db
      .selectFrom('deliveries')
      .select('kind')
      .where('status', '=', 'sent')
      .orderBy('id')
      .execute()
    expect(rows.filter(({ kind }) => kind === 'lesson')).toHaveLength(3)
  })

  it('leaves the clock alone when nothing will ever be due', async () => {
    await using web = await testWeb()
    const before = web.app.now()
    const response = await web.post('/outbox/next-morning', {}, { Origin: 'http://localhost' })
    expect(response.status).toBe(303)
    expect(String(web.app.now())).toBe(String(before))
  })

  let guarded: TestWeb
  beforeAll(async () => {
    guarded = await testWeb()
    await enrolled(guarded)
  })
  afterAll(() => guarded[Symbol.asyncDispose]())

  it.each<[string, Record<string, string>]>([
    ['another origin', { Origin: 'https://evil.example' }],
    ['another port', { Origin: 'http://localhost:8080' }],
    ['no origin at all', {}],
    ['a sandboxed frame', { Origin: 'null' }],
    ['another site', { 'Sec-Fetch-Site': 'cross-site' }],
  ])('cannot be requested by %s', async (_, headers) => {
    const before = guarded.app.now()
    const response = await guarded.post('/outbox/next-morning', {}, headers)
    expect(String(guarded.app.now())).toBe(String(before))
    expect(response.status).toBe(403)
  })
})

describe('with a mail server', () => {
  it('there is no outbox and nothing that moves the clock', async () => {
    await using web = await testWeb({ env: { SMTP_URL: 'smtp://127.0.0.1:1' } })
    await enrolled(web)
    const before = web.app.now()
    for (const path of [
      '/outbox',
      '/outbox/list',
      '/outbox/events',
      '/outbox/1',
      '/outbox/1/html',
      '/outbox/1/raw',
    ]) {
      expect((await answerOf(await web.get(path))).status, path).toBe(404)
    }
    const response = await web.post('/outbox/next-morning', {}, { Origin: 'http://localhost' })
    expect(response.status).toBe(404)
    expect(String(web.app.now())).toBe(String(before))
    for (const path of ['/', '/enrolled', '/courses/inner-wisdom']) {
      expect(await (await web.get(path)).text()).not.toContain('outbox')
    }
  })
})

/** The data of one event after another. */
async function eventsOf(web: TestWeb) {
  const response = await web.get('/outbox/events')
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader()
  let buffered = ''
  return {
    next: async (): Promise<string | undefined> => {
      while (!buffered.includes('\n\n')) {
        const { done, value } = await reader.read()
        if (done) return undefined
        buffered += Buffer.from(value).toString()
      }
      const [event = '', ...rest] = buffered.split('\n\n')
      buffered = rest.join('\n\n')
      expect(event).toMatch(/^event: mail$/m)
      return /^data: (.*)$/m.exec(event)?.[1]
    },
    [Symbol.asyncDispose]: () => reader.cancel(),
  }
}
