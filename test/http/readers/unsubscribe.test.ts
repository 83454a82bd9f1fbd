import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BACKENDS, enrolled, testApp } from '../../support/app.ts'
import { openMailbox } from '../../support/mailbox.ts'
import { textOf } from '../../support/page.ts'
import {
  allRows,
  answerOf,
  type Body,
  encoded,
  followed,
  from,
  landed,
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

describe('opening the link to leave', () => {
  it('changes nothing, however often and by whichever method', async () => {
    await using web = await testWeb()
    const { first } = await enrolled(web)
    const link = linkFor(web, first.id)
    const before = await allRows(web.db)
    for (let n = 0; n < 100; n++) {
      expect((await web.get(link)).status).toBe(200)
      expect((await web.head(link)).status).toBe(200)
    }
    expect((await web.get(`${link}?List-Unsubscribe=One-Click&scope=everything`)).status).toBe(200)
    expect(await allRows(web.db)).toEqual(before)
  })

  it('shows whom and what it ends, and two buttons', async () => {
    await using web = await testWeb()
    const { first } = await enrolled(web)
    const html = await (await web.get(linkFor(web, first.id))).text()
    expect(html).toMatch(/<form method="post"/)
    expect(html).toMatch(
      /<button[^>]* value="series">Unsubscribe from Unlocking Your Inner Wisdom</,
    )
    expect(html).toMatch(
      /<button[^>]* value="everything">Unsubscribe from everything, including The Daily Inspiration</,
    )
    expect(textOf(html)).toContain('a…@example.com')
    expect(html).not.toContain('ada@example.com')
  })

  it('needs a link that is short and shows no address', async () => {
    await using web = await testWeb()
    const { first } = await enrolled(web)
    const link = linkFor(web, first.id)
    expect(link.length).toBeLessThanOrEqual(200)
    expect(decodeURIComponent(link)).not.toMatch(/ada|@/)
  })
})

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

  it('answers a provider in a short line', async () => {
    await using web = await testWeb()
    const { first } = await enrolled(web)
    expect((await answerOf(await web.post(linkFor(web, first.id), ONE_CLICK))).body).toBe(
      'Unsubscribed.',
    )
  })

  it('is written down with what was agreed to before', async () => {
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

  it('is honored for somebody who was erased', async () => {
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

  it('works years later, and after the secret was replaced', async () => {
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

describe('the page to leave by', () => {
  it('ends this series alone when one says so', async () => {
    await using web = await testWeb()
    const { first, subscriber } = await enrolled(web)
    const response = await web.post(linkFor(web, first.id), { scope: 'series' })
    expect(textOf(await landed(web, response))).toContain(
      'You won’t get any more emails from Unlocking Your Inner Wisdom.',
    )
    expect(await statuses(web, subscriber.id)).toEqual({
      'daily-inspiration': 'active',
      'inner-wisdom': 'left',
    })
    expect(await web.db.selectFrom('suppressions').selectAll().execute()).toEqual([])
  })

  it('ends everything when one says so, and remembers it', async () => {
    await using web = await testWeb()
    const { first, subscriber } = await enrolled(web)
    const response = await web.post(linkFor(web, first.id), { scope: 'everything' })
    expect(textOf(await landed(web, response))).toContain('You won’t get any more emails from us.')
    expect(await statuses(web, subscriber.id)).toEqual({
      'daily-inspiration': 'left',
      'inner-wisdom': 'left',
    })
    const suppressed = await web.db.selectFrom('suppressions').selectAll().execute()
    expect(suppressed).toMatchObject([
      { address_hash: subscriber.address_hash, reason: 'unsubscribe' },
    ])
  })

  it('still offers everything to somebody who has left this series', async () => {
    await using web = await testWeb()
    const { first } = await enrolled(web)
    const link = linkFor(web, first.id)
    await web.post(link, ONE_CLICK)
    const html = await (await web.get(link)).text()
    expect(html).not.toContain('value="series"')
    expect(html).toContain('value="everything"')
    expect(textOf(html)).toContain('a…@example.com no longer gets')
  })
})

describe.each(BACKENDS)('mail that was planned before somebody left, queue on %s', (backend) => {
  it('does not leave: none after everything, only the other series after one click', async () => {
    await using mailbox = await openMailbox()
    await using web = await testWeb({
      backend,
      env: { SMTP_URL: mailbox.url, ONE_MAIL_HOURS: '0' },
    })
    const people = {
      all: await enrolled(web, { email: 'all@example.com' }),
      one: await enrolled(web, { email: 'one@example.com' }),
      none: await enrolled(web, { email: 'none@example.com' }),
    }
    web.clock.set('2027-03-20T06:00:00Z') // 07:00 in Berlin
    expect(await web.app.sender.plan()).toBe(6)
    expect(await web.app.sender.queue.depth()).toBeGreaterThan(0)
    await web.post(linkFor(web, people.all.first.id), { scope: 'everything' })
    await web.post(linkFor(web, people.one.first.id), ONE_CLICK)
    await web.settle()
    const kindsFor = async (email: string) => {
      const rows = await web.db
        .selectFrom('deliveries as d')
        .innerJoin('enrollments as e', 'e.id', 'd.enrollment_id')
        .innerJoin('subscribers as s', 's.id', 'e.subscriber_id')
        .select('d.kind')
        .where('s.address', '=', email)
        .where('d.status', '=', 'sent')
        .orderBy('d.kind')
        .execute()
      return rows.map(({ kind }) => kind)
    }
    expect(mailbox.to('all@example.com')).toEqual([])
    expect(await kindsFor('all@example.com')).toEqual([])
    expect(await kindsFor('one@example.com')).toEqual(['inspiration'])
    expect(mailbox.to('one@example.com')).toHaveLength(1)
    expect(await kindsFor('none@example.com')).toEqual(['inspiration', 'lesson', 'welcome'])
    expect(mailbox.to('none@example.com')).toHaveLength(3)
  })

  it('does not leave on later mornings either', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ backend, env: { SMTP_URL: mailbox.url } })
    const { first } = await enrolled(test)
    await test.settle()
    const consent = { wording: 'x', source: 'x', network: 'x' }
    await test.app.reader.unsubscribe(first.id, 'everything', consent)
    const sent = mailbox.received.length
    for (let day = 1; day <= 5; day++) {
      test.clock.set(test.app.now().add({ hours: 24 }))
      await test.settle()
    }
    expect(mailbox.received).toHaveLength(sent)
  })
})
