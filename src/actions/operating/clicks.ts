import { countsClicks, lessonById, type Series } from '../../domain/course.ts'
import { Problem } from '../../domain/problem.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly series: ReadonlyMap<string, Series>
  readonly stores: Pick<typeof stores, 'clicks'>
}

/**
 * Returns how often each link of a course's lessons was followed, in the order of the lessons;
 * links of lessons that are no longer in it come last, without a day.
 *
 * @throws Problem `invalid` when there is no such series.
 */
export async function clicksOf(slug: string, { db, now, series, stores }: Deps) {
  const course = series.get(slug)
  if (!course)
    throw new Problem('invalid', 'operator.courses.unknown-among', {
      params: { course: slug, known: [...series.keys()].join(', ') },
    })
  await stores.clicks.aggregate(db, now())
  const [counts, readers] = await Promise.all([
    stores.clicks.counts(db, slug),
    stores.clicks.readers(db, slug),
  ])
  const links = counts
    .map(({ item, ...link }) => ({
      lesson: item,
      day: lessonById(course, item)?.day ?? null,
      ...link,
    }))
    .sort((a, b) => (a.day ?? Infinity) - (b.day ?? Infinity) || 0)
  return { series: slug, counts: countsClicks(course), readers, links }
}
