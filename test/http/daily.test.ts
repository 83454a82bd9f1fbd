/** The daily inspirations on the web. */
import { load } from 'cheerio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Daily, inspirationOn } from '../../src/domain/course.ts'
import { textOf } from '../support/page.ts'
import { type TestWeb, testWeb } from '../support/web.ts'

const TODAY = Temporal.PlainDate.from('2027-03-19')

let web: TestWeb
let daily: Daily
beforeAll(async () => {
  web = await testWeb({ start: `${TODAY}T12:00:00Z` })
  daily = web.app.series.get('daily-inspiration') as Daily
})
afterAll(() => web?.[Symbol.asyncDispose]())

const titleOf = (days: number) => inspirationOn(daily, TODAY.subtract({ days })).title
const page = async (path: string) => {
  const response = await web.get(path)
  const html = await response.text()
  return { response, html, $: load(html) }
}

describe('the page of a daily', () => {
  it('is found at /daily, and shows the inspiration of today', async () => {
    const { response } = await page('/daily')
    expect([response.status, response.headers.get('location')]).toEqual([302, '/daily/daily-inspiration'])
    const { $ } = await page('/daily/daily-inspiration')
    expect($('h1').text()).toBe(titleOf(0))
    expect($('article .prose').html()?.trim()).toBe(inspirationOn(daily, TODAY).html)
  })

  it('lists the thirty before it, each with its page', async () => {
    const { $ } = await page('/daily/daily-inspiration')
    const titles = $('.mails .what')
      .toArray()
      .map((one) => $(one).text())
    expect(titles).toEqual(Array.from({ length: 30 }, (_, index) => titleOf(index + 1)))
    const oldest = $('.mails a').last().attr('href') ?? ''
    expect(oldest).toBe('/daily/daily-inspiration/2027-02-17')
    expect((await page(oldest)).$('h1').text()).toBe(titleOf(30))
  })

  it.each([
    ['of tomorrow', '/daily/daily-inspiration/2027-03-20'],
    ['of long ago', '/daily/daily-inspiration/2027-02-16'],
    ['of no date', '/daily/daily-inspiration/2027-02-30'],
    ['of another daily', '/daily/nothing'],
    ['of a course', '/daily/inner-wisdom'],
  ])('%s is not there', async (_, path) => {
    expect((await page(path)).response.status).toBe(404)
  })

  it('is led to from the front page, which shows the same', async () => {
    const { html, $ } = await page('/')
    expect(textOf(html)).toContain(titleOf(0))
    expect($('a[href="/daily/daily-inspiration"]').length).toBeGreaterThan(0)
  })
})

describe('the feed', () => {
  it('holds thirty entries, today’s first, each with an id and an address of its own', async () => {
    const { response, html } = await page('/daily/daily-inspiration/feed')
    expect(response.headers.get('content-type')).toBe('application/atom+xml; charset=utf-8')
    const $ = load(html, { xml: true })
    expect($('feed > id').text()).toBe('https://courses.example/daily/daily-inspiration')
    expect($('feed > updated').text()).toBe('2027-03-19T00:00:00Z')
    expect($('feed > link[rel="self"]').attr('href')).toBe(
      'https://courses.example/daily/daily-inspiration/feed',
    )
    const entries = $('entry').toArray()
    expect(entries).toHaveLength(30)
    expect(new Set(entries.map((one) => $(one).children('id').text())).size).toBe(30)
    expect($('entry > title').first().text()).toBe(titleOf(0))
    // Escaped once as XML: what a reader gets is the HTML that stands on the page.
    expect($('entry > content').first().text()).toBe(inspirationOn(daily, TODAY).html)
    const link = $('entry > link').last().attr('href') ?? ''
    expect((await page(link)).response.status).toBe(200)
  })

  it('is found by browsers on the page of the daily', async () => {
    const { $ } = await page('/daily/daily-inspiration')
    expect($('link[type="application/atom+xml"]').attr('href')).toBe('/daily/daily-inspiration/feed')
  })
})
