/**
 * How a command is told to stop: by SIGINT or SIGTERM, and by the end of the npm that has started
 * it.
 */
import { constants } from 'node:os'
import { SECOND } from '../domain/time.ts'

export interface Stop {
  /**
   * For a command that cleans up after itself: aborted by the first signal, with its name as the
   * reason. From then on the command has four seconds. A command that never asks for this ends at
   * the first signal.
   */
  orderly(): AbortSignal
}

/** Whoever waits for five seconds before killing us finds nothing to kill. */
const STOP_PATIENCE = 4 * SECOND
/**
 * Ctrl-C in a terminal reaches us twice, from the terminal and from npm: the second within this
 * time is an echo.
 */
const ECHO = SECOND
const PARENT_EVERY = SECOND / 4

/**
 * Listens for signals until the process ends; a second one ends it at once.
 *
 * @param parent the process whose end counts as a SIGTERM: `npx` starts us through a shell that
 * dies of the signal it is
 * sent and hands nothing on. `null`: no process's end does.
 */
export function openStop(parent: number | null): Stop {
  const controller = new AbortController()
  let isOrderly = false
  let first: number | null = null
  const take = (signal: NodeJS.Signals) => {
    const end = () => process.exit(128 + constants.signals[signal])
    if (first !== null) return performance.now() - first > ECHO ? end() : undefined
    first = performance.now()
    if (!isOrderly) end()
    setTimeout(end, STOP_PATIENCE).unref()
    controller.abort(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, take)
  if (parent !== null) {
    const watch = setInterval(() => {
      if (process.ppid === parent) return
      clearInterval(watch)
      // After a signal its sender is free to go.
      if (first === null) take('SIGTERM')
    }, PARENT_EVERY).unref()
  }
  return {
    orderly: () => {
      isOrderly = true
      return controller.signal
    },
  }
}
