import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inspirationOn } from '../../../src/domain/course.ts'
import { textOf } from '../../support/page.ts'
import { answerOf, type TestWeb, testWeb } from '../../support/web.ts'

let web: TestWeb
beforeAll(async () => {
  web = await testWeb()
})
afterAll(() => web[Symbol.asyncDispose]())

const shown = async (path: string) => textOf(await (await web.get(path)).text())

describe('the front page', () => {
  it('shows the course and links to it', async () => {
    const html = await (await web.get('/')).text()
    const course = web.app.series.get('inner-wisdom')
    expect(textOf(html)).toContain(course?.title)
    expect(textOf(html)).toContain(course?.summary)
    expect(html).toContain('href="/courses/inner-wisdom"')
  })

  it('shows today’s inspiration, and tomorrow the next one', async () => {
    const daily = web.app.series.get('daily-inspiration')
    if (daily?.kind !== 'daily') throw new Error('there is no daily')
    const titleOn = (date: string) =>
      textOf(inspirationOn(daily, Temporal.PlainDate.from(date)).title)
    web.clock.set('2027-03-19T23:59:59Z')
    expect(await shown('/')).toContain(titleOn('2027-03-19'))
    web.clock.set('2027-03-20T00:00:00Z')
    const next = await shown('/')
    expect(next).toContain(titleOn('2027-03-20'))
    expect(next).not.toContain(titleOn('2027-03-19'))
  })

  it('says, like every page, that courses are no substitute for professional help', async () => {
    for (const path of ['/', '/courses/inner-wisdom', '/enrolled', '/nowhere']) {
      expect(await shown(path)).toContain(
        'The courses here are no substitute for professional help',
      )
    }
  })
})

describe('the page of a course', () => {
  it('shows what it is, how it begins, and all its lessons', async () => {
    const course = web.app.series.get('inner-wisdom')
    if (course?.kind !== 'course') throw new Error('there is no course')
    const page = await shown('/courses/inner-wisdom')
    expect(page).toContain(course.title)
    expect(page).toContain(textOf(course.description))
    for (const { title } of course.parts) expect(page).toContain(title)
    for (const { subject } of course.lessons) expect(page).toContain(subject)
  })

  it('shows a form with every day checked, no zone chosen, and the words of the consent', async () => {
    const html = await (await web.get('/courses/inner-wisdom')).text()
    expect(html.match(/name="weekdays" value="\d" checked/g)).toHaveLength(7)
    expect(html).not.toContain(' selected')
    expect(html).toContain('<option value="">Choose yours</option>')
    expect(textOf(html)).toContain(
      'one a day on the days I choose, and, if I checked the box, The Daily Inspiration, one every day.',
    )
  })

  it('offers the daily inspiration, unchecked', async () => {
    const html = await (await web.get('/courses/inner-wisdom')).text()
    expect(html).toContain('<input type="checkbox" name="daily" value="yes">')
    expect(textOf(html)).toContain(
      'Also send me The Daily Inspiration , every day at the same time.',
    )
  })

  it('lists zones by their current names', async () => {
    const html = await (await web.get('/courses/inner-wisdom')).text()
    for (const zone of ['Europe/Kyiv', 'Asia/Kolkata', 'America/Argentina/Buenos_Aires', 'UTC']) {
      expect(html).toContain(`<option value="${zone}"`)
    }
    expect(html).not.toContain('value="Europe/Kiev"')
  })

  it('has a form for the daily inspiration as well', async () => {
    const html = await (await web.get('/courses/daily-inspiration')).text()
    expect(html).toContain('action="/courses/daily-inspiration"')
    expect(html).not.toContain('name="daily"')
  })
})

describe('an address that leads nowhere', () => {
  it.each([
    '/nowhere',
    '/courses/',
    '/courses/nothing',
    '/courses/__proto__',
    '/courses/%E0%A4%A',
    '/assets/',
    '/assets/style.scss',
    '/assets/..%2F..%2F..%2Fpackage.json',
    '/assets/%00.css',
    '/confirm',
    '/unsubscribe/',
  ])('%s gets a page that says so', async (path) => {
    const response = await web.get(path)
    expect(response.status).toBe(404)
    expect(await response.text()).toContain('Page not found')
  })
})

