/** A member's own page, and sessions. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CONSENT, enrolled } from '../../support/app.ts'
import { mailedToken, signedIn } from '../../support/members.ts'
import { faultsOf, hiddenOf, textOf } from '../../support/page.ts'
import { allRows, followed, leadsTo, type TestWeb, testWeb } from '../../support/web.ts'

const DAY = 24

let web: TestWeb
beforeAll(async () => {
  web = await testWeb()
})
afterAll(() => web?.[Symbol.asyncDispose]())

let people = 0
let email = ''
let person: Awaited<ReturnType<typeof enrolled>>
beforeEach(async () => {
  email = `ada${++people}@example.com`
  person = await enrolled(web, { email })
})

const cookieFor = (session: string) => `__Host-dawnpost=${session}`
const entering = async () => cookieFor((await signedIn(web, email)).session)
const sessionOf = (response: Response) =>
  (response.headers.get('set-cookie') ?? '').replace(/;.*/, '')
const page = async (cookie: string, where = '/member') => (await web.get(where, { cookie })).text()
const isSignedIn = async (cookie: string) => (await web.get('/member', { cookie })).status === 200
const later = (hours: number) => web.clock.set(web.app.now().add({ hours }))

/** Sends a form of the page with its hidden fields. */
const send = async (cookie: string, path: string, fields: Record<string, string>) =>
  web.post(path, { ...hiddenOf(await page(cookie)), ...fields }, { cookie })

