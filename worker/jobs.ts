import type { App } from '../src/app/app.ts'
import { SECOND } from '../src/domain/time.ts'

/**
 * A server may take ten minutes to answer for one mail, and few jobs run at a time: after this, a
 * job no longer waits for its mails.
 */
const SLOW_AFTER_MS = 2 * SECOND
/** Deliveries that find no place here for this long are queued again, for other workers to take. */
const REQUEUE_AFTER_MS = 10 * SECOND

/** The handlers of the queue's jobs. */
export const jobs = (app: App) => ({
  /**
   * Leaves all deliveries to others once the database is a newer version's; failures caused by that
   * are not reported.
   */
  deliver: async (ids: readonly string[], signal: AbortSignal) => {
    if (await app.sender.isOutdated(SECOND)) return ids
    const enough = AbortSignal.any([signal, AbortSignal.timeout(REQUEUE_AFTER_MS)])
    const work = () => app.sender.deliver(ids, enough, SLOW_AFTER_MS)
    return app.trace({ name: 'job deliver', kind: 'consumer' }, work).catch(async (error) => {
      if (await app.sender.isOutdated()) return ids
      throw error
    })
  },
})
