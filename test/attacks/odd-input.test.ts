/** Whatever a stranger sends, and wherever, is answered without a server error. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Purpose } from '../../src/security/links.ts'
import { CONSENT, enrolled } from '../support/app.ts'
import { keptLog } from '../support/log.ts'
import { allRows, encoded, FORM, pathOf, type TestWeb, testWeb } from '../support/web.ts'

const ODD = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\u202e',
  '%',
  '%00',
  '%E0%A4%A',
  '..',
  '../..',
  '-1',
  '1e999',
  '99999999999999999999',
  'NaN',
  'true',
  'null',
  '[]',
  '{}',
  '__proto__',
  'constructor',
  '__defineGetter__',
  '0000-01-01',
  '0001-01-01',
  '9999-12-31',
  '+275760-09-13',
  '2027-02-30',
  '24:00',
  '7:00',
  "'; --",
  '🌅',
  '01960000-0000-7000-8000-000000000007',
]

const kept = keptLog()
let web: TestWeb
let enrollment: string
let paths: Record<'GET' | 'POST', string[]>
beforeAll(async () => {
  web = await testWeb({ log: kept.log })
  const { first, subscriber } = await enrolled(web)
  enrollment = first.id
  const { id: mail } = await web.db.selectFrom('deliveries').select('id').executeTakeFirstOrThrow()
  const tokens = PURPOSES.flatMap((purpose) =>
    [first.id, subscriber.id, mail].map((id) => web.app.links.token(purpose, id, web.app.now())),
  )
  const routed = (method: string) =>
    [
      ...new Set(
        web.server.routes.filter((route) => route.method === method).map(({ path }) => path),
      ),
    ].flatMap((path) => filled(path, tokens))
  paths = { GET: routed('GET'), POST: routed('POST') }
})
afterAll(() => web[Symbol.asyncDispose]())

const PURPOSES: readonly Purpose[] = [
  'confirm',
  'unsubscribe',
  'preferences',
  'address',
  'lessons',
  'days',
  'practice',
  'data',
]

/**
 * A route filled with valid tokens, with those for another purpose or id, and with invalid ones.
 */
function filled(path: string, tokens: readonly string[]): string[] {
  if (!path.includes(':')) return [path]
  const values =
    path.includes(':token') || path.includes(':file') ? [...tokens, 'x'] : ['inner-wisdom', ...ODD]
  return values.map((value) =>
    path
      .replace(/:\w+(\{[^}]*\})?/, encodeURIComponent(value.toWellFormed()))
      .replace(/:\w+/g, 'x'),
  )
}

async function isAnswered(response: Response, what: string) {
  expect(response.status, what).toBeLessThan(500)
  await response.body?.cancel()
}

describe('odd values', () => {
  it('are answered in any path', async () => {
    for (const path of paths.GET) await isAnswered(await web.get(path), path)
    for (const path of [
      '/%',
      '/%00',
      '/courses/%E0%A4%A',
      '/outbox/%2e%2e',
      '/assets/..%2f..%2fpackage.json',
    ])
      await isAnswered(await web.get(path), path)
  })

  it('are answered in the query of a personal page', async () => {
    const { pathname } = new URL(web.app.links.url('preferences', enrollment, web.app.now()))
    for (const odd of ODD) {
      const query = new URLSearchParams([
        ['done', odd],
        ['of', 'inner-wisdom'],
        ['of', odd],
        [odd, odd],
      ])
      await isAnswered(await web.server.request(`${pathname}?${query}`), odd)
    }
    expect(
      await (await web.server.request(`${pathname}?done=__defineGetter__&of=inner-wisdom`)).text(),
    ).not.toContain('[native code]')
  })

  it('are answered in every field of every form', async () => {
    const fields = [
      ...Object.keys(FORM),
      'stamp',
      'altcha',
      'scope',
      'which',
      'until',
      'pace',
      'quietFrom',
      'quietTo',
    ]
    for (const path of paths.POST)
      for (const odd of ['\u0000', '__proto__', '0000-01-01'])
        await isAnswered(
          await web.send(path, {
            ...Object.fromEntries(fields.map((name) => [name, [odd, odd]])),
            do: odd,
            series: odd,
          }),
          path,
        )
  })

  it('are answered with every button of the preferences page', async () => {
    const path = pathOf(web.app.links.url('preferences', enrollment, web.app.now()))
    const buttons = ['rhythm', 'pause-until', 'skip', 'go-on', 'name', 'address', '__proto__']
    for (const button of buttons)
      for (const odd of ODD) {
        const body = encoded({
          do: button,
          enrollment,
          time: '07:00',
          zone: 'UTC',
          weekdays: '1',
          which: odd,
          until: odd,
          quietFrom: odd,
          quietTo: odd,
          pace: odd,
          name: odd,
          email: odd,
          series: odd,
        })
        await isAnswered(await web.send(path, body), `${button} ${odd}`)
      }
  })

  it('are answered in headers', async () => {
    for (const name of [
      'Origin',
      'X-Forwarded-For',
      'Cookie',
      'Accept',
      'Content-Type',
      'Authorization',
    ])
      for (const odd of ['', 'null', '[', '%', '__proto__', ']:1'.repeat(4_000), '\u00e9'])
        await isAnswered(
          await web.send('/courses/inner-wisdom', 'email=x', { [name]: odd }),
          `${name}: ${odd}`,
        )
  })

  it('leave nothing in the log', () => {
    expect(kept.messages()).toEqual([])
  })
})

