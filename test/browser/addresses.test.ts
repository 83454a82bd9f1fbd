/**
 * Addresses as people type them into a browser, which has its own validation for type="email".
 */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { addressKeyOf } from '../../src/domain/address.ts'
import { browseSite, pageFor, READERS, violationsOf } from '../support/browser.ts'

const { browser, site } = await browseSite()

describe.each(READERS)('with scripts: $script, at $width', (reader) => {
  // One page for all tests: opening it in a new context takes longer than a test.
  let page: Page
  beforeAll(async () => {
    page = (await pageFor(browser, reader)).page
  })

  it.each([
    ['ü@exämple.de', 'ü@xn--exmple-cua.de'],
    ['用户@例え.jp', '用户@xn--r8jz45g.jp'],
    ['"John Doe"@example.com', '"John Doe"@example.com'],
  ])('%s enrolls', async (typed, spec) => {
    await page.goto(`${site.url}/courses/inner-wisdom`)
    await page.getByLabel('Email address').fill(typed)
    await page.getByLabel('Time zone').selectOption('Europe/Berlin')
    site.clock.set(site.app.now().add({ seconds: 30 }))
    await page.locator('form button[type="submit"]').first().click()
    await page.getByRole('heading', { name: 'Check your inbox' }).waitFor()
    await site.app.sender.processRequests()
    expect(await site.app.operator.subscriberByKey(addressKeyOf(spec))).toMatchObject({
      address: spec,
    })
  })

  it('a fault in the address is named at its field', async () => {
    await page.goto(`${site.url}/courses/inner-wisdom`)
    await page.getByLabel('Email address').fill('ada..lovelace@example.com')
    await page.getByLabel('Time zone').selectOption('Europe/Berlin')
    site.clock.set(site.app.now().add({ seconds: 30 }))
    await page.locator('form button[type="submit"]').first().click()
    await page.getByText('There are two dots in a row.').waitFor()
    expect(await page.getByLabel('Email address').getAttribute('aria-invalid')).toBe('true')
    if (reader.script) expect(await violationsOf(page)).toEqual([])
  })
})
