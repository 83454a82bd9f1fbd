/**
 * A mail scanner that opens every link of every kind of mail in a real Chromium, and lets the
 * scripts of the pages run.
 */
import { setTimeout as dwell } from 'node:timers/promises'
import { afterAll, expect, it } from 'vitest'
import { browseSite } from '../support/browser.ts'
import { mailsByKind, ourLinks, sendEveryKind } from '../support/every-mail.ts'
import { openMailbox } from '../support/mailbox.ts'
import { allRows } from '../support/web.ts'

/** How long a scanner's browser stays on a page (standards.md J12). */
const DWELL_MS = 5_000

const mailbox = await openMailbox()
const { browser, site } = await browseSite({ env: { SMTP_URL: mailbox.url } })
afterAll(() => mailbox[Symbol.asyncDispose]())

it('a mail scanner that opens every link and runs scripts changes nothing', async () => {
  await sendEveryKind(site)
  const mails = await mailsByKind(site, mailbox)
  const links = [...new Set([...mails.values()].flatMap((mail) => ourLinks(site, mail)))]
  expect(links.length).toBeGreaterThan(20)
  const before = await allRows(site.db)
  const context = await browser.newContext()
  const statuses = await Promise.all(
    links.map(async (link) => {
      const page = await context.newPage()
      const response = await page.goto(link, { waitUntil: 'load' })
      await dwell(DWELL_MS)
      return response?.status()
    }),
  )
  expect(new Set(statuses)).toEqual(new Set([200]))
  expect(await allRows(site.db)).toEqual(before)
})
