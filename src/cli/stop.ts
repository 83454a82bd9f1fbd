/** How a command is stopped: by SIGINT or SIGTERM, and by the end of the npm that started it. */
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

/** Process managers that kill after five seconds find nothing left to kill. */
const STOP_TIMEOUT_MS = 4 * SECOND
/**
 * Ctrl-C in a terminal reaches the process twice, from the terminal and from npm: a second signal
 * within this time is an echo.
 */
const ECHO_WINDOW_MS = SECOND
const PARENT_CHECK_INTERVAL_MS = SECOND / 4

/**
 * Listens for signals until the process ends; a second one ends it immediately.
 *
 * @param parent the process whose end counts as a SIGTERM: `npx` starts Dawnpost through a shell
 * that dies of the signal it is sent and passes nothing on. `null`: no process's end does.
 */
export function openStop(parent: number | null): Stop {
  const controller = new AbortController()
  let isOrderly = false
  let first: number | null = null
  const handleSignal = (signal: NodeJS.Signals) => {
    const end = () => process.exit(128 + constants.signals[signal])
    if (first !== null) return performance.now() - first > ECHO_WINDOW_MS ? end() : undefined
    first = performance.now()
    if (!isOrderly) end()
    setTimeout(end, STOP_TIMEOUT_MS).unref()
    controller.abort(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, handleSignal)
  if (parent !== null) {
    const watch = setInterval(() => {
      if (process.ppid === parent) return
      clearInterval(watch)
      // After a signal, the parent may exit.
      if (first === null) handleSignal('SIGTERM')
    }, PARENT_CHECK_INTERVAL_MS).unref()
  }
  return {
    orderly: () => {
      isOrderly = true
      return controller.signal
    },
  }
}
