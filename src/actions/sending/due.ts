import { isAfter } from '../../domain/time.ts'
import type { Seldom } from '../../platform/seldom.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly series: ReadonlyMap<string, unknown>
  readonly stores: Pick<typeof stores, 'due' | 'backlog'>
  readonly resends: number
  /** Whether it is time to look at all that is due. */
  readonly mayLookAtAll: Seldom
}

/** Clocks of processes differ, and what is due now may be written down a moment later. */
const LATE = { seconds: 60 }

/** When the next mail is due, and whether any is. */
export function openDue({ db, now, series, stores, resends, mayLookAtAll }: Deps) {
  let planned: Temporal.Instant | null = null
  /** What is next, where it was found just now that nothing is due; undefined: not known. */
  let found: Temporal.Instant | null | undefined
  const next = (since: Temporal.Instant | null) => stores.due.nextAt(db, [...series.keys()], since)
  const isDue = async (since: Temporal.Instant | null = null) => {
    const due = await next(since)
    const is = due !== null && !isAfter(due, now())
    found = is ? undefined : due
    return is
  }
  return {
    /** Whether there is something to plan; `since`: of what is due after that. */
    isDue,
    /**
     * Since when a planner that begins now has to look, if it has looked before: all up to then was
     * planned, or is kept from it for a while. Now and then null: at all that is due. What was due
     * stays in the way of whoever looks as long as an older transaction is open, such as a dump's:
     * in an hour of a large site, a million times.
     */
    since: (): Temporal.Instant | null => {
      const since = mayLookAtAll('due') === null ? planned : null
      planned = now().subtract(LATE)
      return since
    },
    /**
     * Milliseconds until the next mail is due, as far as a planner that goes on would see it; null
     * when none will be, or one is that could not be planned. What `isDue` has just found is not
     * asked for again: an idle worker asks each second.
     */
    nextDueInMs: async () => {
      const due = found === undefined ? await next(planned) : found
      found = undefined
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
