/** The pages where readers see all that is stored about them, and have it erased. */
import { load } from 'cheerio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enrolled } from '../../support/app.ts'
import { linksOf, type Mailbox, openMailbox } from '../../support/mailbox.ts'
import { textOf } from '../../support/page.ts'
import { allRows, landed, leadsTo, type TestWeb, testWeb } from '../../support/web.ts'

let mailbox: Mailbox
let web: TestWeb

beforeAll(async () => {
  mailbox = await openMailbox()
  web = await testWeb({ env: { SMTP_URL: mailbox.url } })
})
afterAll(async () => {
  await web[Symbol.asyncDispose]()
  await mailbox[Symbol.asyncDispose]()
})

/** Asks for a right on the preferences page; gives the link in the mail. */
async function asked(email: string, right: 'export' | 'erase') {
  const { first } = await enrolled(web, { email })
  const path = `/preferences/${web.app.links.token('preferences', first.id, web.app.now())}`
  const response = await web.post(path, { do: right })
  const said = textOf(await landed(web, response))
  await web.settle()
  const purpose = right === 'export' ? '/data/' : '/erase/'
  const links = mailbox.to(email).flatMap(linksOf)
  return { said, path, link: links.find((one) => one.includes(purpose)) ?? '', first }
}

describe('a reader’s data', () => {
  it('is requested on the preferences page, and comes by a link in a mail', async () => {
    const { said, link } = await asked('ada@example.com', 'export')
    expect(said).toContain('Check your inbox: the email has a link to view and download your data.')
    const html = await (await web.get(link)).text()
    const text = textOf(html)
    for (const part of [
      'ada@example.com',
      'Unlocking Your Inner Wisdom',
      'The Daily Inspiration',
      'You requested',
    ])
      expect(text).toContain(part)
    expect(text).toMatch(/First enrolled\s*March \d+, 2027/)
    const href = load(html)('a[download]').attr('href') ?? ''
    const file = await web.get(href)
    expect(file.headers.get('content-type')).toContain('application/json')
    expect(file.headers.get('content-disposition')).toBe('attachment; filename="my-data.json"')
    expect(await file.json()).toMatchObject({ person: { address: 'ada@example.com' } })
  })

  it('is mailed once a day, however often it is requested', async () => {
    const { path } = await asked('often@example.com', 'export')
    for (let times = 0; times < 3; times++) await web.post(path, { do: 'export' })
    await web.settle()
    const mails = mailbox.to('often@example.com').filter(({ mail }) => mail.subject === 'Your data')
    expect(mails).toHaveLength(1)
  })

  it('is shown for seven days', async () => {
    const { link } = await asked('late@example.com', 'export')
    const start = web.app.now()
    web.clock.set(start.add({ hours: 7 * 24 }))
    const response = await web.get(link)
    web.clock.set(start)
    expect(response.status).toBe(410)
    expect(await response.text()).toContain('action="/link"')
  })
})

describe('erasing', () => {
  it('takes a mail and a button; opening its page changes nothing', async () => {
    const { said, link, path } = await asked('eve@example.com', 'erase')
    expect(said).toContain('nothing is deleted until you confirm by the link in the email')
    const before = await allRows(web.db)
    const text = textOf(await (await web.get(link)).text())
    expect(text).toContain('This deletes everything we store about e…@example.com right away')
    expect(await allRows(web.db)).toEqual(before)
    const done = await web.post(link)
    expect(leadsTo(done)).toBe('/erased')
    expect(textOf(await landed(web, done))).toContain('Your data is deleted')
    expect(JSON.stringify(await allRows(web.db))).not.toContain('eve@example.com')
    expect((await web.get(link)).status).toBe(410)
    expect((await web.post(link)).status).toBe(303)
    expect((await web.get(path)).status).toBe(410)
  })

  it('leaves no link in an old mail failing', async () => {
    const { link } = await asked('old@example.com', 'erase')
    web.clock.set('2027-03-20T06:00:00Z')
    await web.settle()
    const links = mailbox
      .to('old@example.com')
      .flatMap(linksOf)
      .filter((one) => one.startsWith(web.app.siteUrl) && !one.includes('/erase/'))
    await web.post(link)
    for (const one of new Set(links))
      expect([one, (await web.get(one)).status >= 500]).toEqual([one, false])
    const unsubscribe = links.find((one) => one.includes('/unsubscribe/')) ?? ''
    const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' })
    expect((await web.post(unsubscribe, body)).status).toBe(200)
  })
})
