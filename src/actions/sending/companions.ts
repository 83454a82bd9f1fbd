/** Companions of a lesson's mail: an inspiration, or a letter of new articles. */
import type { Course, Daily, Newsletter, Series } from '../../domain/course.ts'
import { companionOf, type MailPlan, nextLessonMorning } from '../../domain/plan.ts'
import type { SendWindow } from '../../domain/schedule.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { type Deps as NewsDeps, withNews } from '../shared/news.ts'
import type { CarrierMail } from './merged-answers.ts'

export interface Deps extends Pick<NewsDeps, 'articles'> {
  readonly stores: Pick<typeof stores, 'due'> & NewsDeps['stores']
  readonly series: ReadonlyMap<string, Series>
  /** What is due no further apart from a lesson than this shares its mail; 0 turns this off. */
  readonly oneMailWithinMs: number
  readonly newId: (now: Temporal.Instant) => string
}

export const coursesOf = ({ series }: Pick<Deps, 'series'>) =>
  [...series.values()].filter(({ kind }) => kind === 'course').map(({ slug }) => slug)

/** Returns the series whose mails can be companions of a lesson. */
export const companionsOf = ({ series }: Pick<Deps, 'series'>) =>
  [...series.values()].filter(({ kind }) => kind !== 'course').map(({ slug }) => slug)

export const EXPIRED = { status: 'expired' } as const

export const ownerOf = ({ id, series }: stores.due.DueEnrollment) => ({ enrollmentId: id, series })

/** A row to write and, for a letter, what it announces. */
export type PlannedMail = stores.deliveries.NewDelivery &
  Pick<MailPlan, 'announced'> & { readonly id: string }

export interface Planning {
  /** Mails of lessons that can still take a companion, by reader. */
  readonly departures: Map<string, CarrierMail>
  readonly mails: PlannedMail[]
  readonly advances: stores.due.Advance[]
}

/**
 * Plans the inspirations and letters that go with the lessons being planned: at most one per mail,
 * and an inspiration before a letter.
 */
export async function planCompanions(
  tx: Db,
  now: Temporal.Instant,
  { departures, mails, advances }: Planning,
  deps: Deps,
) {
  const { stores, series, oneMailWithinMs: withinMs, newId } = deps
  const query = {
    subscribers: withinMs > 0 ? [...departures.keys()] : [],
    series: companionsOf(deps),
    by: now.add({ milliseconds: withinMs }),
  }
  const soon = await stores.due.soon(tx, query, { claim: true })
  const rows = await withNews(tx, { rows: soon, now }, deps)
  const kindOf = ({ series: slug }: { series: string }) => series.get(slug)?.kind
  const inTurn = rows.toSorted(
    (a, b) => Number(kindOf(a) === 'letter') - Number(kindOf(b) === 'letter'),
  )
  for (const row of inTurn) {
    const departure = departures.get(row.subscriberId)
    const candidate = { series: series.get(row.series) as Daily | Newsletter, due: row }
    const companion =
      departure && companionOf({ morning: departure.morning, withinMs }, candidate, now)
    if (!departure || !companion) continue
    departures.delete(row.subscriberId)
    const owner = () => ({ ...ownerOf(row), id: newId(now) })
    if (companion.missed) mails.push({ ...companion.missed, ...owner(), ...EXPIRED })
    mails.push({ ...companion.mail, ...owner(), mergedInto: departure.delivery })
    advances.push({ id: row.id, next: companion.next })
  }
}

/**
 * Returns a lookup from a companion that is due to the morning of a lesson worth waiting for, or
 * null.
 */
export async function openLessonLookup(
  tx: Db,
  now: Temporal.Instant,
  due: readonly stores.due.DueEnrollment[],
  { stores, series, oneMailWithinMs }: Deps,
) {
  const waiting = due.filter(
    (row) => oneMailWithinMs > 0 && series.get(row.series)?.kind !== 'course',
  )
  const soon = await stores.due.soon(tx, {
    subscribers: waiting.map(({ subscriberId }) => subscriberId),
    series: coursesOf({ series }),
    by: now.add({ milliseconds: oneMailWithinMs }),
  })
  const lessonsBySubscriber = Map.groupBy(soon, ({ subscriberId }) => subscriberId)
  return ({ subscriberId }: { subscriberId: string }, companion: SendWindow) =>
    lessonsBySubscriber
      .get(subscriberId)
      ?.map((row) =>
        nextLessonMorning(series.get(row.series) as Course, row, companion, now, oneMailWithinMs),
      )
      .find((morning) => morning !== null) ?? null
}
