/** The outcome of a form: a redirect to a page that can be reloaded, and what that carries. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, enrolled } from '../../support/app.ts'
import { formOf, hiddenOf, textOf } from '../../support/page.ts'
import {
  allRows,
  type Fields,
  FORM,
  followed,
  landed,
  leadsTo,
  stamped,
  type TestWeb,
  testWeb,
} from '../../support/web.ts'

const PATH = '/courses/inner-wisdom'
/** What a browser sends when it goes to a page. */
const BROWSER = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

let web: TestWeb
beforeAll(async () => {
  web = await testWeb({ env: { EMBED_ORIGINS: 'https://teacher.example' } })
})
afterAll(() => web[Symbol.asyncDispose]())

let people = 0
async function reader() {
  const { first, subscriber } = await enrolled(web, { email: `reader-${people++}@example.com` })
  const path = (purpose: 'preferences' | 'unsubscribe' | 'erase', id: string) =>
    `/${purpose}/${web.app.links.token(purpose, id, web.app.now())}`
  return {
    id: first.id,
    preferences: path('preferences', first.id),
    unsubscribe: path('unsubscribe', first.id),
    erase: path('erase', subscriber.id),
  }
}
const confirmPath = async () =>
  `/confirm/${web.app.links.token('confirm', (await ask(web, { email: `ask-${people++}@example.com` })).id, web.app.now())}`

/**
 * Every form, sent well and badly: where it is sent, with what, and the status of the page
 * that follows.
 */
const forms: [string, () => Promise<{ path: string; fields?: Fields; status: number }>][] = [
  [
    'to enroll, with a fault',
    async () => ({ path: PATH, fields: { ...FORM, email: 'nobody' }, status: 422 }),
  ],
  ['to enroll, too quickly', async () => ({ path: PATH, fields: FORM, status: 422 })],
  [
    'in a frame, with a fault',
    async () => ({ path: `${PATH}/embed`, fields: { ...FORM, zone: '' }, status: 422 }),
  ],
  ['to enroll in nothing', async () => ({ path: '/courses/nothing', fields: FORM, status: 404 })],
  [
    'for a link, with a fault',
    async () => ({ path: '/link', fields: { email: 'ada@' }, status: 422 }),
  ],
  [
    'for a link',
    async () => ({
      path: '/link',
      fields: stamped(web, { email: 'eve@example.com' }, '/link'),
      status: 200,
    }),
  ],
  ['to confirm', async () => ({ path: await confirmPath(), status: 200 })],
  ['to confirm, with a link that is none', async () => ({ path: '/confirm/1.a.b.c', status: 404 })],
  [
    'to change by a link that is none',
    async () => ({ path: '/preferences/1.a.b.c', fields: { do: 'pause' }, status: 404 }),
  ],
  ['with a fault in the rhythm', () => control({ do: 'rhythm', time: '25:00' }, 422)],
  ['with a fault in the name', () => control({ do: 'name', name: 'https://example.com' }, 422)],
  ['to pause until yesterday', () => control({ do: 'pause-until', until: '2027-03-18' }, 422)],
  ['to pause', () => control({ do: 'pause' }, 200)],
  ['with a button that is none', () => control({ do: 'fly' }, 422)],
  ['for a series of somebody else', () => control({ do: 'pause', enrollment: 'nothing' }, 404)],
  ['that breaks off', async () => ({ path: (await reader()).preferences, status: 422 })],
  [
    'to leave',
    async () => ({ path: (await reader()).unsubscribe, fields: { scope: 'series' }, status: 200 }),
  ],
  ['to erase', async () => ({ path: (await reader()).erase, status: 200 })],
]
async function control(fields: Fields, status: number) {
  const { preferences, id } = await reader()
  return { path: preferences, fields: { enrollment: id, ...fields }, status }
}

describe('a form that a browser sends', () => {
  it.each(forms)(
    '%s: is answered by a redirect to a reloadable page with the outcome',
    async (what, form) => {
      const { path, fields = {}, status } = await form()
      const broken = { ...BROWSER, 'Content-Type': 'multipart/form-data; boundary=x' }
      const response =
        what === 'that breaks off'
          ? await web.post(path, '--x\r\nContent-Disp', broken)
          : await web.post(path, fields, BROWSER)
      expect(response.status).toBe(303)
      const page = await followed(web, response)
      expect(page.status).toBe(status)
      expect(page.headers.get('cache-control')).toBe('no-store')
      const before = await allRows(web.db)
      expect((await followed(web, response)).status).toBe(status)
      expect(await allRows(web.db)).toEqual(before)
    },
  )

  it('sent once too often is answered without a redirect, with the time to wait', async () => {
    const { preferences } = await reader()
    const ask = (n: number) =>
      web.post(preferences, { do: 'address', email: `new${n}@example.org` }, BROWSER)
    for (let n = 0; n < 5; n++) await ask(n)
    const response = await ask(5)
    expect([response.status, response.headers.get('location')]).toEqual([429, null])
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
  })
})

