/** Reading past mails again, and recording the practices that were done. */
import { load } from 'cheerio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Course } from '../../../src/domain/course.ts'
import { enrolled, skipTheRest } from '../../support/app.ts'
import { linksOf, type Mailbox, openMailbox, type Received } from '../../support/mailbox.ts'
import { textOf } from '../../support/page.ts'
import { allRows, pathOf, type TestWeb, testWeb } from '../../support/web.ts'

let mailbox: Mailbox
let web: TestWeb
let enrollment: string
/** The mails of three mornings, each a lesson with its inspiration. */
let mornings: Received[]

beforeAll(async () => {
  mailbox = await openMailbox()
  web = await testWeb({ env: { SMTP_URL: mailbox.url } })
  const { first } = await enrolled(web)
  enrollment = first.id
  await web.settle()
  for (const date of ['2027-03-20', '2027-03-21', '2027-03-22']) {
    web.clock.set(`${date}T06:00:00Z`)
    await web.settle()
  }
  mornings = mailbox.received.filter(({ mail }) => mail.text?.includes('TODAY’S PRACTICE'))
})
afterAll(async () => {
  await web[Symbol.asyncDispose]()
  await mailbox[Symbol.asyncDispose]()
})

const morning = (number: number) => mornings[number - 1] as Received
const linkOf = (received: Received, part: string) => {
  const link = linksOf(received).find((one) => one.includes(part))
  if (!link) throw new Error(`no ${part} in the mail`)
  return link
}
const page = async (where: string) => {
  const response = await web.get(where)
  const html = await response.text()
  return { response, html, $: load(html), text: textOf(html) }
}
/**
 * The text of a page or a mail, without what only the web or only the mail has, and without its
 * addresses.
 */
const said = (html: string) => {
  const $ = load(html)
  $('.dawnpost-bar, .yours, style, title').remove()
  $('a[href*="/lessons/"], a[href*="/preferences/"], a[href*="/unsubscribe/"]').remove()
  const text = $('body')
    .text()
    .replace('To pause, change your preferences or unsubscribe, use the links in your email.', '')
  return text.replace(/[\s·]+/g, ' ').trim()
}

describe('a lesson on the web', () => {
  it('says what the mail said, including its inspiration', async () => {
    const { response, html } = await page(linkOf(morning(1), '/lessons/'))
    expect(response.status).toBe(200)
    expect(said(html)).toBe(said(morning(1).mail.html ?? ''))
    expect(said(html)).toContain('The Daily Inspiration')
    expect(said(html)).toContain('Dear Ada')
  })

  it('runs no script, sends no form and is not listed by search engines', async () => {
    const { response } = await page(linkOf(morning(1), '/lessons/'))
    const policy = response.headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("form-action 'none'")
    expect(response.headers.get('x-robots-tag')).toBe('noindex')
  })

  it('gives controls to nobody it is shown to, and says where they are', async () => {
    for (const received of [morning(1), morning(2)]) {
      const { html, $, text } = await page(linkOf(received, '/lessons/'))
      expect(html).not.toMatch(/\/(preferences|unsubscribe|link)\b/)
      expect(html).not.toContain('control:')
      expect(text).not.toMatch(
        /Unsubscribe|Pause|Change your preferences|Send me the next one now|Unsubscribe from The Daily/,
      )
      expect(text).toContain(
        'To pause, change your preferences or unsubscribe, use the links in your email.',
      )
      expect($('a[href=""]')).toHaveLength(0)
    }
  })

  it('has one main part with one heading, and the bar outside it', async () => {
    const { $ } = await page(linkOf(morning(2), '/lessons/'))
    expect($('main')).toHaveLength(1)
    expect($('main h1')).toHaveLength(1)
    expect($('main .dawnpost-bar')).toHaveLength(0)
    expect($('html').attr('lang')).toBe('en')
    expect($('title').text()).toBe(morning(2).mail.subject)
  })

  it('links by name to those before and after it, and to all of them', async () => {
    const { $ } = await page(linkOf(morning(2), '/lessons/'))
    const links = $('.dawnpost-bar a').toArray()
    expect(links.map((one) => $(one).text())).toEqual([
      `← Day 1: ${morning(1).mail.subject}`,
      'My 30 days',
      `Day 3: ${morning(3).mail.subject} →`,
    ])
    const [before = '', all = '', after = ''] = links.map(({ attribs }) => attribs.href ?? '')
    expect(said((await page(before)).html)).toContain('Day 1 of 30')
    expect((await page(all)).text).toContain('My 30 days')
    expect(said((await page(after)).html)).toContain('Day 3 of 30')
    expect((await page(before)).$('.dawnpost-bar').text()).toContain('This is the first')
    expect((await page(after)).$('.dawnpost-bar').text()).toContain('This is the latest')
  })

  it('stays as it was when its reader changes their name', async () => {
    const subscriber = await web.app.operator.subscriberByKey('ada@example.com')
    await web.app.reader.rename(subscriber?.id ?? '', 'Augusta')
    const { html } = await page(linkOf(morning(1), '/lessons/'))
    await web.app.reader.rename(subscriber?.id ?? '', 'Ada')
    expect(said(html)).toBe(said(morning(1).mail.html ?? ''))
  })

  it('stays as it was when the course is edited', async () => {
    const lesson = web.app.series.get('inner-wisdom') as Course
    const [first] = lesson.lessons
    const before = { ...first }
    Object.assign(first ?? {}, { html: '<p>Another text.</p>', subject: 'Another subject' })
    try {
      expect(said((await page(linkOf(morning(1), '/lessons/'))).html)).toBe(
        said(morning(1).mail.html ?? ''),
      )
    } finally {
      Object.assign(first ?? {}, before)
    }
  })

  it('is the original one when it was sent again', async () => {
    await web.app.reader.sendAgain(enrollment)
    await web.settle()
    const again = mailbox.received.at(-1) as Received
    expect(again.mail.subject).toBe(morning(3).mail.subject)
    expect(said((await page(linkOf(again, '/lessons/'))).html)).toBe(
      said(morning(3).mail.html ?? ''),
    )
  })

  it.each([
    [
      'forged',
      (path: string) => path.replace(/.(?=.{9}$)/, (one) => (one === 'A' ? 'B' : 'A')),
      404,
    ],
    ['cut short', (path: string) => path.slice(0, -5), 404],
    ['of another purpose', (path: string) => path.replace('/lessons/', '/practice/'), 404],
  ])('%s offers a fresh link', async (_, change, status) => {
    const { response, html } = await page(change(pathOf(linkOf(morning(1), '/lessons/'))))
    expect(response.status).toBe(status)
    expect(html).toContain('action="/link"')
  })
})

