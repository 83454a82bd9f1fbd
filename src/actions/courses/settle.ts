import { morningAhead } from '../../domain/schedule.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'courses' | 'waiting'>
}

/** Readers who are given a morning in one transaction. */
const PAGE = 1_000
/** Before all ids. */
const NONE = '00000000-0000-0000-0000-000000000000'

/**
 * Gives those who wait for a change of these series a morning: the next one that lies ahead, so
 * that nobody gets a lesson at the hour at which it was published. The planner then decides what
 * comes, with the author's gap kept. What is left by a crash is found again by the next that
 * publishes.
 */
export async function settle(slugs: readonly string[], deps: Deps): Promise<void> {
  const { db, stores } = deps
  for (const slug of slugs) {
    let after: string | undefined = NONE
    while (after !== undefined) after = await wakePage(slug, after, deps)
    await stores.courses.settle(db, slug)
  }
}

/** Returns the last id, or undefined when there are no more. */
function wakePage(slug: string, after: string, { db, now, stores }: Deps) {
  return db.transaction().execute(async (tx) => {
    const waiting = await stores.waiting.page(tx, slug, { after, limit: PAGE })
    const at = now()
    await stores.waiting.wake(
      tx,
      waiting.map(({ id, rhythm, dueOn }) => ({ id, next: morningAhead(rhythm, dueOn, at) })),
    )
    return waiting.at(-1)?.id
  })
}
