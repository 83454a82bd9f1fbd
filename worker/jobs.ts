import type { App } from '../src/app.ts'

/** What the queue's jobs do, a line each. */
export const jobs = (app: App) => ({
  deliver: (ids: readonly string[], signal: AbortSignal) => app.deliver(ids, signal),
})
