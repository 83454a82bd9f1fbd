/**
 * The reading room in Chromium: with and without scripts, wide and narrow, light and dark, printed.
 */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { folder } from '../content/folder.ts'
import { article } from '../support/articles.ts'
import {
  browseSite,
  overflowOf,
  pageFor,
  partsMissing,
  READERS,
  shot,
  violationsOf,
} from '../support/browser.ts'

const TEXT = `${'A coat hangs in the hall, and nobody has worn it since the spring, when it rained. '.repeat(9)}

See [the others](article:snow), [a page elsewhere](https://example.org/coats) and [what comes](#three).

## One

${'It rains. '.repeat(60)}

## Two

- a list
- of things

## Three

> Somebody said so.

## Four

The end.
`
const files = await folder({
  'rain.md': article(
    {
      title: 'Out in the rain',
      tags: '[weather, coats]',
      invite: 'inner-wisdom',
      related: '[snow]',
    },
    TEXT,
  ),
  'snow.md': article({ title: 'Snow </script>', date: '2027-02-01', translations: '[matar]' }),
  'matar.md': article(
    { title: 'الخروج في المطر بلا معطف', summary: 'ما الذي يبقى بعد المطر.', language: 'ar' },
    '## أولاً\n\nخرجت في المطر بلا معطف، وكان الطريق طويلاً.\n',
  ),
})
afterAll(() => files[Symbol.asyncDispose]())
const { browser, site } = await browseSite({
  articlesDir: files.path,
  speech: { languages: ['en', 'ar'] },
})
await site.app.author.articles.begin()

const PAGES = [
  ['article', '/articles/rain'],
  ['article-ar', '/articles/matar'],
  ['article-hostile', '/articles/snow'],
  ['articles', '/articles?language=en'],
  ['articles-ar', '/articles?language=ar'],
  ['articles-found', '/articles?language=en&q=coat'],
  ['articles-not-found', '/articles?language=en&q=zebra'],
  ['articles-tag', '/articles/tags/coats'],
  ['inspiration', '/daily/daily-inspiration'],
  ['front-with-articles', '/'],
] as const

describe.each(READERS)('with scripts: $script, $width px, $scheme', (reader) => {
  // One page for all tests: opening it in a new context takes longer than a test.
  let page: Page
  let errors: string[]
  beforeAll(async () => {
    ;({ page, errors } = await pageFor(browser, reader))
  })
  afterAll(() => page?.context().close())

  it.each(PAGES)('%s has all its parts, fits, and raises no error', async (name, path) => {
    errors.length = 0
    await page.goto(site.url + path, { waitUntil: 'load' })
    await shot(page, `${name}-${reader.width}-${reader.scheme}`)
    expect(await partsMissing(page)).toEqual([])
    expect(await overflowOf(page)).toBeLessThanOrEqual(0)
    if (reader.script) expect(await violationsOf(page)).toEqual([])
    // Structured data is not a script: the Content-Security-Policy does not block it.
    expect(errors).toEqual([])
  })
})

/** The number of characters on each line of the first paragraph except its last. */
const charactersOf = (page: Page) =>
  page.evaluate<number[]>(`(() => {
    const text = document.querySelector('article .prose p').firstChild
    const lines = new Map()
    const range = document.createRange()
    for (let at = 0; at < text.length; at++) {
      range.setStart(text, at)
      range.setEnd(text, at + 1)
      const top = Math.round(range.getBoundingClientRect().top)
      lines.set(top, (lines.get(top) ?? 0) + 1)
    }
    return [...lines.values()].slice(0, -1)
  })()`)

describe('an article, opened once', () => {
  const loaded: { path: string; type: string; bytes: number }[] = []
  let page: Page
  beforeAll(async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    page = await context.newPage()
    page.on('requestfinished', async (request) => {
      const { responseBodySize: bytes } = await request.sizes()
      loaded.push({ path: new URL(request.url()).pathname, type: request.resourceType(), bytes })
    })
    await page.goto(`${site.url}/articles/rain`, { waitUntil: 'networkidle' })
  })
  afterAll(() => page?.context().close())

  it('is readable after at most 4 requests and 50 kB, not counting pictures', () => {
    const counted = loaded.filter(({ path, type }) => type !== 'image' && !path.endsWith('.svg'))
    expect(counted.map(({ path }) => path).toSorted()).toEqual([
      '/articles/rain',
      '/assets/form.js',
      '/assets/style.css',
    ])
    const painted = counted.filter(({ type }) => type === 'document' || type === 'stylesheet')
    expect(painted.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(50_000)
  })

  it('has lines of about 65 characters', async () => {
    const lines = await charactersOf(page)
    const mean = lines.reduce((a, b) => a + b) / lines.length
    expect(mean).toBeGreaterThan(58)
    expect(mean).toBeLessThan(72)
  })

  it('has a feed and a sitemap that a strict XML parser accepts', async () => {
    for (const path of ['/articles/feed', '/sitemap.xml']) {
      const fault = await page.evaluate<string>(`fetch(${JSON.stringify(path)})
        .then((answer) => answer.text())
        .then((text) => new DOMParser().parseFromString(text, 'application/xml').querySelector('parsererror')?.textContent ?? '')`)
      expect(fault, path).toBe('')
    }
  })

  it('is printed with the addresses of its links and without forms', async () => {
    await page.emulateMedia({ media: 'print' })
    await shot(page, 'article-printed')
    for (const hidden of ['form', 'nav', '.related', '.today', '.button'])
      expect(await page.locator(hidden).filter({ visible: true }).count(), hidden).toBe(0)
    const behind = (selector: string) =>
      page.evaluate<string>(
        `getComputedStyle(document.querySelector(${JSON.stringify(selector)}), '::after').content`,
      )
    expect(await behind('.prose a[href^="https"]')).toContain('https://example.org/coats')
    expect(await behind('.prose a[href^="#"]')).toBe('none')
    const address = page.locator('.printed').first()
    expect(await address.isVisible()).toBe(true)
    expect(await address.textContent()).toBe(`${site.url}/articles/rain`)
  })
})

it.each([true, false])('a reader joins the course from an article, scripts: %s', async (script) => {
  const { context, page } = await pageFor(browser, { script, width: 360, scheme: 'light' })
  try {
    await page.goto(`${site.url}/articles/rain`)
    const form = page.locator('.invitation')
    await form.getByLabel('Email address').fill(`reader-${script}@example.com`)
    await form.getByLabel('Time zone').selectOption('Europe/Berlin')
    site.clock.set(site.app.now().add({ seconds: 20 }))
    await form.getByRole('button', { name: 'Send confirmation email' }).click()
    await page.waitForURL(/\/enrolled/)
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Check your inbox')
  } finally {
    await context.close()
  }
})
