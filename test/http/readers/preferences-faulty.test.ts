import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enrolled } from '../../support/app.ts'
import { faultsOf, formOf, textOf } from '../../support/page.ts'
import { allRows, type Fields, followed, type TestWeb, testWeb } from '../../support/web.ts'

const SEVEN = ['1', '2', '3', '4', '5', '6', '7']
const MORNINGS = { time: '07:00', zone: 'Europe/Berlin', weekdays: SEVEN }
const SAME = { ...MORNINGS, do: 'rhythm' }

const linkFor = ({ app }: TestWeb, enrollmentId: string) =>
  app.links.url('preferences', enrollmentId, app.now())

describe('a rhythm that is not valid', () => {
  let web: TestWeb
  let id: string
  beforeAll(async () => {
    web = await testWeb()
    id = (await enrolled(web)).first.id
  })
  afterAll(() => web[Symbol.asyncDispose]())

  it.each<[string, Fields, string, string]>([
    ['25:00', { time: '25:00' }, 'time', 'Choose a time between 00:00 and 23:59, like 07:00.'],
    [
      'markup for a time',
      { time: '"><script>' },
      'time',
      'Choose a time between 00:00 and 23:59, like 07:00.',
    ],
    ['no zone', { zone: '' }, 'zone', 'Choose a time zone from the list.'],
    ['an unknown zone', { zone: 'Mars/Olympus' }, 'zone', 'Choose a time zone from the list.'],
    ['no weekday', { weekdays: [] }, 'weekdays', 'Choose at least one weekday.'],
    ['weekday 9', { weekdays: ['9'] }, 'weekdays', 'Choose at least one weekday.'],
  ])(
    '%s: is redisplayed with the message at the field and the values kept',
    async (_, change, field, message) => {
      const before = await allRows(web.db)
      const sent = { ...SAME, ...change }
      const sentTo = await web.post(linkFor(web, id), { ...sent, enrollment: id })
      expect(sentTo.headers.get('location')?.replace(/.*#/, '')).toBe('fault')
      const response = await followed(web, sentTo)
      const html = await response.text()
      expect(response.status).toBe(422)
      expect(html).toMatch(new RegExp(`id="fault"[^]*Please check: <a href="#${field}-${id}">`))
      expect(faultsOf(html)).toEqual({ [`${field}-${id}`]: message })
      // A select and checkboxes can show only what can be chosen.
      const zone = field === 'zone' ? '' : sent.zone
      const weekdays = sent.weekdays.filter((day) => day !== '9')
      expect(formOf(html, id)).toMatchObject({ time: sent.time, zone, weekdays })
      expect(html).not.toContain('"><script>')
      expect(html).not.toContain('Saved.')
      expect(await allRows(web.db)).toEqual(before)
    },
  )

  it('of another reader, of nothing, or of a series that has ended is refused', async () => {
    const { first: other } = await enrolled(web, { email: 'eve@example.com' })
    const left = await enrolled(web, { email: 'bob@example.com' })
    await web.app.reader.unsubscribe(left.first.id, 'series', {
      wording: 'x',
      language: 'en',
      version: '2',
      source: 'x',
      network: 'x',
    })
    const before = await allRows(web.db)
    for (const [link, enrollment] of [
      [linkFor(web, id), other.id],
      [linkFor(web, id), 'nothing'],
      [linkFor(web, id), ''],
      [linkFor(web, left.first.id), left.first.id],
    ] as const) {
      const response = await followed(
        web,
        await web.post(link, { ...SAME, time: '09:00', enrollment }),
      )
      expect(response.status).toBe(404)
      expect(textOf(await response.text())).toContain(
        'This has already ended, so there is nothing to change.',
      )
    }
    expect(await allRows(web.db)).toEqual(before)
  })

  it('sent as a truncated body is the sender’s fault', async () => {
    const type = 'multipart/form-data; boundary=x'
    const response = await web.post(linkFor(web, id), '--x\r\nContent-Disp', {
      'Content-Type': type,
    })
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(response.status).toBeLessThan(500)
  })
})
