import { beforeAll, describe, expect, it } from 'vitest'
import { DELIVERY_KINDS } from '../../src/domain/delivery.ts'
import { browseSite, linesOf, overflowOf, shot, violationsOf } from '../support/browser.ts'
import { sendEveryKind } from '../support/every-mail.ts'

const { browser, site } = await browseSite()
// One page for all tests: opening it in a new context takes three times as long.
const page = await browser.newPage()
beforeAll(async () => {
  await sendEveryKind(site)
})

/** Shows the HTML of the mail, as a mail client would. */
async function show(kind: string) {
  const mail = (await site.app.author.sandbox?.list(100))?.find((one) => one.kind === kind)
  const response = await fetch(`${site.url}/outbox/${mail?.id}/html`)
  await page.setContent(await response.text())
}

describe('a mail', () => {
  it.each(DELIVERY_KINDS)(
    '%s is free of serious violations, light and dark, and fits a phone',
    async (kind) => {
      await page.setViewportSize({ width: 800, height: 900 })
      await show(kind)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        await shot(page, `mail-${kind}-${colorScheme}`)
        expect(await violationsOf(page, 'serious'), colorScheme).toEqual([])
      }
      await page.setViewportSize({ width: 360, height: 740 })
      expect(await overflowOf(page)).toBeLessThanOrEqual(0)
      await shot(page, `mail-${kind}-360-dark`)
    },
  )

  it('keeps the day on one line on a phone', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    await show('lesson')
    // The widest number.
    await page.setContent(
      (await page.content()).replace('Day&nbsp;1&nbsp;of', 'Day&nbsp;30&nbsp;of'),
    )
    expect(await linesOf(page, /Day 30 of 30/)).toBe(1)
    expect(await overflowOf(page)).toBeLessThanOrEqual(0)
  })

  it('is dark up to its edges in dark mode', async () => {
    await page.setViewportSize({ width: 1000, height: 900 })
    await page.emulateMedia({ colorScheme: 'dark' })
    await show('lesson')
    const behind = `(x) => {
      const solid = (at) => getComputedStyle(at).backgroundColor
      return document.elementsFromPoint(x, 300).map(solid).find((color) => !/, 0\\)$/.test(color))
    }`
    const [edge, below] = await page.evaluate<string[]>(
      `[(${behind})(20), getComputedStyle(document.body).backgroundColor]`,
    )
    expect(below).toBe('rgb(25, 21, 18)')
    expect(edge).toBe(below)
  })
})
