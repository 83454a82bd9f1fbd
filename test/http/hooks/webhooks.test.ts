import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { MailProvider } from '../../../src/domain/provider-id.ts'
import { ADDRESS, COMPLAINTS, PROVIDERS, testHooks } from '../../support/hooks.ts'
import { keptLog } from '../../support/log.ts'
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

/** Those whose signature covers the body. */
const SIGNED = ['ses', 'sendgrid', 'resend'] as const
/** Those that sign a time. */
const TIMED = ['mailgun', 'sendgrid', 'resend'] as const

let web: Hooks
const { log, lines } = keptLog()

beforeAll(async () => {
  web = await testHooks({ log })
})
afterAll(() => web[Symbol.asyncDispose]())
beforeEach(() => {
  web.clock.set(web.app.now().add({ hours: 24 }))
  web.taken.length = 0
  lines.length = 0
})

const sent = (provider: MailProvider, id?: string) => COMPLAINTS[provider](web.app.now(), id)
const status = async (provider: MailProvider, what: Sent) => (await web.hook(provider, what)).status

describe('an event', () => {
  it.each(PROVIDERS)('from %s is taken for what it says', async (provider) => {
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

  it.each(PROVIDERS)('from %s is recognized when it is sent twice', async (provider) => {
    for (const id of ['1', '1', '2']) await web.hook(provider, sent(provider, id))
    const [first, again, other] = web.taken.map(({ digest }) => digest.toString('hex'))
    expect(again).toBe(first)
    expect(other).not.toBe(first)
    expect(first).toMatch(/^[0-9a-f]{64}$/)
  })

  it('with the same id from two providers counts as two', async () => {
    await web.hook('mailgun', sent('mailgun', 'one'))
    await web.hook('sendgrid', sent('sendgrid', 'one'))
    expect(new Set(web.taken.map(({ digest }) => digest.toString('hex'))).size).toBe(2)
  })

  it('needs no cookie and may come from another origin', async () => {
    const elsewhere = { Origin: 'https://elsewhere.example', 'Sec-Fetch-Site': 'cross-site' }
    expect((await web.hook('resend', sent('resend'), elsewhere)).status).toBe(200)
  })

  it('may have any Content-Type: SNS sends JSON as text', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      '',
    ])
      expect((await web.hook('ses', sent('ses'), { 'Content-Type': type })).status).toBe(200)
  })

  it('of another kind is acknowledged and ignored', async () => {
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

  it('may come in any order: a delay after its bounce, and a delivery', async () => {
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

describe('an event without a valid signature', () => {
  const refused = async (provider: MailProvider, what: Sent) => {
    const response = await web.hook(provider, what)
    expect([provider, response.status, await response.text()]).toEqual([provider, 401, ''])
    expect(web.taken).toEqual([])
  }

  it.each(SIGNED)('is refused from %s: one letter of its body was changed', async (provider) => {
    const { body, headers } = sent(provider)
    await refused(provider, { headers, body: body.replace('ada@', 'bob@') })
    // SNS signs the values of its fields, however the JSON is spaced.
    if (provider !== 'ses') await refused(provider, { headers, body: `${body} ` })
  })

  it.each(PROVIDERS)('is refused from %s: it has no signature at all', async (provider) => {
    const { body } = sent(provider)
    const { signature, Signature, ...unsigned } = JSON.parse(body)
    const bare = Array.isArray(JSON.parse(body)) ? body : JSON.stringify(unsigned)
    await refused(provider, { body: bare, headers: {} })
  })

  it.each(['postmark', 'brevo'] as const)(
    'is refused from %s: the credential is another',
    async (provider) => {
      const [user, password = ''] = HOOK_ENV.POSTMARK_WEBHOOK_AUTH.split(':')
      const { body } = sent(provider)
      for (const wrong of [`${user}:`, `${user}:${password}x`, `x:${password}`, password, ':'])
        await refused(provider, { body, headers: basic(wrong) })
      await refused(provider, { body, headers: { Authorization: `Bearer ${password}` } })
      await refused(provider, { body, headers: { Authorization: 'Basic %%%' } })
    },
  )

  it('is refused from mailgun: the key is another, or the time was not signed', async () => {
    const now = web.app.now()
    await refused(
      'mailgun',
      byMailgun({ event: 'complained' }, now, mailgunSignature(now, 'x'.repeat(32))),
    )
    const signature = { ...mailgunSignature(now.subtract({ hours: 1 })) }
    const timestamp = String(Number(signature.timestamp) + 3_600)
    await refused('mailgun', byMailgun({ event: 'complained' }, now, { ...signature, timestamp }))
  })

  it('is logged once a minute, without its content', async () => {
    await using fresh = await testHooks({ log })
    const wrong = { ...sent('postmark'), headers: basic('a:secret-that-is-wrong') }
    for (let times = 0; times < 3; times++) await fresh.hook('postmark', wrong)
    expect(lines).toEqual([expect.objectContaining({ provider: 'postmark', why: 'unsigned' })])
    expect(JSON.stringify(lines)).not.toMatch(/ada|secret|Complaint/)
  })
})

describe('a signed time', () => {
  it.each(TIMED)('may be off by five minutes either way for %s', async (provider) => {
    const at = (minutes: number) => COMPLAINTS[provider](web.app.now().add({ minutes }))
    expect(await status(provider, at(-6))).toBe(401)
    expect(await status(provider, at(6))).toBe(401)
    expect(web.taken).toEqual([])
    expect(await status(provider, at(-4))).toBe(200)
    expect(await status(provider, at(4))).toBe(200)
  })

  it('may be an hour old for SNS, which retries with its first signature', async () => {
    const at = (minutes: number) => COMPLAINTS.ses(web.app.now().add({ minutes }))
    expect(await status('ses', at(-61))).toBe(401)
    expect(await status('ses', at(6))).toBe(401)
    expect(web.taken).toEqual([])
    expect(await status('ses', at(-59))).toBe(200)
  })

  it('may be older where the operator allows it', async () => {
    await using slow = await testHooks({ env: { ...HOOK_ENV, WEBHOOK_TOLERANCE_MINUTES: '600' } })
    const at = (minutes: number) => COMPLAINTS.mailgun(slow.app.now().add({ minutes }))
    expect((await slow.hook('mailgun', at(-599))).status).toBe(200)
    expect((await slow.hook('mailgun', at(-601))).status).toBe(401)
    expect((await slow.hook('mailgun', at(6))).status).toBe(401)
  })
})

describe('a Mailgun token, which does not sign the body', () => {
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

  it('is deleted once it is too old to be accepted', async () => {
    await web.hook('mailgun', sent('mailgun'))
    web.clock.set(web.app.now().add({ minutes: 20 }))
    await web.hook('mailgun', sent('mailgun'))
    const kept = await web.db.selectFrom('webhook_tokens').select('until').execute()
    expect(kept).toHaveLength(1)
  })

  it('may be the parent account’s, for a domain of a subaccount', async () => {
    const now = web.app.now()
    const body = JSON.stringify({
      signature: mailgunSignature(now, 'the key of the account below'),
      'parent-signature': mailgunSignature(now),
      'event-data': { event: 'complained', id: 'x' },
    })
    expect(await status('mailgun', { body, headers: {} })).toBe(200)
  })
})
