import { setTimeout as pause } from 'node:timers/promises'

/** Milliseconds between checks: at first, and at most. */
const [SOON, LATEST] = [5, 100]

/** Waits until `condition` holds; fails after `seconds` with what it was waiting for. */
export async function until(
  what: string,
  condition: () => Promise<boolean> | boolean,
  seconds = 60,
): Promise<void> {
  const end = performance.now() + seconds * 1_000
  // A check is often a statement or a page: it must not slow down what it waits for.
  for (let wait = SOON; !(await condition()); wait = Math.min(wait * 2, LATEST)) {
    if (performance.now() > end) throw new Error(`waited ${seconds} s for ${what}`)
    await pause(wait)
  }
}
