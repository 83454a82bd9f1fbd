import { setTimeout as pause } from 'node:timers/promises'

/** Waits until `condition` holds; fails after `seconds` with what it was waiting for. */
export async function until(
  what: string,
  condition: () => Promise<boolean> | boolean,
  seconds = 60,
): Promise<void> {
  const end = performance.now() + seconds * 1_000
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${seconds} s for ${what}`)
    await pause(5)
  }
}
