import { anonymousLine, anonymousText } from '../../domain/anonymous-text.ts'
import {
  type Daily,
  type Inspiration,
  inspirationOn,
  LISTED_DAYS,
  type Series,
} from '../../domain/course.ts'
import { dateIn, isAfter } from '../../domain/time.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly stores: Pick<typeof stores, 'courses' | 'shown'>
}

/** Most dates that are recorded: three years. */
const MAX_RECORDED_DATES = 3 * 366

/** The inspiration of a date, as the web shows it. */
export interface ShownInspiration extends Inspiration {
  readonly on: Temporal.PlainDate
  /** When its text last changed. */
  readonly updatedAt: Temporal.Instant
}

export interface DateSpan {
  readonly from: Temporal.PlainDate
  readonly to: Temporal.PlainDate
}

/**
 * Returns what a daily shows on these dates, both ends included, newest first. A date that was
 * shown before its files changed keeps its inspiration, by its title: a corrected text is corrected
 * there too, one that has been removed stays as it was.
 */
export async function shownOf(
  daily: Daily,
  { from, to }: DateSpan,
  { db, stores }: Deps,
): Promise<ShownInspiration[]> {
  const [recorded, since] = await Promise.all([
    stores.shown.between(db, daily.slug, { from, to }),
    stores.courses.liveSince(db, daily.slug),
  ])
  const byDate = new Map(recorded.map((record) => [String(record.on), record]))
  const byTitle = new Map(daily.inspirations.map((inspiration) => [inspiration.title, inspiration]))
  return datesOf({ from, to }).map((on) => {
    const then = byDate.get(String(on))
    const text = then ? (byTitle.get(then.title) ?? then) : inspirationOn(daily, on)
    const midnight = on.toZonedDateTime('UTC').toInstant()
    const isMended = then && since && text.html !== then.html && isAfter(since, midnight)
    return {
      on,
      title: anonymousLine(text.title),
      html: anonymousText(text.html),
      updatedAt: isMended ? since : midnight,
    }
  })
}

/**
 * Returns the inspiration of a date, from the first daily among `series`; null if there is none.
 */
export async function todaysInspiration(
  { on, series }: { readonly on: Temporal.PlainDate; readonly series: readonly Series[] },
  deps: Deps,
) {
  const daily = series.find((candidate) => candidate.kind === 'daily')
  const [inspiration] = daily ? await shownOf(daily, { from: on, to: on }, deps) : []
  return daily && inspiration ? { daily, inspiration } : null
}

/**
 * Records what a daily has shown until now, before its files change: since they went live, and on
 * the dates listed.
 */
export async function recordShown(
  tx: Db,
  daily: Daily,
  now: Temporal.Instant,
  { stores }: Pick<Deps, 'stores'>,
) {
  const to = dateIn('UTC', now)
  const since = await stores.courses.liveSince(tx, daily.slug)
  const days = Math.max(LISTED_DAYS, since ? dateIn('UTC', since).until(to).days : 0)
  const from = to.subtract({ days: Math.min(days, MAX_RECORDED_DATES) })
  const records = datesOf({ from, to }).map((on) => ({ on, ...inspirationOn(daily, on) }))
  await stores.shown.save(tx, daily.slug, records)
}

/** Returns the dates of a span, newest first. */
const datesOf = ({ from, to }: DateSpan) =>
  Array.from({ length: from.until(to).days + 1 }, (_, days) => to.subtract({ days }))
