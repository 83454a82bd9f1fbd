/** What readers see and can do once months of the ledger are dropped. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CONSENT, enrolled } from '../../support/app.ts'
import { live } from '../../support/mornings.ts'
import { textOf } from '../../support/page.ts'
import { type TestWeb, testWeb } from '../../support/web.ts'

let web: TestWeb
let ada: Awaited<ReturnType<typeof enrolled>>
let bob: Awaited<ReturnType<typeof enrolled>>
/** A lesson of Ada's and the inspiration in its mail, and one of Bob's, who has nothing else. */
let ids: { lesson: string; merged: string; inspiration: string }

beforeAll(async () => {
  web = await testWeb()
  ada = await enrolled(web)
  bob = await enrolled(web, { email: 'bob@example.com', series: ['daily-inspiration'] })
  await live(web, '2027-03-20T07:00', '2027-03-21T07:00')
  const all = await web.db
    .selectFrom('deliveries')
    .select(['id', 'kind', 'status', 'enrollment_id'])
    .orderBy('id')
    .execute()
  const find = (kind: string, enrollment: string | undefined) =>
    all.find((row) => row.kind === kind && row.enrollment_id === enrollment)?.id ?? ''
  ids = {
    lesson: find('lesson', ada.first.id),
    merged: find('inspiration', ada.second?.id),
    inspiration: find('inspiration', bob.first.id),
  }
  for (const { id } of [...ada.enrollments, ...bob.enrollments])
    await web.app.reader.pause(id, null)
  web.clock.set('2027-08-02T12:00:00Z')
  await web.app.sender.maintainLedger()
})
afterAll(() => web?.[Symbol.asyncDispose]())

const link = (purpose: 'lessons' | 'days' | 'practice' | 'data', id: string) =>
  web.app.links.url(purpose, id, web.app.now())
const page = async (purpose: Parameters<typeof link>[0], id: string) => {
  const response = await web.get(link(purpose, id))
  return { status: response.status, text: textOf(await response.text()) }
}
const kinds = async () => {
  const rows = await web.db
    .selectFrom('deliveries')
    .select('kind')
    .distinct()
    .orderBy('kind')
    .execute()
  return rows.map(({ kind }) => kind)
}

describe('three months later', () => {
  it('inspirations and confirmations are gone; all else is kept', async () => {
    expect(await kinds()).toEqual(['lesson', 'welcome'])
  })

  it('a link to an inspiration says that it is no longer kept', async () => {
    for (const id of [ids.inspiration, ids.merged]) {
      const { status, text } = await page('lessons', id)
      expect([status, text]).toEqual([410, expect.stringContaining('This email is no longer kept')])
    }
  })

  it('a lesson is read as it was, though the inspiration in its mail is gone', async () => {
    const { status, text } = await page('lessons', ids.lesson)
    expect([status, text]).toEqual([200, expect.stringContaining('Today’s practice')])
    expect((await page('practice', ids.lesson)).status).toBe(200)
  })

  it('the page of a daily says since when it is complete', async () => {
    const { text } = await page('days', bob.first.id)
    expect(text).toContain('Emails from before May 1, 2027 are no longer kept.')
    expect(text).not.toContain('Nothing here yet')
    expect((await page('days', ada.first.id)).text).not.toContain('no longer kept')
  })

  it('the last inspiration cannot be sent again, but the last lesson can', async () => {
    for (const id of [bob.first.id, ada.first.id]) await web.app.reader.resume(id)
    await expect(web.app.reader.sendAgain(bob.first.id)).rejects.toMatchObject({
      key: 'control.again.not-kept',
    })
    await web.app.reader.sendAgain(ada.first.id)
    expect(await kinds()).toContain('again')
  })

  it('the export of a person’s data says since when it is complete', async () => {
    const all = await web.app.reader.exportData(bob.subscriber.id)
    expect(all.mailsKept).toEqual({
      inspirationsAndRequestsSince: Temporal.PlainDate.from('2027-05-01'),
      daysAfterEndOfEnrollment: 365,
    })
    expect(all.enrollments[0]?.mails.map(({ kind }) => kind)).toEqual(['welcome'])
    expect((await page('data', bob.subscriber.id)).text).toContain(
      'emails with links from before May 1, 2027 are no longer kept',
    )
  })

  it('the operator sees what will be dropped, and when', async () => {
    const { months, old } = (await web.app.operator.status()).ledger
    const of = (name: string) => months.find((month) => month.name === name)
    expect(of('deliveries_passing_2027_08')).toMatchObject({ dropsOn: '2027-11-30' })
    expect(of('deliveries_kept_2027_03')).toMatchObject({
      dropsOn: '2028-03-31',
      daysAfterEnrollments: 365,
    })
    expect([months[0]?.name, old]).toEqual(['deliveries_passing_2027_05', null])
  })
})

describe('a year after they have left', () => {
  beforeAll(async () => {
    for (const { first } of [ada, bob])
      await web.app.reader.unsubscribe(first.id, 'everything', CONSENT)
    web.clock.set('2028-09-01T12:00:00Z')
    await web.app.sender.maintainLedger()
  })

  it('nothing is left of their mails, but all of their consents', async () => {
    expect(await kinds()).toEqual([])
    const { enrollments } = await web.app.reader.exportData(ada.subscriber.id)
    expect(enrollments.map(({ consents }) => consents.length)).toEqual([3, 3])
  })

  it('their links say so', async () => {
    const lesson = await page('lessons', ids.lesson)
    expect([lesson.status, lesson.text]).toEqual([410, expect.stringContaining('no longer kept')])
    const days = await page('days', ada.first.id)
    expect([days.status, days.text]).toEqual([
      200,
      expect.stringContaining('ended a long time ago'),
    ])
    expect(days.text).not.toContain('of 30')
  })

  it('they can still be erased', async () => {
    await web.app.reader.erase(ada.subscriber.id)
    const rows = await web.db.selectFrom('subscribers').select('address').execute()
    expect(rows).toEqual([{ address: 'bob@example.com' }])
  })
})
