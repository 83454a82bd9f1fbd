import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { browseSite, errorsOf, overflowOf, shot } from '../support/browser.ts'
import { until } from '../support/wait.ts'

const { browser, site } = await browseSite()

interface Reader {
  readonly email: string
  readonly script: boolean
  readonly width: number
}

const READERS: Reader[] = [
  { email: 'ada@example.com', script: true, width: 1280 },
  { email: 'dora@example.com', script: false, width: 360 },
]

const words = ({ script, width }: Reader) =>
  `${script ? 'with' : 'without'} JavaScript at ${width} px`

/** Opens the newest mail of this kind to the reader from the outbox; waits for it. */
async function openMail(page: Page, { email, script }: Reader, kind: string) {
  const mail = page.locator('.mails a').filter({ hasText: email }).filter({ hasText: kind }).first()
  // With JavaScript the open list shows a new mail without a reload.
  if (script) await mail.waitFor()
  else
    await until(`${kind} in the outbox`, async () => {
      if ((await mail.count()) > 0) return true
      await page.reload()
      return false
    })
  await mail.click()
  await page.waitForURL(/\/outbox\/\d+$/)
}

/** Submits the form, some time after the page was opened. */
async function enroll(page: Page) {
  site.clock.set(site.app.now().add({ seconds: 30 }))
  await page.getByRole('button', { name: 'Send confirmation email' }).click()
}

/** Follows a link of the open mail with the keyboard; it opens in a new tab. */
async function follow(page: Page, link: string) {
  // A background tab is not rendered, so nothing in it becomes stable.
  await page.bringToFront()
  const opened = page.waitForEvent('popup')
  await page
    .frameLocator('iframe')
    .getByRole('link', { name: link, exact: true })
    .first()
    .press('Enter')
  const tab = await opened
  await tab.waitForLoadState()
  return tab
}

