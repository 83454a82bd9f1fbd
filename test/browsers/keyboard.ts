/** Going over a page as somebody without a mouse does. */
import { mkdir, writeFile } from 'node:fs/promises'
import { expect } from 'vitest'
import { until } from '../support/wait.ts'
import { Hang, KEY, type Reader, type Tab } from './engine.ts'

const OUTPUT = new URL('../output/', import.meta.url).pathname
/** More stops than any page of ours has. */
const MAX_STOPS = 150

/**
 * What has the cursor, by the name that it is read out by. Its `labels` are a live list, and
 * WebKitGTK 2.50 ends the process of a page where one of these outlives what it has looked at.
 */
export const cursor = (tab: Tab) =>
  tab.evaluate<{ id: string; name: string }>(`(() => {
    const at = document.activeElement
    const label = at.closest('label') ?? (at.id && document.querySelector('label[for="' + at.id + '"]'))
    const name = at.getAttribute('aria-label') ?? (label || at).textContent
    return { id: at.id, name: name.trim().replace(/\\s+/g, ' ') }
  })()`)

/** Presses Tab until what is called `name` has the cursor. */
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

/** The same, and presses it. */
export async function pressOn(tab: Tab, name: string | RegExp): Promise<void> {
  await tabTo(tab, name)
  await tab.press(KEY.enter)
}

/** Waits until the page is there, and `what` holds on it. */
export async function arrive(tab: Tab, what: string): Promise<void> {
  const holds = () =>
    tab
      .evaluate<boolean>(`document.readyState === 'complete' && Boolean(${what})`)
      .catch((error) => {
        // While it goes from page to page there is nothing to ask.
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
 * What the page itself does then is over: WebKit takes no keys while the focus leaves and returns.
 */
const NOTE_FOLLOWED = `void addEventListener('hashchange', () => setTimeout(() => {
  window.wasFollowed = true
}), { once: true })`

/**
 * Presses the link that has the cursor, and is in the field with this id that it leads to. Without
 * scripts WebKit gives such a field no caret, and Firefox goes no further than to the place where a
 * date stands: both are in it once Tab comes back to it.
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

/** Whether the element with this id is within the window. */
export const isSeen = (tab: Tab, id: string) =>
  tab.evaluate<boolean>(`(() => {
    const { top, bottom } = document.getElementById(${JSON.stringify(id)}).getBoundingClientRect()
    return top >= 0 && bottom <= innerHeight && bottom > top
  })()`)

/** The summary of what is wrong has the cursor, and is seen. */
export async function expectFault(tab: Tab, text: string): Promise<void> {
  await arrive(tab, `document.activeElement?.id === 'fault'`)
  expect(await isSeen(tab, 'fault')).toBe(true)
  expect(await tab.evaluate<string>(`document.getElementById('fault').textContent`)).toContain(text)
}

/** Where Tab stops on the page, and what of it nobody sees. */
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

/** A picture in test/output for whoever wants to look, as with `SCREENSHOTS=1`. */
export async function shot(tab: Tab, name: string): Promise<void> {
  if (!process.env.SCREENSHOTS) return
  await mkdir(OUTPUT, { recursive: true })
  await writeFile(`${OUTPUT}${name}.png`, await tab.picture())
}
