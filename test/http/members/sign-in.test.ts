import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CONSENT, enrolled } from '../../support/app.ts'
import { linksOf, type Mailbox, openMailbox } from '../../support/mailbox.ts'
import { faultsOf, hiddenOf, textOf } from '../../support/page.ts'
import { allRows, landed, leadsTo, stamped, type TestWeb, testWeb } from '../../support/web.ts'

let mailbox: Mailbox
let web: TestWeb
beforeAll(async () => {
  mailbox = await openMailbox()
  web = await testWeb({ env: { SMTP_URL: mailbox.url, PUBLIC_URL: 'https://courses.example' } })
})
afterAll(async () => {
  await web?.[Symbol.asyncDispose]()
  await mailbox?.[Symbol.asyncDispose]()
})

let people = 0
let email = ''
beforeEach(async () => {
  email = `ada${++people}@example.com`
})

const reader = () => enrolled(web, { email })

/** Asks to sign in, and gives the link that came by mail. */
async function askedLink(to?: string): Promise<string> {
  await web.askToSignIn(email, to)
  await web.settle()
  const link = mailbox
    .to(email)
    .flatMap(linksOf)
    .findLast((one) => one.includes('/sign-in/'))
  if (!link) throw new Error('nothing came')
  return link
}

const cookieIn = (response: Response) => response.headers.get('set-cookie') ?? ''
const sessionOf = (response: Response) => cookieIn(response).replace(/;.*/, '')

/** Asks, and presses the button; gives the cookie. */
async function signedIn(): Promise<string> {
  return sessionOf(await web.post(await askedLink()))
}

const page = async (cookie: string) => (await web.get('/member', { cookie })).text()
const isSignedIn = async (cookie: string) => (await web.get('/member', { cookie })).status === 200

