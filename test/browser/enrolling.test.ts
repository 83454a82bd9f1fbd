import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { browseSite, errorsOf, overflowOf, shot, violationsOf } from '../support/browser.ts'

const { browser, site } = await browseSite({ env: { PROOF_ABOVE: '0' } })

const button = (page: Page) => page.locator('form button[type="submit"]')

/** Opens the form and fills it in, as slowly as a person would. */
async function fillIn(page: Page, email: string) {
  await page.goto(`${site.url}/courses/inner-wisdom`)
  await page.getByLabel('Email address').fill(email)
  await page.getByLabel('Time zone').selectOption('Europe/Berlin')
  site.clock.set(site.app.now().add({ seconds: 30 }))
}

describe('while very many people enroll', () => {
  it('a browser does the proof of work itself, and again after going back to the page', async () => {
    await using context = await browser.newContext({ timezoneId: 'Europe/Berlin' })
    const page = await context.newPage()
    const errors = errorsOf(page)
    await fillIn(page, 'ada@example.com')
    expect(await page.getByText('Please turn it on').count()).toBe(0)
    await button(page).click()
    await page.waitForURL(/\/enrolled\?form=/)
    await page.goBack()
    await page.getByLabel('Email address').fill('eve@example.com')
    site.clock.set(site.app.now().add({ seconds: 30 }))
    await button(page).click()
    await page.waitForURL(/\/enrolled\?form=/)
    await site.app.sender.processRequests()
    for (const email of ['ada@example.com', 'eve@example.com'])
      expect(await site.app.operator.subscriberByKey(email), email).toBeDefined()
    expect(errors).toEqual([])
  })

  it('a browser without JavaScript is told that the email takes some minutes', async () => {
    await using context = await browser.newContext({
      javaScriptEnabled: false,
      viewport: { width: 360, height: 740 },
    })
    const page = await context.newPage()
    await fillIn(page, 'dora@example.com')
    const words = page.getByText('just press the button, and the email will come in some minutes.')
    expect(await words.isVisible()).toBe(true)
    await button(page).click()
    await page.getByRole('heading', { name: 'Check your inbox' }).waitFor()
    await page.getByText('Many people are enrolling right now, so it takes some minutes.').waitFor()
    expect(await overflowOf(page)).toBeLessThanOrEqual(0)
    await shot(page, `proof-plain-360`)
  })

  it('a browser that cannot do the proof of work says so and offers another way', async () => {
    await using context = await browser.newContext({ timezoneId: 'Europe/Berlin' })
    const page = await context.newPage()
    await page.route('**/challenge', (route) => route.abort())
    await fillIn(page, 'dora@example.com')
    await button(page).click()
    await page
      .getByRole('alert')
      .getByRole('link', { name: 'Open the form on its own page' })
      .waitFor()
    expect(await button(page).textContent()).toBe('Send confirmation email')
    await shot(page, `proof-help-1280`)
    expect(await violationsOf(page)).toEqual([])
    await page.unroute('**/challenge')
    await button(page).click()
    await page.waitForURL(/\/enrolled\?form=/)
  })
})
