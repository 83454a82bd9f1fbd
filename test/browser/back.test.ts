/** What happens after a form is sent: where the page opens, and what Back and Reload show. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enrolled } from '../support/app.ts'
import { browseSite, overflowOf, pageFor, shot, violationsOf } from '../support/browser.ts'

const { browser, site } = await browseSite()
let preferences = ''
let card = ''
beforeAll(async () => {
  const { first } = await enrolled(site)
  card = first.id
  preferences = site.app.links.url('preferences', first.id, site.app.now())
})

const PHONES = [
  { script: true, width: 360, scheme: 'dark' },
  { script: false, width: 360, scheme: 'light' },
] as const

/** The focused element, and whether it and its description are in view. */
const cursorOf = (page: Page) =>
  page.evaluate<{ id: string; seen: boolean }>(`(() => {
    const { activeElement: at } = document
    const message = document.getElementById(at.getAttribute('aria-describedby')) ?? at
    const seen = [at, message].every((one) => {
      const { top, bottom } = one.getBoundingClientRect()
      return top >= 0 && bottom <= innerHeight && bottom > top
    })
    return { id: at.id, seen }
  })()`)

/** How long a busy machine may take to render a page. */
const LATER = { timeout: 20_000 }

const send = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

/** Sends each form with a fault in it. */
const faulty: [string, (page: Page) => Promise<unknown>][] = [
  [
    'to enroll',
    async (page) => {
      await page.goto(`${site.url}/courses/inner-wisdom`)
      await page.getByLabel('Email address').fill('nobody')
      for (const day of await page.locator('.days input').all()) await day.uncheck()
      await send(page, 'Send confirmation email')
    },
  ],
  [
    'for a link',
    async (page) => {
      await page.goto(`${site.url}/link`)
      await page.getByLabel('Email address').fill('nobody')
      await send(page, 'Send me my link')
    },
  ],
  [
    'to change one’s days',
    async (page) => {
      await page.goto(preferences)
      const form = page.locator('form', { has: page.locator(`#weekdays-${card}`) })
      await page.getByText('Change your schedule', { exact: true }).first().click()
      for (const day of await form.locator('.days input').all()) await day.uncheck()
      await form.getByRole('button', { name: 'Save schedule', exact: true }).click()
    },
  ],
  [
    'to pause',
    async (page) => {
      await page.goto(preferences)
      await page.getByText('Pause', { exact: true }).first().click()
      await page.getByRole('button', { name: 'Pause until this date' }).first().click()
    },
  ],
  [
    'for another address',
    async (page) => {
      await page.goto(preferences)
      await page.getByText('Change your email address').click()
      await page.getByLabel('New email address').fill('nobody')
      await send(page, 'Send confirmation email')
    },
  ],
]

describe.each(PHONES)('on a phone, scripts $script', (phone) => {
  let page: Page
  beforeAll(async () => {
    page = (await pageFor(browser, phone)).page
  })
  afterAll(() => page?.context().close())

  it.each(faulty)(
    'a form %s with a fault opens at its error summary, which links to the field',
    async (_, fill) => {
      await fill(page)
      await page.waitForURL(/form=/)
      await expect.poll(() => cursorOf(page), LATER).toEqual({ id: 'fault', seen: true })
      const links = page.locator('#fault a')
      const place = (await links.first().getAttribute('href'))?.slice(1) ?? ''
      await links.first().click()
      await expect.poll(() => cursorOf(page), LATER).toEqual({ id: place, seen: true })
    },
  )

  it('Back and Reload show pages, and never ask to send a form again', async () => {
    await page.goto(`${site.url}/courses/inner-wisdom`)
    const email = page.getByLabel('Email address')
    await email.fill('nobody')
    await page.getByLabel('Time zone').selectOption('Europe/Berlin')
    await send(page, 'Send confirmation email')
    await page.getByRole('alert').waitFor()
    await email.fill('ada@exmaple.com')
    await send(page, 'Send confirmation email')
    await page.getByText('Check the address: ada@exmaple.com. Wrong?').waitFor()
    await shot(page, `enrolled-check-360-${phone.scheme}`)
    expect(await overflowOf(page)).toBeLessThanOrEqual(0)
    if (phone.script) expect(await violationsOf(page)).toEqual([])
    await page.reload()
    await page.getByText('Check the address: ada@exmaple.com. Wrong?').waitFor()
    await page.goBack()
    await page.getByRole('alert').waitFor()
    await page.goBack()
    await email.waitFor()
    expect(new URL(page.url()).search).toBe('')
    await page.goForward()
    await page.goForward()
    await page.getByRole('link', { name: 'Change it' }).click()
    await page.waitForURL(/#email$/)
    await expect.poll(() => cursorOf(page), LATER).toEqual({ id: 'email', seen: true })
    expect(await email.inputValue()).toBe('ada@exmaple.com')
    expect(await page.getByLabel('Time zone').inputValue()).toBe('Europe/Berlin')
  })
})
