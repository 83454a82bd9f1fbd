/** What a mail’s links lead to besides the preferences page. */
import { load } from 'cheerio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CONSENT, enrolled } from '../../support/app.ts'
import { textOf } from '../../support/page.ts'
import { followed, type TestWeb, testWeb } from '../../support/web.ts'

let web: TestWeb
beforeAll(async () => {
  web = await testWeb()
})
afterAll(() => web[Symbol.asyncDispose]())

const page = async (where: string) => {
  const response = await web.get(where)
  const html = await response.text()
  return { response, html, $: load(html), text: textOf(html) }
}

describe('going on with the daily', () => {
  it('starts it in the same rhythm and records the consent, once', async () => {
    const { first } = await enrolled(web, { email: 'eve@example.com', series: ['inner-wisdom'] })
    await web.db
      .updateTable('enrollments')
      .set({ status: 'completed', due_on: null, due_at: null, ended_at: String(web.app.now()) })
      .where('id', '=', first.id)
      .execute()
    const path = `/preferences/${web.app.links.token('preferences', first.id, web.app.now())}`
    const { $, text } = await page(`${path}/completion`)
    expect(text).toContain('has ended')
    const wording = $('form .quiet').first().text()
    for (let times = 0; times < 2; times++) {
      const fields = { enrollment: first.id, series: 'daily-inspiration', do: 'go-on' }
      expect((await web.post(path, fields)).status).toBe(303)
    }
    const all = await web.app.operator.enrollmentsOf(first.subscriber_id)
    expect(all.map(({ series, status }) => `${series} ${status}`)).toEqual([
      'inner-wisdom completed',
      'daily-inspiration active',
    ])
    expect(all[1]).toMatchObject({ time_of_day: '07:00', zone: 'Europe/Berlin' })
    const consents = await web.db
      .selectFrom('consents')
      .select(['event', 'wording'])
      .where('enrollment_id', '=', all[1]?.id ?? '')
      .orderBy('id')
      .execute()
    expect(consents).toEqual([
      { event: 'asked', wording },
      { event: 'confirmed', wording },
    ])
  })

  it('is refused to anyone who has left', async () => {
    const { first } = await enrolled(web, { email: 'gone@example.com', series: ['inner-wisdom'] })
    await web.app.reader.unsubscribe(first.id, 'everything', CONSENT)
    const path = `/preferences/${web.app.links.token('preferences', first.id, web.app.now())}`
    const fields = { enrollment: first.id, series: 'daily-inspiration', do: 'go-on' }
    expect((await followed(web, await web.post(path, fields))).status).toBe(404)
  })
})

describe('a link with one control', () => {
  const path = async (email: string, name: string) => {
    const { first } = await enrolled(web, { email, series: ['inner-wisdom'] })
    const base = `/preferences/${web.app.links.token('preferences', first.id, web.app.now())}`
    return { id: first.id, base, link: `${base}/${name}` }
  }

  it('pauses by its form, and says when it is paused', async () => {
    const { id, base, link } = await path('pause@example.com', 'pause')
    const { $, text } = await page(link)
    expect(text).toContain('Pause Unlocking Your Inner Wisdom?')
    expect($('form').attr('action')).toBe(base)
    expect((await web.post(base, { enrollment: id, do: 'pause' })).status).toBe(303)
    expect((await page(link)).text).toContain('It’s paused.')
    expect((await page(`${base}/now`)).text).toContain('is paused. Resume it first.')
  })

  it('sends the next one now by its form, once a day', async () => {
    const { id, base, link } = await path('now@example.com', 'now')
    expect((await page(link)).text).toContain('Send day 1 now')
    expect((await web.post(base, { enrollment: id, do: 'now' })).status).toBe(303)
    expect((await page(link)).text).toContain('You can get another one tomorrow.')
  })

  it('has nothing to do in a series that was left', async () => {
    const { id, base, link } = await path('left@example.com', 'pause')
    await web.app.reader.unsubscribe(id, 'series', CONSENT)
    expect((await page(link)).text).toContain('Nothing to pause')
    expect((await page(`${base}/now`)).text).toContain('Nothing to send now')
  })
})
