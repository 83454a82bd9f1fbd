/**
 * Links as they really arrive: with what stood behind them, escaped again, with a host in
 * capitals.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Purpose } from '../../../src/security/links.ts'
import { enrolled } from '../../support/app.ts'
import { mailedToken } from '../../support/members.ts'
import { answerOf, type TestWeb, testWeb } from '../../support/web.ts'

const BEHIND = [
  '/',
  '.',
  ')',
  '>',
  ',',
  ';',
  ':',
  '!',
  '"',
  "'",
  ']',
  '*',
  '_',
  '/.',
  ').',
  '>)',
  '//',
  '”',
  '\u200b',
  '%3E',
  '%2E',
  '%29',
  '%22',
  '%2F',
  '%20',
  '%0A',
  '%253E',
  '%25253E',
  '%C2%AD',
  '&gt;',
  '%3Futm=x',
  '=20',
]

let web: TestWeb
let ids: Record<string, string>
let token: string
beforeAll(async () => {
  web = await testWeb()
  const { first, subscriber } = await enrolled(web)
  await web.app.reader.requestRight(first.id, 'export')
  const { id: mail } = await web.db
    .selectFrom('deliveries')
    .select('id')
    .where('kind', '=', 'welcome')
    .executeTakeFirstOrThrow()
  token = await mailedToken(web, 'ada@example.com')
  ids = { enrollment: first.id, subscriber: subscriber.id, mail }
})
afterAll(() => web[Symbol.asyncDispose]())

const path = (purpose: Purpose, id: string) =>
  `/${purpose}/${web.app.links.token(purpose, id, web.app.now())}`
const ask = async (where: string, origin = 'http://localhost') =>
  answerOf(await web.server.request(`${origin}${where}`))

describe('a page', () => {
  it.each<[Purpose, string, string]>([
    ['unsubscribe', 'enrollment', ''],
    ['preferences', 'enrollment', ''],
    ['preferences', 'enrollment', '/pause'],
    ['days', 'enrollment', ''],
    ['confirm', 'subscriber', ''],
    ['data', 'subscriber', ''],
    ['data', 'subscriber', '.json'],
    ['erase', 'subscriber', ''],
  ])('to %s of the %s%s answers as for the clean link', async (purpose, of, rest) => {
    const clean = path(purpose, ids[of] ?? '') + rest
    const answer = await ask(clean)
    expect(answer.status).toBe(200)
    // After a sub-path, some of these would make it another path.
    const behind = rest === '/pause' ? BEHIND.filter((one) => !/_|&gt|utm|=20/.test(one)) : BEHIND
    for (const one of behind) expect(await ask(clean + one), one).toEqual(answer)
    for (const escaped of [
      clean.replaceAll('.', '%2E'),
      clean.replaceAll('.', '%252e'),
      clean.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
      clean.replace(/^\/(\w+)\//, '/$1%2F'),
      `/${clean}`,
    ])
      expect(await ask(escaped), escaped).toEqual(answer)
    expect(await ask(clean, 'http://LOCALHOST')).toEqual(answer)
  })

  it('to sign in does likewise', async () => {
    const clean = `/sign-in/${token}`
    const answer = await ask(clean)
    expect(answer.status).toBe(200)
    for (const one of [...BEHIND.map((behind) => clean + behind), clean.replace('n/', 'n%2F')])
      expect(await ask(one), one).toEqual(answer)
  })

  it('of a course does, too, and no other address becomes a page', async () => {
    const { status } = await ask('/courses/inner-wisdom/')
    expect(status).toBe(200)
    expect((await ask('/courses/inner-wisdom).')).status).toBe(200)
    for (const none of [
      '/courses',
      '/courses/inner',
      '/unsubscribe/',
      '/unsubscribe/1.a.b.c',
      '/assets/..%2fpages',
    ])
      expect((await ask(none)).status, none).toBe(404)
  })
})

it('a one-click unsubscribe is honored by any of them, without a redirect', async () => {
  for (const [n, behind] of BEHIND.entries()) {
    const { first } = await enrolled(web, {
      email: `reader${n}@example.com`,
      series: ['inner-wisdom'],
    })
    const where = path('unsubscribe', first.id) + behind
    const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' })
    const response = await web.server.request(where, { method: 'POST', body })
    expect(
      [response.status, response.headers.get('location'), await response.text()],
      behind,
    ).toEqual([200, null, 'Unsubscribed.'])
  }
  const open = await web.db
    .selectFrom('enrollments as e')
    .innerJoin('subscribers as s', 's.id', 'e.subscriber_id')
    .select('s.address')
    .where('s.address', 'like', 'reader%')
    .where('e.status', '=', 'active')
    .execute()
  expect(open).toEqual([])
})