describe('my 30 days', () => {
  const days = () => `/days/${web.app.links.token('days', enrollment, web.app.now())}`

  it('lists what has come, each linking to its page', async () => {
    const { $, text } = await page(days())
    expect(text).toContain('3 of 30 lessons so far')
    const subjects = $('.mails .what')
      .toArray()
      .map((one) => $(one).text())
    expect(subjects).toEqual(mornings.map(({ mail }) => mail.subject))
    const [href = ''] = $('.mails a')
      .toArray()
      .map(({ attribs }) => attribs.href)
    expect(said((await page(href)).html)).toBe(said(morning(1).mail.html ?? ''))
    expect($('.thirty li')).toHaveLength(30)
    expect($('.thirty li.came')).toHaveLength(3)
  })

  it('says so when nothing has come yet', async () => {
    const { first } = await enrolled(web, { email: 'new@example.com', series: ['inner-wisdom'] })
    const { text } = await page(`/days/${web.app.links.token('days', first.id, web.app.now())}`)
    expect(text).toContain('Nothing here yet.')
  })

  it('of a daily lists the inspirations, with the mails they came in', async () => {
    const daily = (
      await web.app.operator.enrollmentsOf(
        (await web.app.operator.subscriberByKey('ada@example.com'))?.id ?? '',
      )
    ).find(({ series }) => series === 'daily-inspiration')
    const { $, text } = await page(
      `/days/${web.app.links.token('days', daily?.id ?? '', web.app.now())}`,
    )
    expect(text).toContain('Past emails')
    expect($('.mails a')).toHaveLength(3)
    const [href = ''] = $('.mails a')
      .toArray()
      .map(({ attribs }) => attribs.href)
    expect(said((await page(href)).html)).toBe(said(morning(1).mail.html ?? ''))
  })
})

describe('a practice', () => {
  it('counts once when the button is pressed, and can be undone', async () => {
    const link = linkOf(morning(2), '/practice/')
    await web.settle()
    const before = await allRows(web.db)
    const asked = await page(link)
    expect(asked.text).toContain('Did you do the practice?')
    expect(await allRows(web.db)).toEqual(before)

    for (let times = 0; times < 2; times++) {
      const response = await web.post(link, { do: 'done' })
      expect([response.status, response.headers.get('location')]).toEqual([303, pathOf(link)])
    }
    const thanked = await page(link)
    expect(thanked.text).toContain('Practice done')
    expect(thanked.$('.thirty li.done').text()).toContain('2')
    expect(thanked.$('.thirty li.done')).toHaveLength(1)

    await web.post(link, { do: 'undo' })
    expect((await page(link)).text).toContain('Did you do the practice?')
    expect(await allRows(web.db)).toEqual(before)
  })

  it('is counted in the completion mail and page', async () => {
    await web.post(linkOf(morning(1), '/practice/'), { do: 'done' })
    await skipTheRest(web, enrollment)
    web.clock.set('2027-03-23T06:00:00Z')
    await web.settle()
    const last = mailbox.received.find(({ mail }) =>
      mail.text?.includes('WHAT YOU DID'),
    ) as Received
    expect(last.mail.text).toContain('You received 3 lessons and did 1 practice.')
    const { $, text } = await page(linkOf(last, '/completion'))
    expect(text).toContain('You received 3 lessons and did 1 practice')
    expect(text).toContain('You get The Daily Inspiration')
    expect($('button[value="restart"]')).toHaveLength(1)
    expect($('button[value="go-on"]')).toHaveLength(0)
  })
})
