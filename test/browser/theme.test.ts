/**
 * The theme of the second course in a browser: its page, its form in a frame, and its mail.
 */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { paletteIn, SCHEMES } from '../../src/domain/theme.ts'
import { enrolled } from '../support/app.ts'
import { browseSite, overflowOf, shot, violationsOf } from '../support/browser.ts'

const SLUG = 'looking-closely'
const { browser, site } = await browseSite({ env: { EMBED_ORIGINS: 'https://teacher.example' } })
let mail = ''

beforeAll(async () => {
  await enrolled(site, { series: [SLUG] })
  site.clock.set('2027-03-20T06:00:00Z')
  await site.settle()
  mail = `/outbox/${(await site.app.author.sandbox?.list(10))?.find(({ kind }) => kind === 'lesson')?.id}/html`
})

/** #rrggbb as browsers write it. */
const shown = (hex: string) =>
  `rgb(${(hex.match(/[0-9a-f]{2}/g) ?? []).map((pair) => Number.parseInt(pair, 16)).join(', ')})`
const styleOf = (page: Page, selector: string, property: string) =>
  page.evaluate<string>(
    `getComputedStyle(document.querySelector(${JSON.stringify(selector)}))[${JSON.stringify(property)}]`,
  )

describe.each(SCHEMES)('in the %s', (colorScheme) => {
  const look = paletteIn(colorScheme, site.app.series.get(SLUG)?.theme)
  let page: Page
  beforeAll(async () => {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      colorScheme,
    })
    page = await context.newPage()
  })
  afterAll(() => page?.context().close())

  it.each(['', '/embed'])('the page %s of a course has the colors of its theme', async (path) => {
    await page.goto(`${site.url}/courses/${SLUG}${path}`)
    const seen = [
      await styleOf(page, '.card', 'backgroundColor'),
      await styleOf(page, 'h1', 'color'),
      await styleOf(page, '.label', 'color'),
      await styleOf(page, 'button', 'backgroundColor'),
    ]
    expect(seen).toEqual([look.card, look.text, look.accent, look.button].map(shown))
    expect(await violationsOf(page)).toEqual([])
  })

  it('its mail has them too, with a logo of 160 pixels, and fits a phone', async () => {
    await page.goto(site.url + mail)
    const seen = [
      await styleOf(page, 'body', 'backgroundColor'),
      await styleOf(page, '.card', 'backgroundColor'),
      await styleOf(page, 'h1', 'color'),
      await styleOf(page, '.label div', 'color'),
    ]
    expect(seen).toEqual([look.page, look.card, look.title, look.accent].map(shown))
    expect(await styleOf(page, '.logo img', 'width')).toBe('160px')
    await shot(page, `themed-mail-${colorScheme}`)
    await page.setViewportSize({ width: 360, height: 740 })
    expect(await overflowOf(page)).toBeLessThanOrEqual(0)
  })
})
