/** Our pages on a real socket, viewed by a real Chromium. */
import { mkdir, readFile } from 'node:fs/promises'
import type { Browser, Frame, Page } from 'playwright-core'
import { afterAll } from 'vitest'
import { openBrowser } from './chromium.ts'
import { openSite } from './open-site.ts'

const OUTPUT = new URL('../output/', import.meta.url).pathname

/** With and without scripts, wide and narrow, light and dark, in two readers instead of eight. */
export const READERS = [
  { script: true, width: 360, scheme: 'dark' },
  { script: false, width: 1280, scheme: 'light' },
] as const

/** A page for this reader; the caller closes its context. */
export async function pageFor(
  browser: Browser,
  { script, width, scheme }: { script: boolean; width: number; scheme: 'light' | 'dark' },
) {
  const context = await browser.newContext({
    viewport: { width, height: 760 },
    javaScriptEnabled: script,
    colorScheme: scheme,
    // A different language from that of the pages: it must not show.
    locale: 'de-DE',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  return { context, page, errors: errorsOf(page) }
}

let shared: Promise<Browser> | undefined

/**
 * A browser and a site for all tests of a file; what they open is closed after the last one. The
 * browser is kept for the next file, since starting it takes longer than most tests: it ends with
 * the process.
 */
export async function browseSite(options: Parameters<typeof openSite>[0] = {}) {
  await mkdir(OUTPUT, { recursive: true })
  shared ??= openBrowser()
  const browser = await shared
  afterAll(() => Promise.all(browser.contexts().map((context) => context.close())))
  const site = await openSite(options)
  afterAll(() => site[Symbol.asyncDispose]())
  return { browser, site }
}

/**
 * Takes a screenshot of the whole page in test/output, but only with `SCREENSHOTS=1 npm test`,
 * since screenshots are a large part of the work of a run.
 */
export async function shot(page: Page, name: string): Promise<void> {
  if (process.env.SCREENSHOTS)
    await page.screenshot({ path: `${OUTPUT}${name}.png`, fullPage: true })
}

/** The errors in Chromium's console for this page and its frames, from now on. */
export function errorsOf(page: Page): string[] {
  const errors: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  page.on('pageerror', (error) => errors.push(String(error)))
  return errors
}

const AXE = await readFile(
  new URL('../../node_modules/axe-core/axe.min.js', import.meta.url),
  'utf8',
)
/** The attributes of our options that no rule checks. */
const PLAIN = ['value', 'selected', 'data-was']
/**
 * Checks the page without options that have text, are not selected and have only plain attributes:
 * no rule applies to them, and the time zones of one form are two thirds of its page. Then it
 * restores them.
 */
const RUN = `(() => {
  const away = [...document.querySelectorAll('option')].filter((one) => !one.selected
    && one.textContent.trim() && one.getAttributeNames().every((name) => ${JSON.stringify(PLAIN)}.includes(name)))
  const places = away.map((one) => {
    const place = new Comment()
    one.replaceWith(place)
    return place
  })
  return axe.run(document, { iframes: false, resultTypes: ['violations'] })
    .then(({ violations }) => violations)
    .finally(() => places.forEach((place, index) => place.replaceWith(away[index])))
})()`

interface Violation {
  readonly id: string
  readonly impact: string
  readonly help: string
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[]
}

/**
 * What axe-core finds on a page, one line each. In a mail, and in a text with all that an author
 * may write, only `serious` findings count: the landmarks are those of the mail client, and the
 * order of headings is up to the author.
 */
export async function violationsOf(
  page: Page,
  least: 'minor' | 'serious' = 'minor',
): Promise<string[]> {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(AXE)
  const violations = await page.evaluate<Violation[]>(RUN)
  return violations
    .filter(({ impact }) => least === 'minor' || impact === 'serious' || impact === 'critical')
    .flatMap(({ id, impact, nodes }) =>
      nodes.map(
        ({ target, failureSummary }) => `${impact} ${id} at ${target.join(' ')}: ${failureSummary}`,
      ),
    )
}

/** The essential parts that a page lacks or has more than once. */
export const partsMissing = (page: Page) =>
  page.evaluate<string[]>(`[
    ...['main', 'h1'].map((part) => document.querySelectorAll(part).length + ' ' + part),
    (document.title.trim() ? 1 : 0) + ' title',
    (document.documentElement.lang ? 1 : 0) + ' language',
  ].filter((one) => !one.startsWith('1 '))`)

/** By how many pixels the page is wider than the window. */
export const overflowOf = (page: Page) =>
  page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )

/**
 * The visible elements in `container` that extend beyond its left or right edge, and by how much.
 */
export const outsideOf = (page: Page, container: string) =>
  page.evaluate<string[]>(`
    [...document.querySelectorAll(${JSON.stringify(container)})].flatMap((outer) => {
      const { left, right } = outer.getBoundingClientRect()
      return [...outer.querySelectorAll('*:not(:has(*)):not([aria-hidden] *)')].flatMap((inner) => {
        const box = inner.getBoundingClientRect()
        const by = Math.round(Math.max(left - box.left, box.right - right))
        return inner.checkVisibility() && box.width > 0 && by > 0 ? [inner.localName + ' ' + inner.textContent.trim() + ' by ' + by + ' px'] : []
      })
    })`)

/** How many lines on the page the text of this pattern takes; 0 if it is not there. */
export const linesOf = (page: Page | Frame, words: RegExp) =>
  page.evaluate<number>(`(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node; (node = walker.nextNode()); ) {
      const found = ${words}.exec(node.data.replaceAll('\u00a0', ' '))
      if (!found) continue
      const range = document.createRange()
      range.setStart(node, found.index)
      range.setEnd(node, found.index + found[0].length)
      return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size
    }
    return 0
  })()`)