describe('a name', () => {
  it('is chosen, changed and shown; the session continues under a new id', async () => {
    const cookie = await entering()
    const response = await send(cookie, '/member/name', { name: `Ada ${people}` })
    expect(response.headers.get('location')).toBe('/member?saved=yes')
    const next = sessionOf(response)
    expect([await isSignedIn(cookie), await isSignedIn(next)]).toEqual([false, true])
    expect(await page(next)).toContain(`value="Ada ${people}"`)
    const again = sessionOf(await send(next, '/member/name', { name: `Ada B. ${people}` }))
    const link = `/sign-in/${await mailedToken(web, email)}`
    expect(textOf(await (await web.get(link)).text())).toContain(`as Ada B. ${people} ,`)
    expect(await isSignedIn(again)).toBe(true)
  })

  it('leads back to where one came from once it is saved', async () => {
    const cookie = await entering()
    const where = '/member?to=%2Farticles%2Fx%23comments'
    const hidden = hiddenOf(await page(cookie, where))
    const wrong = await web.post('/member/name', { ...hidden, name: 'A' }, { cookie })
    const back = await web.server.request(wrong.headers.get('location') ?? '', {
      headers: { cookie },
    })
    const html = await back.text()
    expect([back.status, faultsOf(html)]).toEqual([422, { name: 'Use 2 to 40 characters.' }])
    const named = { ...hiddenOf(html), name: `Bo ${people}` }
    expect((await web.post('/member/name', named, { cookie })).headers.get('location')).toBe(
      '/articles/x#comments',
    )
  })

  it('belongs to one member only, even when several choose it at once', async () => {
    const cookies = [await entering()]
    for (const n of [1, 2, 3]) {
      await enrolled(web, { email: `other${n}${email}` })
      cookies.push(cookieFor((await signedIn(web, `other${n}${email}`)).session))
    }
    const spelled = ['Zoë Q', 'ZOË-Q', 'zoë.q', 'Zoë  Q']
    const all = await Promise.all(
      cookies.map((cookie, n) => send(cookie, '/member/name', { name: `${spelled[n]}${people}` })),
    )
    const won = all.filter((one) => one.headers.get('location') === '/member?saved=yes')
    expect(won).toHaveLength(1)
    const lost = all.find((one) => !won.includes(one)) as Response
    const cookie = cookies[all.indexOf(lost)] ?? ''
    const where = lost.headers.get('location')?.replace(/#.*/, '') ?? ''
    expect(textOf(await page(cookie, where))).toContain('Someone else has this name')
  })

  it('cannot be that of the site or of those who run it', async () => {
    const cookie = await entering()
    for (const name of [web.app.letterhead.siteName, 'Moderator']) {
      const { headers } = await send(cookie, '/member/name', { name })
      const where = headers.get('location')?.replace(/#.*/, '') ?? ''
      expect(textOf(await page(cookie, where)), name).toContain('kept for the people who run')
    }
  })
})

describe('a session', () => {
  it('that is missing or made up leads to sign in, and back', async () => {
    for (const cookie of ['', cookieFor('x'), cookieFor('a'.repeat(43))]) {
      const response = await web.get('/member?to=%2Farticles%2Fx', { cookie })
      expect([response.status, response.headers.get('location')]).toEqual([
        303,
        `/sign-in?to=${encodeURIComponent('/member?to=%2Farticles%2Fx')}`,
      ])
    }
    expect((await web.post('/member/name', { name: 'Ada' })).status).toBe(303)
    const cookie = await entering()
    expect(leadsTo(await web.get('/sign-in?to=%2Farticles%2Fx', { cookie }))).toBe('/articles/x')
  })

  it('accepts only the forms of its own pages', async () => {
    const cookie = await entering()
    await enrolled(web, { email: `eve${email}` })
    const eve = hiddenOf(await page(cookieFor((await signedIn(web, `eve${email}`)).session)))
    const mine = hiddenOf(await page(cookie))
    const before = await allRows(web.db)
    for (const [fields, headers] of [
      [{}, {}],
      [{ session: 'x' }, {}],
      [{ session: eve.session ?? '' }, {}],
      [mine, { 'sec-fetch-site': 'cross-site' }],
      [mine, { origin: 'https://evil.example' }],
    ] as [Record<string, string>, Record<string, string>][])
      for (const path of ['/member/name', '/member/sign-out'])
        expect(
          (await web.post(path, { ...fields, name: 'Eve' }, { cookie, ...headers })).status,
        ).toBe(403)
    expect(await allRows(web.db)).toEqual(before)
  })

  it('ends in this browser, or everywhere', async () => {
    const [one, two, three] = [await entering(), await entering(), await entering()]
    expect(textOf(await page(one))).toContain('In 3 browsers')
    const out = await send(two, '/member/sign-out', { where: 'here' })
    expect(out.headers.get('set-cookie')).toMatch(/^__Host-dawnpost=; Max-Age=0; Path=\/; Secure/)
    expect(textOf(await (await followed(web, out)).text())).toContain('You’re signed out')
    expect(await Promise.all([one, two, three].map(isSignedIn))).toEqual([true, false, true])
    await send(one, '/member/sign-out', { where: 'everywhere' })
    expect(await Promise.all([one, three].map(isSignedIn))).toEqual([false, false])
  })

  it('ends after 30 days without a visit or half a year with visits, and is then deleted', async () => {
    const left = await entering()
    later(30 * DAY)
    expect(await isSignedIn(left)).toBe(false)
    const kept = await entering()
    for (let month = 0; month < 6; month++) {
      later(30 * DAY - 1)
      expect(await isSignedIn(kept), `${month}`).toBe(true)
    }
    later(6)
    expect(await isSignedIn(kept)).toBe(false)
    await web.app.sender.purge()
    const { sessions, sign_ins } = await allRows(web.db)
    expect([sessions, sign_ins]).toEqual([[], []])
  })

  it('records a visit at most once an hour', async () => {
    const cookie = await entering()
    const seen = async () => (await allRows(web.db)).sessions
    const before = await seen()
    later(1)
    await page(cookie)
    expect(await seen()).toEqual(before)
    web.clock.set(web.app.now().add({ seconds: 1 }))
    await page(cookie)
    expect(await seen()).not.toEqual(before)
  })

  it('ends when links are made void, but not when its reader leaves', async () => {
    const cookie = await entering()
    await web.app.reader.unsubscribe(person.first.id, 'everything', CONSENT)
    expect(await isSignedIn(cookie)).toBe(true)
    expect(await isSignedIn(await entering())).toBe(true)
    await web.app.reader.voidLinks({ id: person.first.id, epoch: 0 })
    expect(await isSignedIn(cookie)).toBe(false)
  })
})

describe('a change of address', () => {
  it('signs the member out, and lets the new address sign in after a week', async () => {
    const cookie = await entering()
    const named = sessionOf(await send(cookie, '/member/name', { name: `Owner ${people}` }))
    const other = `new${email}`
    await web.app.reader.changeAddress(person.first.id, { spec: other, key: other })
    const { id } = await web.db
      .selectFrom('address_changes')
      .select('id')
      .where('subscriber_id', '=', person.subscriber.id)
      .executeTakeFirstOrThrow()
    await web.app.reader.confirmAddress(id, CONSENT)
    expect(await isSignedIn(named)).toBe(false)
    const early = `/sign-in/${await mailedToken(web, other)}`
    for (const response of [await web.get(early), await web.post(early)])
      expect(response.status).toBe(410)
    expect(textOf(await (await web.get(early)).text())).toContain('changed recently')
    later(7 * DAY)
    const link = `/sign-in/${await mailedToken(web, other)}`
    expect(textOf(await (await web.get(link)).text())).toContain(`as Owner ${people} ,`)
  })

  it.each([
    ['the name that the first one had', true],
    ['the name of the second, where the first was no member', false],
  ])('that is undone merges two members into one, with %s', async (_, isMember) => {
    if (isMember) await send(await entering(), '/member/name', { name: `First ${people}` })
    const other = `thief${email}`
    await web.app.reader.changeAddress(person.first.id, { spec: other, key: other })
    const { id } = await web.db
      .selectFrom('address_changes')
      .select('id')
      .where('subscriber_id', '=', person.subscriber.id)
      .executeTakeFirstOrThrow()
    await web.app.reader.confirmAddress(id, CONSENT)
    // The owner enrolls anew and signs in before reading the mail about the change.
    await enrolled(web, { email })
    const anew = await entering()
    await send(anew, '/member/name', { name: `Second ${people}` })
    await web.app.reader.undoAddress(id, CONSENT)
    expect(await isSignedIn(anew)).toBe(false)
    const name = `${isMember ? 'First' : 'Second'} ${people}`
    expect(await page(await entering())).toContain(`value="${name}"`)
  })
})
