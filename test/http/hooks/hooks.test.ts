import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MOST_REFUSALS } from '../../../src/http/hooks/refusals.ts'
import { testHooks } from '../../support/hooks.ts'
import { keptLog } from '../../support/log.ts'
import { listening } from '../../support/sockets.ts'
import {
  basic,
  byMailgun,
  byResend,
  bySendgrid,
  bySns,
  HOOK_ENV,
  mailgunSignature,
  type Sent,
  withCredential,
} from '../../support/webhooks.ts'

type Hooks = Awaited<ReturnType<typeof testHooks>>
type Provider = 'ses' | 'postmark' | 'mailgun' | 'sendgrid' | 'brevo' | 'resend'

const ADDRESS = 'ada@example.com'

/** A complaint by each provider, which none of them says in the same words. */
const COMPLAINTS: Readonly<Record<Provider, (now: Temporal.Instant, id?: string) => Sent>> = {
  ses: (now, id = 'feedback-1') =>
    bySns(
      {
        notificationType: 'Complaint',
        mail: { messageId: '0102018f3b6c-000000', destination: [ADDRESS] },
        complaint: { complainedRecipients: [{ emailAddress: ADDRESS }], feedbackId: id },
      },
      { now },
    ),
  postmark: (_, id = '17') =>
    withCredential({
      RecordType: 'SpamComplaint',
      TypeCode: 100001,
      ID: Number(id),
      Email: ADDRESS,
    }),
  mailgun: (now, id = 'event-1') =>
    byMailgun({ event: 'complained', id, recipient: ADDRESS, timestamp: 1805439602.1 }, now),
  sendgrid: (now, id = 'event-1') =>
    bySendgrid([{ event: 'spamreport', email: ADDRESS, sg_event_id: id }], now),
  brevo: (_, id = '1805439602') =>
    withCredential({ event: 'spam', email: ADDRESS, 'message-id': '<a@b.example>', ts_event: id }),
  resend: (now, id = 'msg_1') =>
    byResend({ type: 'email.complained', data: { email_id: 'e-1', to: [ADDRESS] } }, now, id),
}
const PROVIDERS = Object.keys(COMPLAINTS) as Provider[]
/** Those whose signature covers the body. */
const SIGNED = ['ses', 'sendgrid', 'resend'] as const
/** Those that sign a time. */
const TIMED = ['mailgun', 'sendgrid', 'resend'] as const

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

const sent = (provider: Provider, id?: string) => COMPLAINTS[provider](web.app.now(), id)
const status = async (provider: Provider, what: Sent) => (await web.hook(provider, what)).status

describe('what a provider sends', () => {
  it.each(PROVIDERS)('by %s is taken, as what it says', async (provider) => {
    const response = await web.hook(provider, sent(provider))
    expect([response.status, await response.text()]).toEqual([200, 'ok'])
    expect(web.taken).toEqual([
      {
        digest: expect.any(Buffer),
        source: provider,
        envelopeTo: null,
        reports: [expect.objectContaining({ kind: 'complaint', recipient: ADDRESS })],
      },
    ])
  })

  it.each(PROVIDERS)('by %s is known again when it is sent twice', async (provider) => {
    for (const id of ['1', '1', '2']) await web.hook(provider, sent(provider, id))
    const [first, again, other] = web.taken.map(({ digest }) => digest.toString('hex'))
    expect(again).toBe(first)
    expect(other).not.toBe(first)
    expect(first).toMatch(/^[0-9a-f]{64}$/)
  })

  it('of one name by two providers is two events', async () => {
    await web.hook('mailgun', sent('mailgun', 'one'))
    await web.hook('sendgrid', sent('sendgrid', 'one'))
    expect(new Set(web.taken.map(({ digest }) => digest.toString('hex'))).size).toBe(2)
  })

  it('needs no cookie and no page of ours that it comes from', async () => {
    const elsewhere = { Origin: 'https://elsewhere.example', 'Sec-Fetch-Site': 'cross-site' }
    expect((await web.hook('resend', sent('resend'), elsewhere)).status).toBe(200)
  })

  it('may be called what it likes: SNS sends JSON as text', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      '',
    ])
      expect((await web.hook('ses', sent('ses'), { 'Content-Type': type })).status).toBe(200)
  })

  it('is nothing of ours where it is of another kind, and is taken all the same', async () => {
    const now = web.app.now()
    for (const [provider, what] of [
      ['ses', bySns('Successfully validated SNS topic for Amazon SES event publishing.', { now })],
      ['postmark', withCredential({ RecordType: 'Open' })],
      ['mailgun', byMailgun({ event: 'opened', id: 'x' }, now)],
      ['sendgrid', bySendgrid([{ event: 'processed' }, 7, null], now)],
      ['brevo', withCredential({ event: 'click' })],
      ['resend', byResend({ type: 'domain.updated' }, now)],
    ] as const)
      expect(await status(provider, what), provider).toBe(200)
    expect(web.taken).toEqual([])
  })

  it('comes in any order: a delay after its bounce, and a delivery', async () => {
    const events = ['bounce', 'deferred', 'delivered'].map((event, index) => ({
      event,
      email: ADDRESS,
      sg_event_id: `${index}`,
    }))
    await web.hook('sendgrid', bySendgrid(events, web.app.now()))
    expect(web.taken.map(({ reports }) => reports[0]?.kind)).toEqual([
      'bounce',
      'delay',
      'delivery',
    ])
  })
})

