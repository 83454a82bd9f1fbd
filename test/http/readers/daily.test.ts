/** The daily inspirations on the web. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { load } from 'cheerio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCourses } from '../../../src/content/courses.ts'
import { type Daily, inspirationOn } from '../../../src/domain/course.ts'
import { COURSE, DAILY, folder } from '../../content/folder.ts'
import { textOf } from '../../support/page.ts'
import { type TestWeb, testWeb } from '../../support/web.ts'

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
  it('is reached from /daily, and shows today’s inspiration', async () => {
    const { response } = await page('/daily')
    expect([response.status, response.headers.get('location')]).toEqual([
      302,
      '/daily/daily-inspiration',
    ])
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
    ['of before there was anything', '/daily/daily-inspiration/1999-12-31'],
    ['of the year 0', '/daily/daily-inspiration/0000-01-01'],
    ['of no date', '/daily/daily-inspiration/2027-02-30'],
    ['of another daily', '/daily/nothing'],
    ['of a course', '/daily/inner-wisdom'],
  ])('%s does not exist', async (_, path) => {
    expect((await page(path)).response.status).toBe(404)
  })

  it('shows the daily’s name above the title, not the title twice', async () => {
    for (const [path, date] of [
      ['', 'today'],
      ['/2027-03-18', 'Thursday, March 18'],
      ['/2026-12-31', 'December 31, 2026'],
    ] as const) {
      const { $ } = await page(`/daily/daily-inspiration${path}`)
      expect($('article .label').text()).toBe(`The Daily Inspiration · ${date}`)
    }
    expect((await page('/')).$('#today').prev().text()).toBe('The Daily Inspiration · today')
  })

  it('is linked from the front page, which shows the same inspiration', async () => {
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

  it('links to pages that stay, each with what the feed showed', async () => {
    const entries = async () => {
      const $ = load((await page('/daily/daily-inspiration/feed')).html, { xml: true })
      return $('entry')
        .toArray()
        .map((one) => [$(one).children('id').text(), $(one).children('title').text()] as const)
    }
    const shown = await entries()
    web.clock.set(`${TODAY.add({ days: 400 })}T12:00:00Z`)
    try {
      for (const [link, title] of shown) {
        const { response, $ } = await page(link)
        expect([response.status, $('h1').text()]).toEqual([200, title])
      }
    } finally {
      web.clock.set(`${TODAY}T12:00:00Z`)
    }
  })

  it('is linked for browsers on the daily’s page', async () => {
    const { $ } = await page('/daily/daily-inspiration')
    expect($('link[type="application/atom+xml"]').attr('href')).toBe(
      '/daily/daily-inspiration/feed',
    )
  })
})

describe('a daily whose files change', () => {
  const texts = (...titles: string[]) =>
    titles.map((title) => `## ${title}\nThe text of ${title}.\n`).join('\n')
  const [BEFORE, AFTER] = [
    texts('One', 'Two', 'Three', 'Four', 'Five'),
    texts('New', 'Five', 'Four', 'Two', 'One').replace('text of Two', 'better text of Two'),
  ]
  const shown = async (on: TestWeb, path: string) => {
    const $ = load(await (await on.get(`/daily/d${path}`)).text())
    return `${$('h1').text()}: ${$('article .prose').text().trim()}`
  }
  const feed = async (on: TestWeb) =>
    load(await (await on.get('/daily/d/feed')).text(), { xml: true })

  it('names no reader, and shows braces that are meant as such', async () => {
    const named =
      '## For {{#if firstName}}{{firstName}}{{else}}you{{/if}}\n`{{x}}` \\{{y}}{{#if firstName}}, {{firstName}}{{/if}}.\n'
    await using courses = await folder({ ...COURSE, ...DAILY, 'd/01-january.md': named })
    await using site = await testWeb({ start: `${TODAY}T12:00:00Z`, coursesDir: courses.path })
    expect(await shown(site, '')).toBe('For you: {{x}} {{y}}.')
    const $ = await feed(site)
    expect($('entry > title').first().text()).toBe('For you')
    expect(load($('entry > content').first().text()).text()).toBe('{{x}} {{y}}.')
  })

  it('keeps past dates as they were, except that a corrected text is corrected there', async () => {
    await using courses = await folder({ ...COURSE, ...DAILY, 'd/01-january.md': BEFORE })
    await using changing = await testWeb({ start: `${TODAY}T12:00:00Z`, coursesDir: courses.path })
    const dates = Array.from({ length: 31 }, (_, days) => String(TODAY.subtract({ days })))
    const all = () => Array.fromAsync(dates, (date) => shown(changing, `/${date}`))
    const before = await all()
    const ids = (await feed(changing))('entry > id').text()
    expect([...new Set(before)]).toHaveLength(5)

    await writeFile(join(courses.path, 'd/01-january.md'), AFTER)
    changing.clock.set(`${TODAY}T15:00:00Z`)
    await changing.app.author.courses.accept((await readCourses(courses.path)).folders)
    expect(await all()).toEqual(
      before.map((text) => text.replace('text of Two', 'better text of Two')),
    )
    expect(await shown(changing, '')).toBe((await all())[0])
    const front = textOf(await (await changing.get('/')).text())
    expect(front).toContain((await all())[0]?.split(': ')[1])

    const $ = await feed(changing)
    expect($('entry > id').text()).toBe(ids)
    for (const one of $('entry').toArray()) {
      const [title, on] = [$(one).children('title').text(), $(one).children('published').text()]
      expect($(one).children('updated').text()).toBe(title === 'Two' ? `${TODAY}T15:00:00Z` : on)
    }
    expect($('feed > updated').text()).toBe(`${TODAY}T15:00:00Z`)

    changing.clock.set(`${TODAY.add({ days: 1 })}T12:00:00Z`)
    expect(await shown(changing, '')).toMatch(/^(New|Five|Four|Two|One): /)
    expect(await all()).toEqual(
      before.map((text) => text.replace('text of Two', 'better text of Two')),
    )
  })
})
