import type { Series } from '../../domain/course.ts'
import { isBefore } from '../../domain/time.ts'
import type { SandboxClock } from '../../platform/clock.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly series: ReadonlyMap<string, Series>
  readonly stores: Pick<typeof stores, 'due' | 'backlog' | 'deliveries'>
  readonly plan: () => Promise<unknown>
}

/** More turns than there can be inspirations waiting for lessons on one morning. */
const MAX_TURNS = 10

/**
 * Moves the sandbox's clock to the next moment at which mail is due, plans it, and returns the
 * moment; null, with the clock unchanged, if nothing will ever be due. At a moment when an
 * inspiration only starts to wait for its lesson no mail comes, so this continues to the lesson's
 * moment.
 */
export async function skipToNextMorning(
  clock: SandboxClock,
  deps: Deps,
): Promise<Temporal.Instant | null> {
  let moment: Temporal.Instant | null = null
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const next = await moveOn(clock, deps)
    if (!next) return moment
    moment = next
    await deps.plan()
    if (await deps.stores.backlog.isDueSince(deps.db, moment)) return moment
  }
  return moment
}

async function moveOn(
  clock: SandboxClock,
  { db, stores, series }: Deps,
): Promise<Temporal.Instant | null> {
  const moments = await Promise.all([
    stores.due.nextAt(db, [...series.keys()]),
    stores.backlog.nextTryAt(db, clock.now()),
  ])
  const [next] = moments.filter((moment) => moment !== null).sort(Temporal.Instant.compare)
  if (!next) return null
  if (isBefore(clock.now(), next)) await clock.moveTo(next)
  return next
}
