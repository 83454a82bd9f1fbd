import type { App } from '../src/app.ts'

/** What the queue's jobs do, a line each. */
export const jobs = (app: App) => ({
  /** Leaves all of them to others once the database is a newer version's; what failed for that reason is no news. */
  deliver: async (ids: readonly string[], signal: AbortSignal) => {
    if (await app.isOutdated()) return ids
    const work = () => app.deliver(ids, signal)
    return app.trace({ name: 'job deliver', kind: 'consumer' }, work).catch(async (error) => {
      if (await app.isOutdated()) return ids
      throw error
    })
  },
})