describe('what nobody signed', () => {
  const refused = async (provider: Provider, what: Sent) => {
    const response = await web.hook(provider, what)
    expect([provider, response.status, await response.text()]).toEqual([provider, 401, ''])
    expect(web.taken).toEqual([])
  }

  it.each(SIGNED)('is refused by %s: one letter of its body', async (provider) => {
    const { body, headers } = sent(provider)
    await refused(provider, { headers, body: body.replace('ada@', 'bob@') })
    // What SNS signs is what stands in its fields, however they are set.
    if (provider !== 'ses') await refused(provider, { headers, body: `${body} ` })
  })

  it.each(PROVIDERS)('is refused by %s: nothing of it', async (provider) => {
    const { body } = sent(provider)
    const { signature, Signature, ...unsigned } = JSON.parse(body)
    const bare = Array.isArray(JSON.parse(body)) ? body : JSON.stringify(unsigned)
    await refused(provider, { body: bare, headers: {} })
  })

  it.each(['postmark', 'brevo'] as const)(
    'is refused by %s: with another credential',
    async (provider) => {
      const [user, password = ''] = HOOK_ENV.POSTMARK_WEBHOOK_AUTH.split(':')
      const { body } = sent(provider)
      for (const wrong of [`${user}:`, `${user}:${password}x`, `x:${password}`, password, ':'])
        await refused(provider, { body, headers: basic(wrong) })
      await refused(provider, { body, headers: { Authorization: `Bearer ${password}` } })
      await refused(provider, { body, headers: { Authorization: 'Basic %%%' } })
    },
  )

  it('is refused by mailgun: with another key, or a time that was not signed', async () => {
    const now = web.app.now()
    await refused(
      'mailgun',
      byMailgun({ event: 'complained' }, now, mailgunSignature(now, 'x'.repeat(32))),
    )
    const signature = { ...mailgunSignature(now.subtract({ hours: 1 })) }
    const timestamp = String(Number(signature.timestamp) + 3_600)
    await refused('mailgun', byMailgun({ event: 'complained' }, now, { ...signature, timestamp }))
  })

  it('is told in the log without what it said', async () => {
    await web.hook('postmark', { ...sent('postmark'), headers: basic('a:secret-that-is-wrong') })
    expect(lines).toEqual([expect.objectContaining({ provider: 'postmark', why: 'unsigned' })])
    expect(JSON.stringify(lines)).not.toMatch(/ada|secret|Complaint/)
  })
})

describe('time', () => {
  it.each(TIMED)('goes by for %s: five minutes, before and after', async (provider) => {
    const at = (minutes: number) => COMPLAINTS[provider](web.app.now().add({ minutes }))
    expect(await status(provider, at(-6))).toBe(401)
    expect(await status(provider, at(6))).toBe(401)
    expect(web.taken).toEqual([])
    expect(await status(provider, at(-4))).toBe(200)
    expect(await status(provider, at(4))).toBe(200)
  })

  it('goes by for SNS as long as it tries again: with its first signature', async () => {
    const at = (minutes: number) => COMPLAINTS.ses(web.app.now().add({ minutes }))
    expect(await status('ses', at(-61))).toBe(401)
    expect(await status('ses', at(6))).toBe(401)
    expect(web.taken).toEqual([])
    expect(await status('ses', at(-59))).toBe(200)
  })

  it('goes by more slowly where an operator wants it', async () => {
    await using slow = await testHooks({ env: { ...HOOK_ENV, WEBHOOK_TOLERANCE_MINUTES: '600' } })
    const at = (minutes: number) => COMPLAINTS.mailgun(slow.app.now().add({ minutes }))
    expect((await slow.hook('mailgun', at(-599))).status).toBe(200)
    expect((await slow.hook('mailgun', at(-601))).status).toBe(401)
    expect((await slow.hook('mailgun', at(6))).status).toBe(401)
  })
})

