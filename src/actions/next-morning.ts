import type { SandboxClock } from '../clock.ts'
import type { Series } from '../domain/course.ts'
import { isBefore } from '../domain/time.ts'
import type * as stores from '../store/index.ts'
import type { Db } from '../store/sql.ts'

export interface Deps {
  readonly db: Db
  readonly series: ReadonlyMap<string, Series>
  readonly stores: Pick<typeof stores, 'enrollments' | 'backlog' | 'deliveries'>
}

/**
 * Moves the sandbox's clock to the next moment at which mail is due, and tells it; null, and the clock left
 * alone, when nothing will ever be due.
 */
export async function nextMorning(
  clock: SandboxClock,
  { db, stores, series }: Deps,
): Promise<Temporal.Instant | null> {
  const moments = await Promise.all([
    stores.enrollments.nextDueAt(db, [...series.keys()]),
    stores.backlog.nextTryAt(db, clock.now()),
  ])
  const [next] = moments.filter((moment) => moment !== null).sort(Temporal.Instant.compare)
  if (!next) return null
  if (isBefore(clock.now(), next)) await clock.moveTo(next)
  return next
}
