/**
 * Unless both its author and its reader have agreed, no mail contains anything that could tell
 * anybody that it was opened or which link was followed. See counted-links.test.ts.
 */
import { load } from 'cheerio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DELIVERY_KINDS } from '../../src/domain/delivery.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { mailsByKind, sendEveryKind } from '../support/every-mail.ts'
import { type Mailbox, openMailbox } from '../support/mailbox.ts'

let mailbox: Mailbox
let test: TestApp
let mails: Awaited<ReturnType<typeof mailsByKind>>
beforeAll(async () => {
  mailbox = await openMailbox()
  test = await testApp({ env: { SMTP_URL: mailbox.url } })
  await sendEveryKind(test)
  mails = await mailsByKind(test, mailbox)
}, 60_000)
afterAll(async () => {
  await test?.[Symbol.asyncDispose]()
  await mailbox?.[Symbol.asyncDispose]()
})

describe.each(DELIVERY_KINDS)('a mail of the kind %s', (kind) => {
  const html = () => load(String(mails.get(kind)?.mail.html))

  // The shipped courses have no pictures, so anything that loads was added by us.
  it('loads nothing', () => {
    const $ = html()
    const loaded = $(
      'img, picture, source, video, audio, iframe, object, embed, script, link, input',
    )
    expect(loaded.toArray().map((element) => $.html(element))).toEqual([])
    expect($.html()).not.toMatch(/\burl\(|@import|\bbackground\s*=/i)
  })

  it('has links that go straight to their destination', () => {
    const $ = html()
    const hrefs = $('a[href]')
      .toArray()
      .map((element) => new URL($(element).attr('href') ?? ''))
    const { host } = new URL(test.app.siteUrl)
    for (const url of hrefs) {
      expect(['https:', 'mailto:']).toContain(url.protocol)
      // None of our own links carries another destination to redirect to.
      if (url.host === host) expect(decodeURIComponent(url.href.slice(8))).not.toMatch(/https?:/)
      else expect([url.search, url.hash], url.href).toEqual(['', ''])
    }
  })
})
