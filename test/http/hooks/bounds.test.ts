import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { MailProvider } from '../../../src/domain/provider-id.ts'
import { ADDRESS, COMPLAINTS, PROVIDERS, testHooks } from '../../support/hooks.ts'
import { keptLog } from '../../support/log.ts'
import { listening } from '../../support/sockets.ts'
import { basic, bySendgrid, HOOK_ENV, type Sent, withCredential } from '../../support/webhooks.ts'

type Hooks = Awaited<ReturnType<typeof testHooks>>

let web: Hooks
let failure: Error | null = null
const { log, lines } = keptLog()

beforeAll(async () => {
  web = await testHooks({
    log,
    take: async () => {
      if (failure) throw failure
    },
  })
})
afterAll(() => web[Symbol.asyncDispose]())
beforeEach(() => {
  web.clock.set(web.app.now().add({ hours: 24 }))
  web.taken.length = 0
  lines.length = 0
  failure = null
})

const sent = (provider: MailProvider, id?: string) => COMPLAINTS[provider](web.app.now(), id)
const status = async (provider: MailProvider, what: Sent) => (await web.hook(provider, what)).status

describe('a database that is down', () => {
  it.each(PROVIDERS)('makes %s send the event again', async (provider) => {
    const what = sent(provider)
    failure = new Error('the connection was lost')
    const response = await web.hook(provider, what)
    expect([response.status, await response.text()]).toEqual([503, ''])
    expect(response.headers.get('retry-after')).toBe('60')
    expect(web.taken).toEqual([])
    failure = null
    expect(await status(provider, what)).toBe(200)
    expect(web.taken).toHaveLength(1)
  })

  it('is not the same as one event that can never be stored: the others are kept', async () => {
    await using odd = await testHooks({
      log,
      take: async ({ reports: [report] }) => {
        if (report?.recipient === 'bad@example.com')
          throw Object.assign(new Error('invalid byte sequence'), { code: '22021' })
      },
    })
    const events = ['a@example.com', 'bad@example.com', 'c@example.com'].map((email) => ({
      event: 'spamreport',
      email,
      sg_event_id: email,
    }))
    expect((await odd.hook('sendgrid', bySendgrid(events, odd.app.now()))).status).toBe(200)
    expect(odd.taken).toHaveLength(2)
    expect(lines).toContainEqual(
      expect.objectContaining({ msg: 'a webhook event cannot be stored' }),
    )
  })
})

describe('a body that is refused', () => {
  const refusedWith = async (provider: MailProvider, what: Parameters<Hooks['hook']>[1]) => {
    const response = await web.hook(provider, what)
    expect(await response.text()).toBe('')
    expect(web.taken).toEqual([])
    return response.status
  }

  it('exceeds a megabyte; a smaller one is accepted', async () => {
    const event = { event: 'spamreport', email: ADDRESS, padding: 'x'.repeat(900) }
    const events = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ ...event, sg_event_id: String(index) }))
    const now = web.app.now()
    expect(await refusedWith('sendgrid', bySendgrid(events(1_200), now))).toBe(413)
    expect(await status('sendgrid', bySendgrid(events(1_000), now))).toBe(200)
    expect(web.taken).toHaveLength(1_000)
  })

  it('holds ten thousand events', async () => {
    const events = Array.from({ length: 10_000 }, () => ({ event: 'spamreport' }))
    expect(await refusedWith('sendgrid', bySendgrid(events, web.app.now()))).toBe(413)
    expect(await refusedWith('brevo', withCredential(events))).toBe(413)
  })

  it('is not JSON, nests a thousand levels deep, or is compressed', async () => {
    const now = web.app.now()
    const deep = `${'['.repeat(1_000)}${']'.repeat(1_000)}`
    for (const body of ['', 'event=bounce', '{"event":', '{"a":1}}', deep, '\u0000']) {
      expect(await refusedWith('sendgrid', bySendgrid(body, now)), body).toBe(400)
      const { headers } = withCredential({})
      expect(await refusedWith('brevo', { body, headers }), body).toBe(400)
    }
    expect(await refusedWith('ses', { body: deep, headers: {} })).toBe(400)
    expect(await refusedWith('mailgun', { body: deep, headers: {} })).toBe(400)
    const { body, headers } = sent('postmark')
    const packed = { ...headers, 'Content-Encoding': 'gzip' }
    expect(await refusedWith('postmark', { body: gzipSync(body), headers: packed })).toBe(400)
    const invalid = Uint8Array.from([...Buffer.from('{"event":"'), 0xff, ...Buffer.from('"}')])
    expect(await refusedWith('brevo', { body: invalid, headers })).toBe(400)
  })

  it('for a guessed credential keeps no provider on the same network out', async () => {
    const from = { 'X-Forwarded-For': '198.51.100.7' }
    const wrong = { ...sent('postmark'), headers: basic('guess:guess') }
    for (let count = 0; count < 400; count++)
      expect((await web.hook('postmark', wrong, from)).status).toBe(401)
    expect((await web.hook('postmark', sent('postmark'), from)).status).toBe(200)
    expect(web.taken).toHaveLength(1)
    expect(lines.length).toBeLessThan(3)
  })
})

describe('the paths', () => {
  it('accept POST only', async () => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
      const response = await web.server.request('/hooks/ses', { method })
      expect([method, response.status]).toEqual([method, 405])
      expect(response.headers.get('allow')).toBe('POST, OPTIONS')
    }
  })

  it('exist only for the providers that are set up', async () => {
    await using one = await testHooks({
      env: { MAILGUN_SIGNING_KEY: HOOK_ENV.MAILGUN_SIGNING_KEY },
    })
    for (const provider of PROVIDERS)
      expect([
        provider,
        (await one.hook(provider, COMPLAINTS[provider](one.app.now()))).status,
      ]).toEqual([provider, provider === 'mailgun' ? 200 : 404])
    for (const path of ['/hooks', '/hooks/', '/hooks/unknown', '/hooks/mailgun/x'])
      expect((await one.server.request(path, { method: 'POST' })).status).toBe(404)
  })

  it('lie below the path of the site, with the same size limit', async () => {
    await using below = await testHooks({
      env: { ...HOOK_ENV, PUBLIC_URL: 'https://example.org/mail' },
    })
    const events = [{ event: 'spamreport', email: ADDRESS, padding: 'x'.repeat(500_000) }]
    const { body, headers } = bySendgrid(events, below.app.now())
    const ask = { method: 'POST', headers, body }
    expect((await below.server.request('/mail/hooks/sendgrid', ask)).status).toBe(200)
    expect(below.taken).toHaveLength(1)
  })

  it('answer over a real connection', async () => {
    await using site = await listening(web.server)
    const { body, headers } = sent('sendgrid')
    const response = await fetch(`http://127.0.0.1:${site.port}/hooks/sendgrid`, {
      method: 'POST',
      headers,
      body,
    })
    expect([response.status, await response.text()]).toEqual([200, 'ok'])
    expect(response.headers.get('set-cookie')).toBeNull()
    expect(web.taken).toHaveLength(1)
  })
})
