import { isAfter } from '../../domain/time.ts'
import type { IntervalLimiter } from '../../platform/interval-limiter.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly series: ReadonlyMap<string, unknown>
  readonly stores: Pick<typeof stores, 'due' | 'backlog'>
  readonly resends: number
  /** Whether it is time to look at everything that is due. */
  readonly mayLookAtAll: IntervalLimiter
}

/**
 * Allowance for clocks that differ between processes, and for due times committed a moment late.
 */
const CLOCK_TOLERANCE = { seconds: 60 }

/** Knows when the next mail is due, and whether any is due now. */
export function openDue({ db, now, series, stores, resends, mayLookAtAll }: Deps) {
  let planned: Temporal.Instant | null = null
  /** The next due time, if `isDue` has just found that nothing is due; undefined if not known. */
  let found: Temporal.Instant | null | undefined
  const next = (since: Temporal.Instant | null) => stores.due.nextAt(db, [...series.keys()], since)
  const isDue = async (since: Temporal.Instant | null = null) => {
    const due = await next(since)
    const is = due !== null && !isAfter(due, now())
    found = is ? undefined : due
    return is
  }
  return {
    /**
     * Returns the instant after which a planner that starts now has to look: everything up to it
     * has been planned, or set aside for a while. Null, at first and every now and then, means
     * everything that is due. While an older transaction is open, such as a dump's, a full scan has
     * to step over what was planned since it began: a million rows in an hour of a large site.
     */
    isDue,
    /**
     * Returns the instant after which a planner that starts now has to look: everything up to it
     * has been planned, or set aside for a while. Null, at first and every now and then, means
     * everything that is due. While an older transaction is open, such as a dump's, every scan has
     * to step over the rows that were due before it: a million in an hour of a large site.
     */
    since: (): Temporal.Instant | null => {
      const since = mayLookAtAll('due') === null ? planned : null
      planned = now().subtract(CLOCK_TOLERANCE)
      return since
    },
    /**
     * Milliseconds until the next mail is due, as seen by a planner that continues where it was;
     * null if none is scheduled, or if one is overdue because it could not be planned. Reuses what
     * `isDue` has just found, since an idle worker asks every second.
     */
    nextDueInMs: async () => {
      const due = found === undefined ? await next(planned) : found
      found = undefined
      const at = now()
      // Rounded up to whole milliseconds, so that the planner does not look just too early.
      return due && isAfter(due, at) ? due.epochMilliseconds + 1 - at.epochMilliseconds : null
    },
    /** Whether everything that could leave by now has left. */
    idle: async () => {
      // In this order, a mail planned between the two checks is seen as ready.
      if (await isDue()) return false
      return !(await stores.backlog.isAnyReady(db, now(), resends))
    },
  }
}
