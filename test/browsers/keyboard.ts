/** Using a page without a mouse. */
import { mkdir, writeFile } from 'node:fs/promises'
import { expect } from 'vitest'
import { until } from '../support/wait.ts'
import { Hang, KEY, type Reader, type Tab } from './engine.ts'

const OUTPUT = new URL('../output/', import.meta.url).pathname
/** More tab stops than any of our pages has. */
const MAX_STOPS = 150

/**
 * The focused element, by its accessible name. Avoids its `labels`: they are a live list, and
 * WebKitGTK 2.50 crashes the page if such a list outlives its element.
 */
export const cursor = (tab: Tab) =>
  tab.evaluate<{ id: string; name: string }>(`(() => {
    const at = document.activeElement
    const label = at.closest('label') ?? (at.id && document.querySelector('label[for="' + at.id + '"]'))
    const name = at.getAttribute('aria-label') ?? (label || at).textContent
    return { id: at.id, name: name.trim().replace(/\\s+/g, ' ') }
  })()`)

/** Presses Tab until the element named `name` has the focus. */
export async function tabTo(tab: Tab, name: string | RegExp): Promise<void> {
  const passed: string[] = []
  for (let stops = 0; stops < MAX_STOPS; stops++) {
    await tab.press(KEY.tab)
    const at = await cursor(tab)
    if (typeof name === 'string' ? at.name === name : name.test(at.name)) return
    passed.push(at.name.slice(0, 40))
  }
  throw new Error(`Tab never came to ${name}, but to: ${[...new Set(passed)].join(' | ')}`)
}

/** The same, and then presses Enter. */
export async function pressOn(tab: Tab, name: string | RegExp): Promise<void> {
  await tabTo(tab, name)
  await tab.press(KEY.enter)
}

/** Waits until the page is loaded and `what` holds on it. */
export async function arrive(tab: Tab, what: string): Promise<void> {
  const holds = () =>
    tab
      .evaluate<boolean>(`document.readyState === 'complete' && Boolean(${what})`)
      .catch((error) => {
        // During a navigation there is no page to query.
        if (error instanceof Hang) throw error
        return false
      })
  try {
    await until(what, holds, 15)
  } catch (error) {
    if (error instanceof Hang) throw error
    const page = await tab.evaluate<string>(
      `location.pathname.slice(0, 30) + location.hash + ', at ' + document.activeElement.outerHTML.slice(0, 200) + ': ' + (document.querySelector('#fault') ?? document.querySelector('main')).innerText`,
    )
    throw new Error(`no ${what} on ${page.slice(0, 500)}`, { cause: error })
  }
}

/**
 * Set once the page has handled the link: WebKit takes no keys while the focus leaves and returns.
 */
const NOTE_FOLLOWED = `void addEventListener('hashchange', () => setTimeout(() => {
  window.wasFollowed = true
}), { once: true })`

/**
 * Follows the focused link to the field with this ID, and focuses the field. Without scripts WebKit
 * sets no caret in it, and Firefox only scrolls to a date: both focus it after Shift+Tab and Tab.
 */
export async function followTo(tab: Tab, id: string, { script }: Reader): Promise<void> {
  const start = JSON.stringify(id)
  if (script) await tab.evaluate(NOTE_FOLLOWED)
  await tab.press(KEY.enter)
  await arrive(
    tab,
    `location.hash.startsWith('#' + ${start}) && (${!script} || window.wasFollowed)`,
  )
  if (!script) await tab.press(`${KEY.shift}${KEY.tab}${KEY.tab}`)
  await arrive(tab, `document.activeElement?.id.startsWith(${start})`)
}

export const heading = (text: string) =>
  `document.querySelector('h1')?.textContent.includes(${JSON.stringify(text)})`
export const words = (text: string) =>
  `document.querySelector('main')?.textContent.replace(/\\s+/g, ' ').includes(${JSON.stringify(text)})`

/** Whether the element with this ID is within the window. */
export const isSeen = (tab: Tab, id: string) =>
  tab.evaluate<boolean>(`(() => {
    const { top, bottom } = document.getElementById(${JSON.stringify(id)}).getBoundingClientRect()
    return top >= 0 && bottom <= innerHeight && bottom > top
  })()`)

/** Expects the error summary to have the focus and to be in view. */
export async function expectFault(tab: Tab, text: string): Promise<void> {
  await arrive(tab, `document.activeElement?.id === 'fault'`)
  expect(await isSeen(tab, 'fault')).toBe(true)
  expect(await tab.evaluate<string>(`document.getElementById('fault').textContent`)).toContain(text)
}

/** The tab stops of the page that are not visible. */
export async function unseenStops(tab: Tab): Promise<string[]> {
  const unseen: string[] = []
  for (let stops = 0; stops < MAX_STOPS; stops++) {
    await tab.press(KEY.tab)
    const stop = await tab.evaluate<{ html: string; seen: boolean; end: boolean }>(`(() => {
      const at = document.activeElement
      const seen = at.type === 'checkbox' || at.type === 'radio' ? at.parentElement : at
      const { left, right, width, height } = seen.getBoundingClientRect()
      const isSeen = at.type !== 'hidden' && width > 1 && height > 1 && left >= 0 && right <= innerWidth + 1
      return { html: at.outerHTML.slice(0, 120), seen: isSeen, end: at === document.body }
    })()`)
    if (stop.end && stops > 0) break
    if (!stop.seen && !stop.end) unseen.push(stop.html)
  }
  return unseen
}

export const overflowOf = (tab: Tab) =>
  tab.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )

/** Takes a screenshot in test/output, but only with `SCREENSHOTS=1`. */
export async function shot(tab: Tab, name: string): Promise<void> {
  if (!process.env.SCREENSHOTS) return
  await mkdir(OUTPUT, { recursive: true })
  await writeFile(`${OUTPUT}${name}.png`, await tab.picture())
}
