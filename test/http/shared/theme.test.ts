/** A course with a look and weekdays of its own, among others, on the pages. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BERLIN_SEVEN, CONSENT, enrolled } from '../../support/app.ts'
import { hiddenOf, textOf } from '../../support/page.ts'
import { FORM, followed, type TestWeb, testWeb } from '../../support/web.ts'

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
  const subscriber = await web.app.operator.subscriberByKey(email)
  return web.app.operator.enrollmentsOf(subscriber?.id ?? '')
}
const weekdaysOf = async (email: string) => (await enrollmentsOf(email))[0]?.weekdays

describe('the front page', () => {
  it('shows each course and links to it', async () => {
    const html = await pageOf('/')
    for (const [slug, days] of [
      ['inner-wisdom', 30],
      ['looking-closely', 5],
    ]) {
      expect(html).toContain(`href="/courses/${slug}">See all ${days} lessons`)
      expect(textOf(html)).toContain(web.app.series.get(String(slug))?.summary)
    }
  })
})

describe('the page of a course with a theme', () => {
  it.each([PATH, `${PATH}/embed`, `${PATH}/embed/enrolled`])(
    '%s has the course’s style sheet after ours',
    async (path) => {
      const sheets = (await pageOf(path)).match(/(?<=rel="stylesheet" href=")[^"]+/g)
      expect(sheets).toEqual(['/assets/style.css', SHEET])
    },
  )

  it('has the same policy as any other, with no inline styles', async () => {
    const [own, other] = await Promise.all([web.get(PATH), web.get('/courses/inner-wisdom')])
    const policy = 'content-security-policy'
    expect(own.headers.get(policy)).toBe(other.headers.get(policy))
    expect(own.headers.get(policy)).not.toContain('unsafe')
    expect(await own.text()).not.toMatch(/<style| style=/)
  })

  it('gets its colors for light and for dark', async () => {
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
    '%s has our style sheet alone',
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

  it('lets a reader choose others, and keeps those when something is wrong', async () => {
    const chosen = { ...FORM, email: 'sunday@example.com', weekdays: ['6', '7'] }
    const response = await followed(
      web,
      await web.enroll({ ...chosen, zone: '' }, {}, 'looking-closely'),
    )
    const html = await response.text()
    expect([response.status, tickedIn(html)]).toEqual([422, ['6', '7']])
    await web.enroll(chosen, {}, 'looking-closely')
    expect(await weekdaysOf('sunday@example.com')).toEqual([6, 7])
  })

  it('does not propose them again to a reader who checked none', async () => {
    const response = await followed(
      web,
      await web.enroll({ ...FORM, weekdays: [] }, {}, 'looking-closely'),
    )
    expect([response.status, tickedIn(await response.text())]).toEqual([422, []])
  })

  it('supplies the weekdays that another site’s short form does not ask for', async () => {
    const short = {
      form: 'short',
      email: 'short@example.com',
      name: '',
      website: '',
      time: '06:45',
    }
    await web.post(PATH, { ...short, zone: 'Europe/Berlin' }, { Origin: FRIEND })
    expect(await weekdaysOf('short@example.com')).toEqual([1, 2, 3, 4, 5])
  })
})

describe('the daily beside a course for weekdays', () => {
  const daysOf = async (email: string) =>
    Object.fromEntries(
      (await enrollmentsOf(email)).map(({ series, weekdays, time_of_day, zone }) => [
        series,
        [weekdays.join(''), time_of_day, zone],
      ]),
    )
  const WEEKDAYS_ONLY = ['12345', '07:00', 'Europe/Berlin']
  const EVERY_DAY = ['1234567', '07:00', 'Europe/Berlin']

  it('comes every day, as the checkbox, the consent and the confirmation page say', async () => {
    const email = 'tick@example.com'
    const page = textOf(await pageOf(PATH))
    expect(page).toContain('Also send me The Daily Inspiration , every day at the same time.')
    expect(page).toContain('and, if I checked the box, The Daily Inspiration, one every day.')
    await web.enroll({ ...FORM, email, weekdays: ['1', '2', '3', '4', '5'] }, {}, 'looking-closely')
    expect(await daysOf(email)).toEqual({
      'looking-closely': WEEKDAYS_ONLY,
      'daily-inspiration': EVERY_DAY,
    })
    const [{ subscriber_id: id = '' } = {}] = await enrollmentsOf(email)
    const asked = textOf(
      await pageOf(`/confirm/${web.app.links.token('confirm', id, web.app.now())}`),
    )
    expect(asked).toContain('Five Mornings of Looking Closely , Monday to Friday at 07:00')
    expect(asked).toContain('The Daily Inspiration , every day at 07:00')
  })

  it('comes every day through the short form, as its words say', async () => {
    const code = textOf(await pageOf(`${PATH}/embed-code`))
    const words = /I agree that Dawnpost emails me the 5 lessons[^.]*\./.exec(code)?.[0] ?? ''
    expect(words).toMatch(
      /, one a day, Monday to Friday, and, if I checked the box, .* one every day\.$/,
    )
    const short = {
      form: 'short',
      email: 'short-daily@example.com',
      website: '',
      time: '07:00',
      daily: 'yes',
    }
    await web.post(PATH, { ...short, zone: 'Europe/Berlin' }, { Origin: FRIEND })
    expect(await daysOf(short.email)).toEqual({
      'looking-closely': WEEKDAYS_ONLY,
      'daily-inspiration': EVERY_DAY,
    })
    const ids = (await enrollmentsOf(short.email)).map(({ id }) => id)
    const consents = await web.db
      .selectFrom('consents')
      .select('id')
      .where('enrollment_id', 'in', ids)
      .where('wording', 'like', `${words}%`)
      .execute()
    expect(consents).toHaveLength(2)
  })

  it('comes every day after it at the hour on the button, whatever was requested before', async () => {
    const email = 'on@example.com'
    const series = ['looking-closely']
    const rhythm = { ...BERLIN_SEVEN, weekdays: [1, 2, 3, 4, 5] as const, everyOther: true }
    const { first } = await enrolled(web, { email, rhythm, series })
    await web.enroll({ ...FORM, email, time: '21:00', weekdays: ['3'] }, {}, 'daily-inspiration')
    await web.db
      .updateTable('enrollments')
      .set({ status: 'completed', due_on: null, due_at: null })
      .where('id', '=', first.id)
      .execute()
    const path = `/preferences/${web.app.links.token('preferences', first.id, web.app.now())}`
    const page = textOf(await pageOf(`${path}/completion`))
    expect(page).toContain('Send it to me every day at 07:00')
    expect(page).toContain('emails me The Daily Inspiration, one every day.')
    const fields = { enrollment: first.id, series: 'daily-inspiration', do: 'go-on' }
    for (let times = 0; times < 2; times++) await web.post(path, fields)
    expect(await daysOf(email)).toMatchObject({ 'daily-inspiration': EVERY_DAY })
    const daily = (await enrollmentsOf(email)).find(({ series }) => series === 'daily-inspiration')
    // It is noon UTC on Friday, 19 March 2027.
    expect([daily?.status, daily?.every_other, String(daily?.due_on)]).toEqual([
      'active',
      false,
      '2027-03-20',
    ])
  })

  it('is offered by a link, not by a button that cannot work, once the course was left', async () => {
    const { first } = await enrolled(web, {
      email: 'left@example.com',
      series: ['looking-closely'],
    })
    await web.app.reader.unsubscribe(first.id, 'series', CONSENT)
    const path = `/preferences/${web.app.links.token('preferences', first.id, web.app.now())}/completion`
    const html = await pageOf(path)
    expect(html).not.toContain('<button')
    expect(html).toContain('<a class="button" href="/courses/daily-inspiration">')
  })
})

describe('a reader in two courses', () => {
  it('finds both on one page, each with its own days', async () => {
    const email = 'both@example.com'
    for (const [series, weekdays] of [
      ['inner-wisdom', ['1', '3']],
      ['looking-closely', ['2', '4']],
    ] as const)
      await web.enroll({ ...FORM, email, weekdays, daily: '' }, {}, series)
    const enrollments = await enrollmentsOf(email)
    expect(enrollments.map(({ series }) => series).sort()).toEqual([
      'inner-wisdom',
      'looking-closely',
    ])
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

it('a logo of this site may be shown by any mail client', async () => {
  const response = await web.get('/assets/looking-closely.png')
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/png'])
  expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
})
