import type { Series } from '../domain/course.ts'
import type { Logger } from '../log.ts'
import type * as stores from '../store/index.ts'
import type { Db } from '../store/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly log: Logger
  readonly series: ReadonlyMap<string, Series>
  readonly stores: Pick<typeof stores, 'enrollments' | 'backlog' | 'deliveries'>
  readonly queueDepth: () => Promise<number>
}

export interface Status {
  readonly now: string
  readonly enrollments: Readonly<Record<string, number>>
  readonly deliveries: Readonly<Record<string, number>>
  /** Deliveries that could leave but have not. */
  readonly ready: number
  /** When the next enrollment is due, or null. */
  readonly nextDueAt: string | null
  /** Jobs in the queue. */
  readonly queued: number
}

/** What an operator wants to know at a glance. */
export async function status({ db, now, stores, series, queueDepth }: Deps): Promise<Status> {
  const at = now()
  const [enrollments, deliveries, ready, nextDueAt, queued] = await Promise.all([
    stores.enrollments.countByStatus(db),
    stores.backlog.countByStatus(db),
    stores.backlog.countReady(db, at),
    stores.enrollments.nextDueAt(db, [...series.keys()]),
    queueDepth(),
  ])
  return {
    now: String(at),
    enrollments,
    deliveries,
    ready,
    nextDueAt: nextDueAt && String(nextDueAt),
    queued,
  }
}

/** Database and queue answer; the causes of those that do not go to the log. */
export async function readiness({ db, now, log, stores, queueDepth }: Deps) {
  const answers = async (name: string, ask: () => Promise<unknown>) => {
    try {
      await ask()
      return true
    } catch (error) {
      log.warn({ err: error }, `the ${name} does not answer`)
      return false
    }
  }
  const [database, queue] = await Promise.all([
    answers('database', () => stores.backlog.countReady(db, now())),
    answers('queue', queueDepth),
  ])
  return { ready: database && queue, database, queue }
}
