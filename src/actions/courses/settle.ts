import type { Series } from '../../domain/course.ts'
import { morningAhead } from '../../domain/schedule.ts'
import { replacementStart, startsOf } from '../../domain/starts.ts'
import { NIL_UUID } from '../../domain/uuid.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'courses' | 'waiting'>
  readonly live: { readonly series: ReadonlyMap<string, Series> }
}

/** Readers who are given a morning in one transaction. */
const PAGE = 1_000

/**
 * Gives readers who wait for a change of these series a morning: the next one ahead, so that nobody
 * gets a lesson at the hour it was published. The planner then decides what comes, keeping the
 * author's gap. A reader who waits for a start that no longer exists begins at the one that
 * replaces it. What a crash leaves undone is found by the next process that publishes.
 */
export async function settle(slugs: readonly string[], deps: Deps): Promise<void> {
  for (const slug of slugs) {
    await allPages((after) => wakePage(slug, after, deps))
    await allPages((after) => movePage(slug, after, deps))
    await deps.stores.courses.markSettled(deps.db, slug)
  }
}

/** Runs through all pages: `page` returns its last id, or undefined when there are no more. */
async function allPages(page: (after: string) => Promise<string | undefined>) {
  let after: string | undefined = NIL_UUID
  while (after !== undefined) after = await page(after)
}

function wakePage(slug: string, after: string, { db, now, stores }: Deps) {
  return db.transaction().execute(async (tx) => {
    const waiting = await stores.waiting.page(tx, slug, { after, limit: PAGE })
    await stores.waiting.wake(tx, waiting.map(ahead(now())))
    return waiting.at(-1)?.id
  })
}

async function movePage(slug: string, after: string, { db, now, stores, live }: Deps) {
  const series = live.series.get(slug)
  const starts = series ? startsOf(series) : []
  // When readers begin alone again, those who wait for a start keep it.
  if (starts.length === 0) return undefined
  const page = { after, limit: PAGE, starts: starts.map(String) }
  return db.transaction().execute(async (tx: Db) => {
    const waiting = await stores.waiting.beforeStart(tx, slug, page)
    const moved = waiting.map((row) => {
      const start = replacementStart(starts, row.dueOn) ?? row.dueOn
      return { ...ahead(now())({ ...row, dueOn: start }), start }
    })
    await stores.waiting.wake(tx, moved)
    return waiting.at(-1)?.id
  })
}

const ahead =
  (now: Temporal.Instant) =>
  ({ id, rhythm, dueOn }: stores.waiting.WaitingReader) => ({
    id,
    next: morningAhead(rhythm, dueOn, now),
  })