describe('the headers of every answer', () => {
  const PATHS = [
    '/',
    '/courses/inner-wisdom',
    '/enrolled',
    '/nowhere',
    '/confirm/forged',
    '/unsubscribe/forged',
  ]

  it.each(PATHS)(
    '%s cannot be framed, sniffed or cached, and is sent as no referrer',
    async (path) => {
      const { headers } = await web.get(path)
      const policy = headers.get('content-security-policy') ?? ''
      for (const part of [
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
      ]) {
        expect(policy).toContain(part)
      }
      expect(policy).not.toContain('unsafe')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('x-frame-options')).toBe('SAMEORIGIN')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('content-type')).toBe('text/html; charset=UTF-8')
      expect(headers.get('x-powered-by')).toBeNull()
      expect(headers.get('set-cookie')).toBeNull()
    },
  )

  it('are set on a redisplayed form and on a redirect as well', async () => {
    for (const fields of [
      {},
      { email: 'h@example.com', time: '07:00', zone: 'UTC', weekdays: ['1'] },
    ]) {
      const { headers } = await web.enroll(fields)
      expect(headers.get('content-security-policy')).toContain("default-src 'self'")
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('cache-control')).toBe('no-store')
    }
  })

  it('ask browsers to stay with HTTPS only where the site has it', async () => {
    expect((await web.get('/')).headers.get('strict-transport-security')).toMatch(/^max-age=\d{7,}/)
    await using plain = await testWeb({ env: { PUBLIC_URL: 'http://localhost:3000' } })
    expect((await plain.get('/')).headers.get('strict-transport-security')).toBeNull()
  })

  it.each([
    ['style.css', 'text/css; charset=utf-8'],
    ['form.js', 'text/javascript; charset=utf-8'],
    ['sun.svg', 'image/svg+xml; charset=utf-8'],
  ])('let browsers cache %s for a while', async (name, type) => {
    const response = await web.get(`/assets/${name}`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe(type)
    expect(response.headers.get('cache-control')).toMatch(/max-age=[1-9]/)
  })

  it('answer 304 for a file that has not changed', async () => {
    const known = (await web.get('/assets/style.css')).headers.get('etag') ?? ''
    const again = await web.get('/assets/style.css', { 'If-None-Match': known })
    expect([again.status, await again.text()]).toEqual([304, ''])
    expect(again.headers.get('cache-control')).toMatch(/max-age=[1-9]/)
    const other = await web.get('/assets/style.css', { 'If-None-Match': '"another"' })
    expect(other.status).toBe(200)
  })

  it('announce compression of files but not of pages, whose length would leak secrets', async () => {
    const zip = { 'Accept-Encoding': 'gzip' }
    const file = await web.get('/assets/style.css', zip)
    expect(file.headers.get('content-encoding')).toBe('gzip')
    const bytes = gunzipSync(new Uint8Array(await file.arrayBuffer()))
    expect(bytes.toString()).toBe(await (await web.get('/assets/style.css')).text())
    expect((await web.get('/', zip)).headers.get('content-encoding')).toBeNull()
  })
})

describe('HEAD', () => {
  it.each(['/', '/courses/inner-wisdom', '/enrolled', '/healthz', '/nowhere', '/confirm/forged'])(
    '%s answers like GET, without the body',
    async (path) => {
      const got = await answerOf(await web.get(path))
      const headed = await answerOf(await web.head(path))
      expect(headed).toEqual({ ...got, body: '' })
    },
  )

  it('of a file has its length and type, but may lack its ETag (RFC 9110, 9.3.2)', async () => {
    const { headers, body } = await answerOf(await web.get('/assets/style.css'))
    const { etag, vary, ...others } = headers
    expect([etag, vary]).toEqual([expect.stringMatching(/^"\w{40}"$/), 'Accept-Encoding'])
    expect(Number(headers['content-length'])).toBe(Buffer.byteLength(body))
    const headed = await answerOf(await web.head('/assets/style.css'))
    expect(headed).toEqual({ status: 200, headers: others, body: '' })
  })
})