describe('what the URL of a page carries', () => {
  const typo = { ...FORM, name: 'Ada', email: 'ada@exmaple.com' }
  const locationOf = async (fields: Fields, path?: string) =>
    (await web.enroll(fields, {}, path)).headers.get('location') ?? ''

  it('is unreadable, and under 5,000 characters whatever is sent', async () => {
    const worst = Object.fromEntries(Object.keys(FORM).map((name) => [name, '\u0001'.repeat(900)]))
    const location = await locationOf({ ...worst, weekdays: Array(400).fill('1') })
    expect(location.length).toBeLessThan(5_000)
    const plain = await locationOf(typo)
    expect(
      Buffer.from(plain.split('.').at(-1) ?? '', 'base64url').toString('latin1'),
    ).not.toContain('exmaple')
    expect(plain).not.toContain('exmaple')
    expect(await locationOf(typo)).not.toBe(plain)
  })

  it('shows the email address entered, and leads back to the form as it was filled in', async () => {
    const page = await followed(web, await web.enroll(typo))
    expect(page.headers.get('x-robots-tag')).toContain('noindex')
    const html = await page.text()
    expect(textOf(html)).toContain('Check the address: ada@exmaple.com . Wrong? Change it')
    const back = /href="([^"]+)">Change it/.exec(html)?.[1]?.replaceAll('&#x3D;', '=') ?? ''
    expect(back).toMatch(/^\/courses\/inner-wisdom\?form=[\w.-]+#email$/)
    const form = await web.get(back.replace(/#.*/, ''))
    expect(form.status).toBe(200)
    const filled = await form.text()
    expect(formOf(filled)).toEqual(typo)
    expect(filled).not.toContain('class="fault')
    const mended = { ...formOf(filled), ...hiddenOf(filled), email: 'ada@mended.example' }
    expect(leadsTo(await web.post(PATH, mended))).toBe('/enrolled')
    const sent = await web.db
      .selectFrom('subscribers')
      .select('address')
      .where('address', 'like', 'ada@%')
      .execute()
    expect(sent.map(({ address }) => address).sort()).toEqual([
      'ada@exmaple.com',
      'ada@mended.example',
    ])
  })

  it('is shown for an hour, on the page it was made for; otherwise it is ignored', async () => {
    const given = (await locationOf({ ...FORM, email: 'nobody' })).replace(/#.*/, '')
    const sealed = given.slice(given.indexOf('?'))
    const [fresh, enrolledPage] = [await web.get(PATH), await web.get('/enrolled')]
    expect([fresh.status, enrolledPage.status]).toEqual([200, 200])
    expect(await enrolledPage.text()).not.toContain('Check the address')
    const start = web.app.now()
    const tampered = sealed.slice(0, -2) + (sealed.endsWith('AA') ? 'BB' : 'AA')
    for (const [path, query, later] of [
      [PATH, tampered, 0],
      [PATH, '?form=', 0],
      [PATH, '?form=x.y&form=z', 0],
      [PATH, `?form=${'a'.repeat(9_000)}`, 0],
      [PATH, sealed, 60],
      ['/link', sealed, 0],
      ['/enrolled', tampered, 0],
    ] as const) {
      web.clock.set(start.add({ minutes: later }))
      const response = await web.get(path + query)
      web.clock.set(start)
      expect([path, query.slice(0, 20), response.status]).toEqual([path, query.slice(0, 20), 200])
      expect(await response.text()).not.toContain('nobody')
    }
    expect(await landed(web, await web.enroll({ ...FORM, email: 'nobody' }))).toContain(
      'value="nobody"',
    )
  })

  it('of one reader shows nothing on the page of another', async () => {
    const [ada, eve] = [await reader(), await reader()]
    const response = await web.post(ada.preferences, { do: 'address', email: 'new-ada@' })
    const query = response.headers.get('location')?.replace(/^[^?]*|#.*/g, '') ?? ''
    expect((await web.get(ada.preferences + query)).status).toBe(422)
    const page = await web.get(eve.preferences + query)
    expect(page.status).toBe(200)
    expect(await page.text()).not.toContain('new-ada')
  })

  it('lets readers see the new email address they asked for, and change it', async () => {
    const { preferences } = await reader()
    const html = await landed(
      web,
      await web.post(preferences, { do: 'address', email: 'new@exmaple.org' }),
    )
    expect(textOf(html)).toContain('Check the address: new@exmaple.org . Wrong? Change it')
    expect(html).toContain('value="new@exmaple.org"')
  })
})

describe('a script of another site, and a provider', () => {
  it('are answered without a redirect', async () => {
    const asJson = { Accept: 'application/json' }
    const faulty = await web.post(PATH, { ...FORM, email: 'nobody' }, asJson)
    expect([faulty.status, faulty.headers.get('location')]).toEqual([422, null])
    const { unsubscribe } = await reader()
    for (const body of [
      { 'List-Unsubscribe': 'One-Click' },
      { 'List-Unsubscribe': 'One-Click', scope: 'series' },
    ]) {
      const response = await web.post(unsubscribe, body, BROWSER)
      expect([response.status, response.headers.get('location')]).toEqual([200, null])
    }
  })
})