describe('asking to sign in', () => {
  it('gets the same answer to the byte for anyone, and mails only those who confirmed', async () => {
    await reader()
    const left = await enrolled(web, { email: `left${people}@example.com` })
    await web.app.reader.unsubscribe(left.first.id, 'everything', CONSENT)
    const bounced = await enrolled(web, { email: `bounced${people}@example.com` })
    await web.db
      .insertInto('suppressions')
      .values({
        address_hash: bounced.subscriber.address_hash,
        reason: 'bounce',
        created_at: String(web.app.now()),
      })
      .execute()
    const asking = [
      email,
      `left${people}@example.com`,
      `bounced${people}@example.com`,
      'no@example.com',
    ]
    const said = []
    for (const one of asking) {
      const response = await web.askToSignIn(one)
      expect([response.status, leadsTo(response)]).toEqual([303, '/sign-in/sent'])
      said.push((await landed(web, response)).replace(one, '').replace(/form&#x3D;[\w.-]+/, ''))
    }
    expect(new Set(said).size).toBe(1)
    await web.settle()
    const got = asking.filter((one) =>
      mailbox.to(one).some(({ mail }) => mail.subject === 'Your link to sign in'),
    )
    expect(got).toEqual([email, `left${people}@example.com`])
  })

  it('sends one mail while its link works, and another at once after it was used', async () => {
    await reader()
    const count = () =>
      mailbox.to(email).filter(({ mail }) => mail.subject === 'Your link to sign in').length
    const first = await askedLink()
    await askedLink()
    expect(count()).toBe(1)
    await web.post(first)
    expect(await askedLink()).not.toBe(first)
    expect(count()).toBe(2)
  })

  it('floods no mailbox: at most ten unused links are sent a day', async () => {
    await reader()
    const start = web.app.now()
    const count = () =>
      mailbox.to(email).filter(({ mail }) => mail.subject === 'Your link to sign in').length
    for (let n = 0; n < 12; n++) {
      web.clock.set(start.add({ minutes: 15 * n }))
      await web.db.deleteFrom('rate_limits').execute()
      await askedLink()
    }
    expect(count()).toBe(10)
    web.clock.set(start.add({ hours: 24 }))
    await web.post(await askedLink())
    expect(count()).toBe(11)
    // A used link shows that all is well.
    await askedLink()
    expect(count()).toBe(12)
  })

  it('stores only a hash of a link', async () => {
    await reader()
    const token = (await askedLink()).replace(/.*\//, '')
    const cookie = sessionOf(await web.post(`/sign-in/${token}`))
    const rows = JSON.stringify(await allRows(web.db))
    expect(rows).toContain(createHash('sha256').update(token).digest('hex'))
    expect(rows).not.toContain(token)
    expect(rows).not.toContain(cookie.replace(/.*=/, ''))
  })

  it('redisplays a form without a valid address, and keeps where it leads', async () => {
    const fields = stamped(web, { email: 'ada@', to: '/articles/x' }, '/sign-in')
    const html = await landed(web, await web.post('/sign-in', fields))
    expect(faultsOf(html)).toEqual({ email: 'There’s nothing after the @.' })
    expect(hiddenOf(html).to).toBe('/articles/x')
  })
})

describe('a sign-in link', () => {
  it('opens a page that says who signs in, and changes nothing before the button', async () => {
    await reader()
    const link = await askedLink('/articles/x?page=2#comments')
    const before = await allRows(web.db)
    for (const method of ['get', 'head', 'get'] as const) {
      const response = await web[method](link)
      expect([response.status, cookieIn(response)]).toEqual([200, ''])
      expect(response.headers.get('referrer-policy')).toBe('strict-origin')
      expect(response.headers.get('cache-control')).toBe('no-store')
    }
    expect(textOf(await (await web.get(link)).text())).toContain('with the address a…@example.com')
    expect(await allRows(web.db)).toEqual(before)
    const response = await web.post(link)
    expect(response.headers.get('location')).toBe(
      `/member?to=${encodeURIComponent('/articles/x?page=2#comments')}`,
    )
    expect(cookieIn(response)).toMatch(
      /^__Host-dawnpost=[\w-]{43}; Max-Age=15552000; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
    expect(textOf(await page(sessionOf(response)))).toContain('signed in with the address a…@')
  })

  it('works once, even when pressed fifty times at once', async () => {
    await reader()
    const link = await askedLink()
    const all = await Promise.all(Array.from({ length: 50 }, () => web.post(link)))
    const cookies = all.map(sessionOf).filter(Boolean)
    expect(cookies).toHaveLength(1)
    const late = await web.get(link)
    expect([late.status, textOf(await late.text())]).toEqual([
      410,
      expect.stringContaining('already been used'),
    ])
    // Whoever pressed twice is simply signed in.
    const [cookie = ''] = cookies
    expect((await web.get(link, { cookie })).headers.get('location')).toBe('/member')
  })

  it('works for fifteen minutes, and not after links were made void', async () => {
    const { first } = await reader()
    const link = await askedLink()
    web.clock.set(web.app.now().add({ minutes: 15 }))
    for (const response of [await web.get(link), await web.post(link)])
      expect([response.status, cookieIn(response)]).toEqual([410, ''])
    const next = await askedLink()
    await web.app.reader.voidLinks({ id: first.id, epoch: 0 })
    expect([(await web.get(next)).status, (await web.post(next)).status]).toEqual([410, 410])
    expect(textOf(await (await web.get('/sign-in/cut')).text())).toContain('incomplete')
  })

  it('is accepted from our own page only', async () => {
    await reader()
    const link = await askedLink()
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ] as const)
      expect((await web.post(link, undefined, headers)).status).toBe(403)
    const ours = { origin: 'https://courses.example' }
    expect((await web.post(link, undefined, ours)).status).toBe(303)
  })

  it.each([
    ['//evil.example', '/member'],
    ['/\\evil.example', '/member'],
    ['/\t/evil.example', '/member'],
    ['/.//evil.example', '/member'],
    ['https://evil.example/', '/member'],
    ['https:evil.example', '/member'],
    ['javascript:alert(1)', '/member'],
    ['', '/member'],
    ['/%2f%2fevil.example', `/member?to=${encodeURIComponent('/%2f%2fevil.example')}`],
    ['/articles/a b', `/member?to=${encodeURIComponent('/articles/a%20b')}`],
  ])('leads to this site only: %j', async (to, where) => {
    await reader()
    const response = await web.post(await askedLink(to))
    expect(response.headers.get('location')).toBe(where)
    // The member's page checks its own target, too.
    const cookie = sessionOf(response)
    const html = await (await web.get(`/member?to=${encodeURIComponent(to)}`, { cookie })).text()
    expect(hiddenOf(html).to).not.toContain('//evil')
  })

  it('ends the session that the browser had, so that nobody can plant one', async () => {
    await reader()
    const planted = await signedIn()
    const link = await askedLink()
    const response = await web.post(link, undefined, { cookie: planted })
    expect(sessionOf(response)).not.toBe(planted)
    expect([await isSignedIn(planted), await isSignedIn(sessionOf(response))]).toEqual([
      false,
      true,
    ])
    const madeUp = `__Host-dawnpost=${'a'.repeat(43)}`
    const other = await web.post(await askedLink(), undefined, { cookie: madeUp })
    expect(await isSignedIn(madeUp)).toBe(false)
    expect(await isSignedIn(sessionOf(other))).toBe(true)
  })
})
