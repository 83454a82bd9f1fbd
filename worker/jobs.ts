import type { App } from '../src/app/app.ts'
import { SECOND } from '../src/domain/time.ts'

/**
 * A server may keep silent for ten minutes over one mail, and few jobs run at a time: the others
 * are not to wait for it.
 */
const HELD_UP = 2 * SECOND
/** What finds no place here for so long is queued again: another worker may have one. */
const NO_PLACE = 10 * SECOND

/** What the queue's jobs do, a line each. */
export const jobs = (app: App) => ({
  /**
   * Leaves all of them to others once the database is a newer version's; what failed for that
   * reason is no news.
   */
  deliver: async (ids: readonly string[], signal: AbortSignal) => {
    if (await app.sender.isOutdated(SECOND)) return ids
    const enough = AbortSignal.any([signal, AbortSignal.timeout(NO_PLACE)])
    const work = () => app.sender.deliver(ids, enough, HELD_UP)
    return app.trace({ name: 'job deliver', kind: 'consumer' }, work).catch(async (error) => {
      if (await app.sender.isOutdated()) return ids
      throw error
    })
  },
})