describe('a new reader', () => {
  it.each(READERS.map((reader) => ({ ...reader, how: words(reader) })))(
    '$how: gets through outbox and confirmation to the first lesson, and unsubscribes',
    async ({ how: _, ...reader }) => {
      await using context = await browser.newContext({
        viewport: { width: reader.width, height: 800 },
        timezoneId: 'America/New_York',
        javaScriptEnabled: reader.script,
      })
      const page = await context.newPage()
      const errors = errorsOf(page)
      const look = async (at: Page, name: string) => {
        expect(await overflowOf(at), name).toBeLessThanOrEqual(0)
        const file = `journey-${reader.script ? 'js' : 'plain'}-${reader.width}-${name}`
        await shot(at, file)
      }

      await page.goto(site.url)
      await page.getByRole('link', { name: 'See all 30 lessons' }).click()
      await page.getByLabel('Email address').fill(reader.email)
      await page.getByLabel('Time of day').fill('06:45')
      await page.getByLabel('The Daily Inspiration').check()
      const zone = page.getByLabel('Time zone')
      if (reader.script) {
        expect(await zone.inputValue()).toBe('America/New_York')
        await look(page, '1-form')
      } else {
        expect(await zone.inputValue()).toBe('')
        await enroll(page)
        await page.getByText('Choose a time zone from the list.').waitFor()
        expect(await page.getByLabel('Email address').inputValue()).toBe(reader.email)
        expect(await page.getByLabel('Time of day').inputValue()).toBe('06:45')
        await look(page, '1-form')
        await zone.selectOption('America/New_York')
      }
      await enroll(page)
      await page.getByRole('heading', { name: 'Check your inbox' }).waitFor()
      expect(new URL(page.url()).pathname).toBe('/enrolled')
      await look(page, '2-enrolled')

      await page.getByRole('main').getByRole('link', { name: 'Open the outbox' }).click()
      await openMail(page, reader, 'confirm')
      const confirmation = await follow(page, 'Confirm my address')
      await look(confirmation, '3-confirm')
      await confirmation.getByRole('button', { name: 'Yes, confirm' }).click()
      await confirmation.getByRole('heading', { name: 'Thank you. You’re enrolled' }).waitFor()
      expect(
        await confirmation.getByText(/Day\s1 arrives on .* at 06:45 \(America\/New_York\)/).count(),
      ).toBe(1)
      await look(confirmation, '4-confirmed')

      await page.getByRole('link', { name: 'All emails' }).click()
      await openMail(page, reader, 'welcome')
      await page.getByRole('link', { name: 'All emails' }).click()
      await page.getByRole('button', { name: 'Next delivery' }).click()
      await openMail(page, reader, 'day 1')
      await look(page, '5-lesson')

      const leaving = await follow(page, 'Unsubscribe')
      await look(leaving, '6-unsubscribe')
      await leaving
        .getByRole('button', {
          name: 'Unsubscribe from everything, including The Daily Inspiration',
        })
        .click()
      await leaving.getByText('You won’t get any more emails from us.').waitFor()
      await look(leaving, '7-unsubscribed')
      const open = await site.db
        .selectFrom('enrollments as e')
        .innerJoin('subscribers as s', 's.id', 'e.subscriber_id')
        .select('e.id')
        .where('s.address', '=', reader.email)
        .where('e.status', 'in', ['pending', 'active'])
        .execute()
      expect(open).toEqual([])
      expect(errors.filter((error) => !error.includes('status of 422'))).toEqual([])
    },
  )

  it('changes their schedule through the link in a mail', async () => {
    const reader: Reader = { email: 'eve@example.com', script: true, width: 360 }
    await using context = await browser.newContext({
      viewport: { width: 360, height: 800 },
      timezoneId: 'Asia/Dubai',
    })
    const page = await context.newPage()
    await page.goto(`${site.url}/courses/inner-wisdom`)
    await page.getByLabel('Email address').fill(reader.email)
    const zone = page.getByLabel('Time zone')
    expect(await zone.inputValue()).toBe('Asia/Dubai')
    await zone.selectOption('')
    await enroll(page)
    await page.getByText('Choose a time zone from the list.').waitFor()
    expect(await zone.inputValue(), 'none beneath a message that asks for one').toBe('')
    await zone.selectOption('Asia/Dubai')
    await enroll(page)
    await page.getByRole('main').getByRole('link', { name: 'Open the outbox' }).click()
    await openMail(page, reader, 'confirm')
    const confirmation = await follow(page, 'Confirm my address')
    await confirmation.getByRole('button', { name: 'Yes, confirm' }).click()
    await confirmation.getByText('Thank you. You’re enrolled').first().waitFor()
    await page.getByRole('link', { name: 'All emails' }).click()
    await openMail(page, reader, 'welcome')

    const mornings = await follow(page, 'Change your preferences')
    await mornings.getByText('Change your schedule', { exact: true }).click()
    await mornings.getByLabel('Monday').uncheck()
    await mornings.getByLabel('Time of day').fill('05:15')
    await mornings.getByLabel('Time zone').selectOption('Asia/Tokyo')
    await mornings.getByRole('button', { name: 'Save schedule', exact: true }).click()
    await mornings.getByRole('status').getByText('05:15 (Asia/Tokyo)').waitFor()
    expect(await mornings.getByText(/^Next: .* at 0?5:15.*\(Asia\/Tokyo\)$/).count()).toBe(1)
    expect(await mornings.getByLabel('Monday').isChecked()).toBe(false)
    expect(await mornings.getByLabel('Tuesday').isChecked()).toBe(true)
  })

  it('finds Europe/Kyiv preselected when their browser calls it Europe/Kiev', async () => {
    await using context = await browser.newContext({ timezoneId: 'Europe/Kiev' })
    const page = await context.newPage()
    await page.goto(`${site.url}/courses/inner-wisdom`)
    expect(await page.getByLabel('Time zone').inputValue()).toBe('Europe/Kyiv')
  })
})
