import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enrolled } from '../../support/app.ts'
import {
  allRows,
  answerOf,
  type Body,
  encoded,
  followed,
  from,
  type TestWeb,
  testWeb,
} from '../../support/web.ts'

/** What a provider sends (RFC 8058). */
const ONE_CLICK = { 'List-Unsubscribe': 'One-Click' }

const linkFor = ({ app }: TestWeb, enrollmentId: string) =>
  app.links.url('unsubscribe', enrollmentId, app.now())

const statuses = async ({ db }: TestWeb, subscriberId: string) => {
  const rows = await db
    .selectFrom('enrollments')
    .select(['series', 'status'])
    .where('subscriber_id', '=', subscriberId)
    .execute()
  return Object.fromEntries(rows.map(({ series, status }) => [series, status]))
}

function multipart(): FormData {
  const form = new FormData()
  form.set('List-Unsubscribe', 'One-Click')
  return form
}

describe('one click', () => {
  let shared: TestWeb
  beforeAll(async () => {
    shared = await testWeb()
  })
  afterAll(() => shared[Symbol.asyncDispose]())

  const urlencoded = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const posts: [string, Body | undefined, Record<string, string>][] = [
    ['urlencoded', encoded(ONE_CLICK), {}],
    ['multipart', multipart(), {}],
    ['urlencoded without a body', '', urlencoded],
    ['multipart without a body', '', { 'Content-Type': 'multipart/form-data; boundary=x' }],
    [
      'multipart that breaks off',
      '--x\r\nContent-Disp',
      { 'Content-Type': 'multipart/form-data; boundary=x' },
    ],
    [
      'multipart that names no boundary',
      'List-Unsubscribe',
      { 'Content-Type': 'multipart/form-data' },
    ],
    ['without body and content type', undefined, {}],
    ['as plain text', 'List-Unsubscribe=One-Click', { 'Content-Type': 'text/plain' }],
    ['as JSON', '{"List-Unsubscribe":"One-Click"}', { 'Content-Type': 'application/json' }],
    ['with a content type of no sense', 'x', { 'Content-Type': ';;;/\u00a0=' }],
    [
      'from another site, with a cookie',
      encoded(ONE_CLICK),
      {
        Origin: 'https://mail.provider.example',
        Referer: 'https://mail.provider.example/inbox',
        'Sec-Fetch-Site': 'cross-site',
        Cookie: 'session=stranger',
      },
    ],
  ]

  it.each(posts)(
    '%s: is honored with 200, no redirect and no cookie',
    async (what, body, headers) => {
      const { first, subscriber } = await enrolled(shared, {
        email: `${posts.findIndex(([one]) => one === what)}@example.com`,
      })
      const response = await shared.post(linkFor(shared, first.id), body, headers)
      expect(response.status).toBe(200)
      expect(response.headers.get('location')).toBeNull()
      expect(response.headers.get('set-cookie')).toBeNull()
      const ended = { 'daily-inspiration': 'active', 'inner-wisdom': 'left' }
      expect(await statuses(shared, subscriber.id)).toEqual(ended)
    },
  )

  it('answers a provider in one short line', async () => {
    await using web = await testWeb()
    const { first } = await enrolled(web)
    expect((await answerOf(await web.post(linkFor(web, first.id), ONE_CLICK))).body).toBe(
      'Unsubscribed.',
    )
  })

  it('is recorded next to the consents before it', async () => {
    await using web = await testWeb()
    const { first } = await enrolled(web)
    await web.post(linkFor(web, first.id), ONE_CLICK, from('198.51.100.7'))
    const [withdrawn] = await web.db
      .selectFrom('consents')
      .selectAll()
      .where('event', '=', 'withdrawn')
      .execute()
    expect(withdrawn).toMatchObject({
      enrollment_id: first.id,
      wording: 'one click (RFC 8058)',
      network: '198.51.100.0/24',
    })
  })

  it('twice, or five times at once, is the same as once', async () => {
    await using web = await testWeb()
    const { first } = await enrolled(web)
    const link = linkFor(web, first.id)
    const answers = await Promise.all(Array.from({ length: 5 }, () => web.post(link, ONE_CLICK)))
    const [once, ...others] = await Promise.all(answers.map(answerOf))
    const after = await allRows(web.db)
    for (const other of others) expect(other).toEqual(once)
    expect(await answerOf(await web.post(link, ONE_CLICK))).toEqual(once)
    expect(await allRows(web.db)).toEqual(after)
    expect(after.consents?.filter((row) => row.includes('withdrawn'))).toHaveLength(1)
  })

  it('is honored for a reader who was erased', async () => {
    await using web = await testWeb()
    const { first, subscriber } = await enrolled(web)
    const link = linkFor(web, first.id)
    await web.db.deleteFrom('subscribers').where('id', '=', subscriber.id).execute()
    for (const body of [ONE_CLICK, {}]) expect((await web.post(link, body)).status).toBe(200)
    expect((await followed(web, await web.post(link, { scope: 'everything' }))).status).toBe(200)
    expect((await web.get(link)).status).toBe(200)
    expect(await web.db.selectFrom('suppressions').selectAll().execute()).toEqual([])
  })

  it('for an old enrollment ends the one that came after it', async () => {
    await using web = await testWeb()
    const { first } = await enrolled(web)
    const link = linkFor(web, first.id)
    await web.post(link, ONE_CLICK)
    web.clock.set(web.app.now().add({ hours: 24 * 60 }))
    await enrolled(web)
    await web.post(link, ONE_CLICK)
    const rows = await web.db
      .selectFrom('enrollments')
      .select('status')
      .where('series', '=', 'inner-wisdom')
      .execute()
    expect(rows).toEqual([{ status: 'left' }, { status: 'left' }])
  })

  it('works years later, and after the secret key was replaced', async () => {
    await using web = await testWeb()
    const { first, second, subscriber } = await enrolled(web)
    const [link, other] = [linkFor(web, first.id), linkFor(web, second?.id ?? '')]
    await using rotated = await testWeb({
      start: '2037-03-19T12:00:00Z',
      env: {
        DATABASE_URL: web.app.databaseUrl,
        SECRET_KEY: 'a new key after ten years,a key for tests and for nothing else',
      },
    })
    expect(linkFor(rotated, first.id)).not.toBe(link)
    expect((await rotated.get(link)).status).toBe(200)
    expect((await rotated.post(link, ONE_CLICK)).status).toBe(200)
    expect(await statuses(web, subscriber.id)).toEqual({
      'daily-inspiration': 'active',
      'inner-wisdom': 'left',
    })
    expect((await rotated.post(other, ONE_CLICK)).status).toBe(200)
    expect(await statuses(web, subscriber.id)).toEqual({
      'daily-inspiration': 'left',
      'inner-wisdom': 'left',
    })
  })

  it('with a forged link changes nothing', async () => {
    await using web = await testWeb()
    const { first } = await enrolled(web)
    const before = await allRows(web.db)
    const path = linkFor(web, first.id).slice(0, -6)
    const response = await web.post(path, ONE_CLICK)
    expect(response.status).toBe(404)
    expect(response.headers.get('location')).toBeNull()
    expect(await allRows(web.db)).toEqual(before)
  })
})