describe('a token of Mailgun, which signs no body', () => {
  it('is good for the first body it comes with, and for no other', async () => {
    const now = web.app.now()
    const signature = mailgunSignature(now)
    const real = byMailgun({ event: 'complained', id: '1', recipient: ADDRESS }, now, signature)
    const forged = byMailgun(
      { event: 'complained', id: '2', recipient: 'bob@x.example' },
      now,
      signature,
    )
    expect(await status('mailgun', real)).toBe(200)
    expect(await status('mailgun', forged)).toBe(401)
    expect(await status('mailgun', real)).toBe(200)
    expect(web.taken.map(({ reports }) => reports[0]?.recipient)).toEqual([ADDRESS, ADDRESS])
  })

  it('is forgotten when nobody would believe it any more', async () => {
    await web.hook('mailgun', sent('mailgun'))
    web.clock.set(web.app.now().add({ minutes: 20 }))
    await web.hook('mailgun', sent('mailgun'))
    const kept = await web.db.selectFrom('webhook_tokens').select('until').execute()
    expect(kept).toHaveLength(1)
  })

  it('may be of the account above, for a domain of an account below', async () => {
    const now = web.app.now()
    const body = JSON.stringify({
      signature: mailgunSignature(now, 'the key of the account below'),
      'parent-signature': mailgunSignature(now),
      'event-data': { event: 'complained', id: 'x' },
    })
    expect(await status('mailgun', { body, headers: {} })).toBe(200)
  })
})

describe('a database that is down', () => {
  it.each(PROVIDERS)('has %s send it again', async (provider) => {
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

  it('is not what a single event is that it can never keep: the others are', async () => {
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
      expect.objectContaining({ msg: 'an event of a webhook cannot be kept' }),
    )
  })
})

describe('what is too much', () => {
  const refusedWith = async (provider: Provider, what: Parameters<Hooks['hook']>[1]) => {
    const response = await web.hook(provider, what)
    expect(await response.text()).toBe('')
    expect(web.taken).toEqual([])
    return response.status
  }

  it('is more than a megabyte; less is not', async () => {
    const event = { event: 'spamreport', email: ADDRESS, padding: 'x'.repeat(900) }
    const events = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ ...event, sg_event_id: String(index) }))
    const now = web.app.now()
    expect(await refusedWith('sendgrid', bySendgrid(events(1_200), now))).toBe(413)
    expect(await status('sendgrid', bySendgrid(events(1_000), now))).toBe(200)
    expect(web.taken).toHaveLength(1_000)
  })

  it('is ten thousand events', async () => {
    const events = Array.from({ length: 10_000 }, () => ({ event: 'spamreport' }))
    expect(await refusedWith('sendgrid', bySendgrid(events, web.app.now()))).toBe(413)
    expect(await refusedWith('brevo', withCredential(events))).toBe(413)
  })

  it('is no JSON, or JSON that nests a thousand deep, or is packed', async () => {
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

  it('is guessing: a network that is refused too often is not looked at for a minute', async () => {
    const wrong = { ...sent('postmark'), headers: basic('guess:guess') }
    const guess = (network: string) => web.hook('postmark', wrong, { 'X-Forwarded-For': network })
    for (let count = 0; count < MOST_REFUSALS; count++)
      expect((await guess('198.51.100.7')).status).toBe(401)
    const late = await guess('198.51.100.8')
    expect([late.status, late.headers.get('retry-after')]).toEqual([429, '60'])
    expect((await guess('203.0.113.9')).status).toBe(401)
    web.clock.set(web.app.now().add({ seconds: 61 }))
    expect((await guess('198.51.100.7')).status).toBe(401)
  })
})

describe('the paths', () => {
  it('are there for POST alone', async () => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
      const response = await web.server.request('/hooks/ses', { method })
      expect([method, response.status]).toEqual([method, 405])
      expect(response.headers.get('allow')).toBe('POST, OPTIONS')
    }
  })

  it('are there only for the providers that are set up', async () => {
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
