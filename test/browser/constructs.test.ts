/** Every Markdown construct on a phone, in mails and on our pages, in light and dark. */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { paletteIn, SCHEMES } from '../../src/domain/theme.ts'
import { folder } from '../content/folder.ts'
import { enrolled } from '../support/app.ts'
import { browseSite, overflowOf, shot, violationsOf } from '../support/browser.ts'
import { CODE, constructFiles } from '../support/constructs.ts'

await using courses = await folder(constructFiles())
const { browser, site } = await browseSite({ coursesDir: courses.path })
const WIDE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="2000" height="300"><rect width="2000" height="300" fill="#888"/></svg>'
/** Where each text is shown. */
const pages: Record<string, string> = {
  'its page': '/courses/c',
  'the page of a daily': '/daily/d',
  'its page in Hebrew': '/courses/h',
  'the page of a daily in Hebrew': '/daily/i',
}

beforeAll(async () => {
  await enrolled(site, { series: ['c', 'd'] })
  await site.settle()
  site.clock.set('2027-03-20T06:00:00Z')
  await site.settle()
  for (const { id, kind } of (await site.app.author.sandbox?.list(10)) ?? [])
    if (kind === 'welcome' || kind === 'lesson') pages[`the mail ${kind}`] ??= `/outbox/${id}/html`
  const lesson = await (await fetch(site.url + pages['the mail lesson'])).text()
  pages['the lesson on the web'] = /https?:\/\/[^"]*(\/lessons\/[^"]+)/.exec(lesson)?.[1] ?? '/none'
})

// One page for all tests: opening it in a new context takes three times as long.
const context = await browser.newContext({ viewport: { width: 360, height: 740 } })
const page = await context.newPage()
await page.route('https://x.example/**', (route) =>
  route.fulfill({ contentType: 'image/svg+xml', body: WIDE }),
)

async function open(path: string, colorScheme: 'light' | 'dark') {
  await page.emulateMedia({ colorScheme })
  // The outbox shows a mail in a sandbox, where no script runs, not even axe.
  if (path.startsWith('/outbox/')) {
    // Otherwise the policy of the previous page would apply to it.
    await page.goto('about:blank')
    await page.setContent(await (await fetch(site.url + path)).text())
  } else await page.goto(site.url + path, { waitUntil: 'load' })
}

/** How the page renders the author's text, wherever it appears. */
const seen = (page: Page) =>
  page.evaluate<{ small: string[]; links: string[]; code: string[]; sideways: string[] }>(`(() => {
    const all = (selector) => [...document.querySelectorAll('.prose').values()].flatMap((one) => [...one.querySelectorAll(selector)])
    const style = (element) => getComputedStyle(element)
    return {
      small: all('*').filter((one) => one.textContent.trim() && !one.closest('.label, .block-label') && parseFloat(style(one).fontSize) < 14).map((one) => one.outerHTML.slice(0, 80)),
      links: [...new Set(all('a').filter((one) => !one.closest('.button, .button-quiet, .block-button')).map((one) => style(one).color))],
      code: [...new Set(all('pre').map((one) => one.textContent))],
      sideways: all('p, li, h2, h3, h4, h5, h6, pre, blockquote, img').filter((one) => one.getBoundingClientRect().right > 360 || one.getBoundingClientRect().left < 0 || one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0).map((one) => one.outerHTML.slice(0, 80)),
    }
  })()`)

const shown = (hex: string) =>
  `rgb(${(hex.match(/[0-9a-f]{2}/g) ?? []).map((pair) => Number.parseInt(pair, 16)).join(', ')})`

const WHERE = [
  'its page',
  'the page of a daily',
  'the mail welcome',
  'the mail lesson',
  'the lesson on the web',
  'its page in Hebrew',
  'the page of a daily in Hebrew',
]

describe.each(SCHEMES)('in the %s', (scheme) => {
  it.each(WHERE)('%s fits a phone and is legible', async (where) => {
    await open(pages[where] ?? '/none', scheme)
    await page.locator('.prose table').first().waitFor()
    const name = where.replaceAll(' ', '-')
    await shot(page, `constructs-${name}-360-${scheme}`)
    const { small, links, code, sideways } = await seen(page)
    expect({ small, links, sideways }).toEqual({
      small: [],
      links: [shown(paletteIn(scheme, undefined).accent)],
      sideways: [],
    })
    expect(code).toEqual([`${CODE}\n`, expect.stringMatching(/^code by indentation\n\n {4}deeper/)])
    const direction = await page.evaluate(
      "getComputedStyle(document.querySelector('.prose')).direction",
    )
    expect(direction).toBe(where.endsWith('Hebrew') ? 'rtl' : 'ltr')
    expect(await overflowOf(page)).toBeLessThanOrEqual(0)
    expect(await violationsOf(page, 'serious')).toEqual([])
  })
})

it.each(['welcome', 'lesson'])(
  'a %s mail fits and is legible when its style sheets are dropped',
  async (kind) => {
    await open(pages[`the mail ${kind}`] ?? '/none', 'light')
    await page.evaluate(`for (const sheet of document.querySelectorAll('style')) sheet.remove()`)
    const { small, links, sideways } = await seen(page)
    expect({ small, links, sideways }).toEqual({
      small: [],
      links: [shown(paletteIn('light', undefined).accent)],
      sideways: [],
    })
    expect(await overflowOf(page)).toBeLessThanOrEqual(0)
  },
)
