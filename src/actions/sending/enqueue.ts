import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

interface Deps {
  readonly db: Db
  readonly log: Logger
  readonly stores: Pick<typeof stores, 'backlog'>
  readonly addJobs: (ids: readonly string[]) => Promise<void>
}

export type Enqueue = (ids: readonly string[]) => Promise<void>

/** Enqueues deliveries to be sent soon; marks them as having no job if the queue is unreachable. */
export function openEnqueue({ db, log, stores, addJobs }: Deps): Enqueue {
  return async (ids) => {
    if (ids.length === 0) return
    try {
      await addJobs(ids)
    } catch (error) {
      log.warn(
        { err: error, deliveries: ids.length },
        'deliveries could not be queued; the sweep queues them',
      )
      await stores.backlog.markUnqueued(db, ids).catch(() => {})
    }
  }
}

/** Wraps `enqueue` so that each call also calls `tell`. */
export const enqueueAndNotify =
  (enqueue: Enqueue, notify: () => void): Enqueue =>
  (ids) => {
    notify()
    return enqueue(ids)
  }
