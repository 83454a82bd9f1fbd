import { describe, expect, it } from 'vitest'
import { BACKENDS, enrolled, testApp } from '../../support/app.ts'
import { openMailbox } from '../../support/mailbox.ts'
import { textOf } from '../../support/page.ts'
import { allRows, landed, type TestWeb, testWeb } from '../../support/web.ts'

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

describe('opening the unsubscribe link', () => {
  it('changes nothing by GET or HEAD, however often', async () => {
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

  it('shows for whom and what it ends, with two buttons', async () => {
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

describe('the unsubscribe page', () => {
  it('ends only this series when asked to', async () => {
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

  it('ends everything when asked to, and remembers it', async () => {
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

  it('still offers to end everything after this series was left', async () => {
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

describe.each(BACKENDS)('mail planned before a reader left, queue on %s', (backend) => {
  it('is not sent: none after leaving everything, only the other series’ after one click', async () => {
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

  it('is not sent on later mornings either', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ backend, env: { SMTP_URL: mailbox.url } })
    const { first } = await enrolled(test)
    await test.settle()
    const consent = { wording: 'x', language: 'en', version: '2', source: 'x', network: 'x' }
    await test.app.reader.unsubscribe(first.id, 'everything', consent)
    const sent = mailbox.received.length
    for (let day = 1; day <= 5; day++) {
      test.clock.set(test.app.now().add({ hours: 24 }))
      await test.settle()
    }
    expect(mailbox.received).toHaveLength(sent)
  })
})
