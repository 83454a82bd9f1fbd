import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

interface Deps {
  readonly db: Db
  readonly log: Logger
  readonly stores: Pick<typeof stores, 'backlog'>
  readonly enqueue: (ids: readonly string[]) => Promise<void>
}

export type Nudge = (ids: readonly string[]) => Promise<void>

/**
 * Has deliveries sent soon. Where the queue cannot be reached it is noted that no job stands for
 * them.
 */
export function openNudge({ db, log, stores, enqueue }: Deps): Nudge {
  return async (ids) => {
    if (ids.length === 0) return
    try {
      await enqueue(ids)
    } catch (error) {
      log.warn({ err: error, deliveries: ids.length }, 'not queued yet; the sweep will')
      await stores.backlog.markUnqueued(db, ids).catch(() => {})
    }
  }
}

/** The same, with a word to somebody each time. */
export const nudgeAndTell =
  (nudge: Nudge, tell: () => void): Nudge =>
  (ids) => {
    tell()
    return nudge(ids)
  }