describe('simultaneous or repeated requests', () => {
  it('of two people for one new address give it to one, and the other is told', async () => {
    const links = []
    for (const email of ['one@example.com', 'two@example.com']) {
      const { first } = await enrolled(web, { email })
      await web.app.reader.changeAddress(first.id, {
        spec: 'shared@example.com',
        key: 'shared@example.com',
      })
      // An address gets no second mail to confirm within a day.
      web.clock.set(web.app.now().add({ hours: 25 }))
      const mail = await web.db
        .selectFrom('deliveries')
        .select('id')
        .where('enrollment_id', '=', first.id)
        .where('kind', '=', 'change')
        .executeTakeFirstOrThrow()
      links.push(web.app.links.url('address', mail.id, web.app.now()))
    }
    const statuses = (await Promise.all(links.map((link) => web.send(link)))).map(
      ({ status }) => status,
    )
    expect(statuses.sort()).toEqual([303, 422])
  })

  it('by the same link record one consent', async () => {
    const { first } = await enrolled(web, { email: 'ten@example.com' })
    await web.app.reader.changeAddress(first.id, {
      spec: 'eleven@example.com',
      key: 'eleven@example.com',
    })
    const mail = await web.db
      .selectFrom('deliveries')
      .select('id')
      .where('enrollment_id', '=', first.id)
      .where('kind', '=', 'change')
      .executeTakeFirstOrThrow()
    const link = web.app.links.url('address', mail.id, web.app.now())
    const answers = await Promise.all(Array.from({ length: 10 }, () => web.send(link)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([303]))
    const consents = await web.db
      .selectFrom('consents')
      .select('id')
      .where('enrollment_id', '=', first.id)
      .where('wording', '=', 'Yes, use this address')
      .execute()
    expect(consents).toHaveLength(1)
  })

  it('to start again add nothing if nothing has been sent yet', async () => {
    const { first } = await enrolled(web, { email: 'again@example.com' })
    expect(await web.app.reader.restart(first.id, CONSENT)).toBe(first.id)
    const { which = '' } = (await web.app.reader.upcoming(first.id)) ?? {}
    await web.app.reader.skipLesson(first.id, which)
    const fresh = await web.app.reader.restart(first.id, CONSENT)
    expect(fresh).not.toBe(first.id)
    const before = await allRows(web.db)
    for (let n = 0; n < 3; n++) expect(await web.app.reader.restart(fresh, CONSENT)).toBe(fresh)
    expect(await allRows(web.db)).toEqual(before)
  })
})

describe('a method that a path does not have', () => {
  it.each([
    ['POST', '/', 'GET, HEAD, OPTIONS'],
    ['GET', '/outbox/next-morning', null],
    ['DELETE', '/courses/inner-wisdom', 'GET, POST, HEAD, OPTIONS'],
    ['PUT', '/link', 'GET, POST, HEAD, OPTIONS'],
    ['POST', '/healthz', 'GET, HEAD, OPTIONS'],
    ['PATCH', '/unsubscribe/x', 'GET, POST, HEAD, OPTIONS'],
    ['DELETE', '/nowhere', null],
  ])('%s %s', async (method, path, allow) => {
    const response = await web.server.request(path, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([allow ? 405 : 404, allow])
  })

  it('is missing from the answer to OPTIONS, and HEAD works like GET', async () => {
    const options = await web.server.request('/link', { method: 'OPTIONS' })
    expect([options.status, options.headers.get('allow')]).toEqual([
      204,
      'GET, POST, HEAD, OPTIONS',
    ])
    expect((await web.head('/link')).status).toBe(200)
    expect((await web.head('/nowhere')).status).toBe(404)
  })
})
