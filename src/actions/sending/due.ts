import { isAfter } from '../../domain/time.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly series: ReadonlyMap<string, unknown>
  readonly stores: Pick<typeof stores, 'due' | 'backlog'>
  readonly resends: number
}

/** When the next mail is due, and whether any is. */
export function openDue({ db, now, series, stores, resends }: Deps) {
  const next = () => stores.due.nextAt(db, [...series.keys()])
  const isDue = async () => {
    const due = await next()
    return due !== null && !isAfter(due, now())
  }
  return {
    /** Whether there is something to plan. */
    isDue,
    /**
     * Milliseconds until the next mail is due; null when none will be, or one is that could not be
     * planned.
     */
    nextDueInMs: async () => {
      const due = await next()
      const at = now()
      // Whole milliseconds, rounded up: it must not be looked for just before.
      return due && isAfter(due, at) ? due.epochMilliseconds + 1 - at.epochMilliseconds : null
    },
    /** Whether everything that could leave by now has left. */
    idle: async () => {
      // In this order: what is planned in between is then seen as ready.
      if (await isDue()) return false
      return !(await stores.backlog.isAnyReady(db, now(), resends))
    },
  }
}
