/** A course with a look and weekdays of its own, among others, on the pages. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hiddenOf, textOf } from '../support/page.ts'
import { FORM, followed, type TestWeb, testWeb } from '../support/web.ts'

const PATH = '/courses/looking-closely'
const SHEET = `${PATH}/theme.css`
const FRIEND = 'https://teacher.example'

let web: TestWeb
beforeAll(async () => {
  web = await testWeb({ env: { EMBED_ORIGINS: FRIEND } })
})
afterAll(() => web[Symbol.asyncDispose]())

const pageOf = async (path: string) => (await web.get(path)).text()
const tickedIn = (html: string) =>
  [...html.matchAll(/name="weekdays" value="(\d)" checked/g)].map(([, day]) => day)
const enrollmentsOf = async (email: string) => {
  const subscriber = await web.app.subscriberByKey(email)
  return web.app.enrollmentsOf(subscriber?.id ?? '')
}
const weekdaysOf = async (email: string) => (await enrollmentsOf(email))[0]?.weekdays

describe('the front page', () => {
  it('shows each course, and leads to it', async () => {
    const html = await pageOf('/')
    for (const [slug, days] of [
      ['inner-wisdom', 30],
      ['looking-closely', 5],
    ]) {
      expect(html).toContain(`href="/courses/${slug}">See what the ${days} days hold`)
      expect(textOf(html)).toContain(web.app.series.get(String(slug))?.summary)
    }
  })
})

describe('the page of a course with a theme', () => {
  it.each([PATH, `${PATH}/embed`, `${PATH}/embed/enrolled`])('%s has its sheet, after ours', async (path) => {
    const sheets = (await pageOf(path)).match(/(?<=rel="stylesheet" href=")[^"]+/g)
    expect(sheets).toEqual(['/assets/style.css', SHEET])
  })

  it('is under the same policy as any other, with no style in the page itself', async () => {
    const [own, other] = await Promise.all([web.get(PATH), web.get('/courses/inner-wisdom')])
    const policy = 'content-security-policy'
    expect(own.headers.get(policy)).toBe(other.headers.get(policy))
    expect(own.headers.get(policy)).not.toContain('unsafe')
    expect(await own.text()).not.toMatch(/<style| style=/)
  })

  it('takes its colors by day and in the dark', async () => {
    const { headers } = await web.get(SHEET)
    expect(headers.get('content-type')).toBe('text/css; charset=utf-8')
    expect(headers.get('cache-control')).toMatch(/max-age=[1-9]/)
    const [, light = '', dark = ''] = (await pageOf(SHEET)).split('@media ')
    expect(light).toMatch(/^not all and \(prefers-color-scheme: dark\)/)
    expect(dark).toMatch(/^\(prefers-color-scheme: dark\)/)
    const { theme } = web.app.series.get('looking-closely') ?? {}
    for (const color of Object.values(theme?.light ?? {})) expect(light).toContain(`: ${color};`)
    for (const color of Object.values(theme?.dark ?? {})) expect(dark).toContain(`: ${color};`)
  })
})

describe('the page of a course without a theme', () => {
  it.each(['/courses/inner-wisdom', '/courses/inner-wisdom/embed', '/'])(
    '%s has our sheet alone',
    async (path) => {
      expect(await pageOf(path)).not.toContain('theme.css')
    },
  )

  it.each(['inner-wisdom', 'daily-inspiration', 'nothing'])('has no sheet: %s', async (slug) => {
    expect((await web.get(`/courses/${slug}/theme.css`)).status).toBe(404)
  })
})

describe('the form of a course for weekdays', () => {
  it('proposes them, on its page and in a frame', async () => {
    for (const path of [PATH, `${PATH}/embed`])
      expect(tickedIn(await pageOf(path))).toEqual(['1', '2', '3', '4', '5'])
  })

  it('lets a reader choose others, and gives those back when something is wrong', async () => {
    const chosen = { ...FORM, email: 'sunday@example.com', weekdays: ['6', '7'] }
    const response = await followed(web, await web.enroll({ ...chosen, zone: '' }, {}, 'looking-closely'))
    const html = await response.text()
    expect([response.status, tickedIn(html)]).toEqual([422, ['6', '7']])
    await web.enroll(chosen, {}, 'looking-closely')
    expect(await weekdaysOf('sunday@example.com')).toEqual([6, 7])
  })

  it('proposes nothing again to somebody who ticked none', async () => {
    const response = await followed(web, await web.enroll({ ...FORM, weekdays: [] }, {}, 'looking-closely'))
    expect([response.status, tickedIn(await response.text())]).toEqual([422, []])
  })

  it('stands in for what the short form of another site does not ask', async () => {
    const short = { form: 'short', email: 'short@example.com', name: '', website: '', time: '06:45' }
    await web.post(PATH, { ...short, zone: 'Europe/Berlin' }, { Origin: FRIEND })
    expect(await weekdaysOf('short@example.com')).toEqual([1, 2, 3, 4, 5])
  })
})

describe('somebody in two courses', () => {
  it('finds both on one page, each with its own days', async () => {
    const email = 'both@example.com'
    for (const [series, weekdays] of [
      ['inner-wisdom', ['1', '3']],
      ['looking-closely', ['2', '4']],
    ] as const)
      await web.enroll({ ...FORM, email, weekdays, daily: '' }, {}, series)
    const enrollments = await enrollmentsOf(email)
    expect(enrollments.map(({ series }) => series).sort()).toEqual(['inner-wisdom', 'looking-closely'])
    const token = web.app.links.token('confirm', enrollments[0]?.subscriber_id ?? '', web.app.now())
    const asked = await pageOf(`/confirm/${token}`)
    expect(textOf(asked)).toContain('Monday and Wednesday')
    expect(textOf(asked)).toContain('Tuesday and Thursday')
    await web.post(`/confirm/${token}`, hiddenOf(asked))
    const page = `/preferences/${web.app.links.token('preferences', enrollments[0]?.id ?? '', web.app.now())}`
    const html = await pageOf(page)
    for (const title of ['Unlocking Your Inner Wisdom', 'Five Mornings of Looking Closely'])
      expect(textOf(html)).toContain(title)
    expect(tickedIn(html).sort()).toEqual(['1', '2', '3', '4'])
  })
})

it('a logo of this site may be shown by any mailbox', async () => {
  const response = await web.get('/assets/looking-closely.png')
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/png'])
  expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
})
