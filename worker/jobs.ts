import type { App } from '../src/app.ts'

/** What the queue's jobs do, a line each. */
export const jobs = (app: App) => ({
  deliver: (id: string) => app.deliver(id),
})
