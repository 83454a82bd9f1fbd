import { newUntil } from '../../domain/address.ts'
import { type Course, countsDays, nextLessonOf, type Series } from '../../domain/course.ts'
import type { FieldValues } from '../../domain/own-fields.ts'
import { nextMorningIn } from '../../domain/plan.ts'
import type { ReportReason } from '../../domain/report.ts'
import type { Rhythm } from '../../domain/rhythm.ts'
import type { SuppressionReason } from '../../domain/suppression.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly stores: Pick<
    typeof stores,
    'subscribers' | 'enrollments' | 'readerDeliveries' | 'suppressions'
  >
  readonly series: ReadonlyMap<string, Series>
  readonly now: () => Temporal.Instant
}

/** Where a person is in one series. */
export interface Overview {
  readonly id: string
  readonly series: Series
  readonly status: stores.enrollments.Enrollment['status']
  readonly rhythm: Rhythm
  /** All their answers to own fields, including fields that are no longer asked. */
  readonly fields: FieldValues
  /** Whether they agree to counting which links of its lessons they follow. */
  readonly agreesToClicks: boolean
  readonly confirmedAt: Temporal.Instant | null
  /** When the next mail comes; null if none does, and always null for a letter. */
  readonly nextAt: Temporal.Instant | null
  /** Number of the next lesson; null when all have come, and outside of courses. */
  readonly nextDay: number | null
}

/** Since when an address gets no mail, and why. */
export interface MailRefusal {
  readonly since: Temporal.Instant
  readonly reason: SuppressionReason
  /** The cause according to the report; null if there is none. */
  readonly said: ReportReason | null
}

export interface Person {
  readonly id: string
  readonly address: string
  readonly firstName: string
  /** Language used where nothing else decides; null for that of their series. */
  readonly language: string | null
  /** Epoch of their current links. */
  readonly epoch: number
  /** Until when their address counts as new, so that their data is locked; null if it does not. */
  readonly newUntil: Temporal.Instant | null
  /** Why nothing is sent to them although they did not leave; null if mail is sent. */
  readonly refused: MailRefusal | null
  /** Whether they have ever confirmed something. */
  readonly known: boolean
  /** Newest enrollment of each series, in the order they began. */
  readonly overviews: readonly Overview[]
  /** Returns the slug of the series of one of the person's enrollments, old ones included. */
  readonly enrolledIn: (enrollmentId: string) => string | undefined
}

/** Returns a subscriber and where they are; null if there is no such person (any more). */
export async function overviewOf(subscriberId: string, deps: Deps): Promise<Person | null> {
  const { db, stores, series, now } = deps
  const subscriber = await stores.subscribers.byId(db, subscriberId)
  if (!subscriber) return null
  const rows = await stores.enrollments.ofSubscriber(db, subscriberId)
  const newest = new Map(rows.map((row) => [row.series, row]))
  const overviews = [...newest.values()].map(async (row): Promise<Overview[]> => {
    const known = series.get(row.series)
    const rhythm = stores.enrollments.rhythmOf(row)
    if (!known) return []
    const { id, status, fields, confirmed_at: confirmedAt, due_at: nextAt } = row
    const agreesToClicks = row.clicks_since !== null
    const base = { id, series: known, status, rhythm, fields, agreesToClicks, confirmedAt }
    if (known.kind === 'daily') return [{ ...base, nextAt, nextDay: null }]
    // It comes when something is new, and nobody knows when that is.
    if (known.kind === 'letter') return [{ ...base, nextAt: null, nextDay: null }]
    const had = await stores.readerDeliveries.had(db, id)
    const nextDay = nextLessonOf(known, had)?.day ?? null
    return [
      { ...base, nextAt: nextAt && (await nextLessonAt(known, { ...row, had }, deps)), nextDay },
    ]
  })
  const enrolledIn = (enrollmentId: string) => rows.find(({ id }) => id === enrollmentId)?.series
  return {
    id: subscriberId,
    address: subscriber.address,
    firstName: subscriber.first_name,
    language: subscriber.language,
    epoch: subscriber.epoch,
    known: rows.some(({ confirmed_at }) => confirmed_at !== null),
    newUntil: newUntil(subscriber.address_since, now()),
    refused: await stores.suppressions.refusedSince(db, subscriber.address_hash),
    overviews: (await Promise.all(overviews)).flat(),
    enrolledIn,
  }
}

/**
 * Returns when the author's gap and start let the next lesson come: a control may make the planner
 * look sooner.
 */
async function nextLessonAt(
  course: Course,
  row: stores.enrollments.Enrollment & { readonly had: readonly string[] },
  { db, stores, now }: Deps,
): Promise<Temporal.Instant | null> {
  const { id, had, due_on: dueOn, due_at: dueAt, starts_on: startsOn } = row
  if ((countsDays(course) && !startsOn) || !dueOn) return dueAt
  const [unsent, lastOn] = await Promise.all([
    stores.readerDeliveries.unsent(db, id),
    stores.readerDeliveries.lastLessonOn(db, id),
  ])
  const rhythm = stores.enrollments.rhythmOf(row)
  const due = { rhythm, dueOn, had, lastOn, startsOn, unsent: unsent?.id ?? null }
  return nextMorningIn(course, { ...due, pausedUntil: row.paused_until }, now()).at
}

/** Does the same, by the id of one of the person's enrollments. */
export async function overviewBy(enrollmentId: string, deps: Deps): Promise<Person | null> {
  const row = await deps.stores.enrollments.byId(deps.db, enrollmentId)
  return row ? overviewOf(row.subscriber_id, deps) : null
}
