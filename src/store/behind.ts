/**
 * The oldest mails that are overdue. Each statement reads a bounded number of rows from the front
 * of an index (migration 0022), so that it costs the same whatever the backlog.
 */
import { type RawBuilder, sql } from 'kysely'
import { OUTSTANDING } from '../domain/delivery.ts'
import type { OverdueMail } from '../domain/readiness.ts'
import { isResentAutomatically } from './eligibility.ts'
import { isPaused } from './paused-series.ts'
import { type Db, instant, literals } from './postgres/sql.ts'

/** Rows read at most. */
const MAX_SCANNED = 1_000

interface BehindRow {
  readonly oldest: Temporal.Instant | null
  readonly count: number
}

export async function oldest(
  db: Db,
  series: readonly string[],
  { now, resends }: { now: Temporal.Instant; resends: number },
): Promise<OverdueMail> {
  const unplanned = await oldestUnplanned(db, series, now)
  const { planned, deferred } = await oldestTried(db, { now, resends })
  return {
    unplanned,
    planned: planned.oldest,
    deferred: deferred.oldest,
    deferrals: Math.min(deferred.count, MAX_SCANNED),
  }
}

/**
 * An enrollment that was set aside, since it cannot be planned, is reported separately and left out
 * here.
 */
async function oldestUnplanned(db: Db, series: readonly string[], now: Temporal.Instant) {
  const { rows } = await sql<{ due_at: Temporal.Instant | null }>`
    select min(first.due_at) as due_at from unnest(${[...series]}::text[]) as of (series), lateral (
      select min(front.at) as due_at from (
        select enrollment_id, at from due
        where series = of.series and at <= ${String(now)}::timestamptz
        order by at limit ${MAX_SCANNED}
      ) as front
      where not exists (
        select from set_aside a where a.enrollment_id = front.enrollment_id and a.due_at = front.at
      )
    ) as first`.execute(db)
  return rows[0]?.due_at ?? null
}

/**
 * A mail whose window has closed, or that was taken out of it, comes another morning and is not
 * overdue. It is passed over, unless there are so many that only an outage can be the cause. So are
 * mails that wait in a paused series.
 */
async function oldestTried(db: Db, { now, resends }: { now: Temporal.Instant; resends: number }) {
  const parts = FRONTS.map(
    (front) => sql`
      select is_deferred, coalesce(min(due_at) filter (where until > ${instant(now)}),
          case when count(*) > ${MAX_SCANNED} then max(due_at) end) as oldest,
        count(*)::int as found
      from (${front(now, resends)} limit ${MAX_SCANNED + 1}) as front
      where is_deferred is not null and not ${isPaused('front')}
      group by is_deferred`,
  )
  const { rows } = await sql<BehindRow & { is_deferred: boolean }>`
    select is_deferred, min(oldest) as oldest, sum(found)::int as count
    from (${sql.join(parts, sql` union all `)}) as parts group by is_deferred`.execute(db)
  const of = (deferred: boolean): BehindRow =>
    rows.find(({ is_deferred }) => is_deferred === deferred) ?? { oldest: null, count: 0 }
  return { planned: of(false), deferred: of(true) }
}

type Front = (now: Temporal.Instant, resends: number) => RawBuilder<unknown>

/**
 * Mails that have failed before are in indexes of their own, so that a crowd of deferred ones hides
 * none that has not been tried. Lessons of earlier days have been given another morning, or wait
 * for one. Those that have not failed are found by the end of their windows, then in the order
 * planned.
 */
const FRONTS: readonly Front[] = (['is null', 'is not null'] as const).flatMap((tries) => {
  const of: Front = (now, resends) => sql`
    select d.due_at, d.until, d.kind, d.series, case
      when d.status in ('planned', 'sending') then false
      when d.status = 'retry' or ${isResentAutomatically(resends)} then true
    end as is_deferred
    from ledger d
    where d.status in (${literals(OUTSTANDING)}) and d.try_at < d.until and d.tries ${sql.raw(tries)} and d.due_at <= ${instant(now)}`
  const first = sql.raw(tries === 'is null' ? 'd.until, d.id' : 'd.due_at')
  const otherKinds: Front = (now, resends) =>
    sql`${of(now, resends)} and d.kind <> 'lesson' order by d.due_at`
  const lessons: Front = (now, resends) =>
    sql`${of(now, resends)} and d.kind = 'lesson' and d.due_at > ${instant(now)} - interval '26 hours' order by ${first}`
  return [otherKinds, lessons]
})

/** Rows counted at most. */
const MAX_COUNTED = 1_000_000

type Counts = Record<'due' | 'planned' | 'deferred' | 'sending', number>

/**
 * Counts mails by where they are before they leave: due and not planned, planned, deferred, being
 * sent. Counts at most a million of the first, and of the others together. No index has their
 * states: what has not ended is scanned, once.
 */
export async function counts(
  db: Db,
  series: readonly string[],
  now: Temporal.Instant,
): Promise<Counts> {
  const at = instant(now)
  const isWaiting = sql`try_at < until and due_at <= ${at}`
  const { rows } = await sql<Counts>`
    select (select count(*)::int from (select from due
        where at <= ${at} and series = any (${[...series]}::text[]) limit ${MAX_COUNTED}) as front) as due,
      count(*) filter (where status = 'planned' and ${isWaiting})::int as planned,
      count(*) filter (where status = 'retry' and ${isWaiting})::int as deferred,
      count(*) filter (where status = 'sending')::int as sending
    from (
      select status, try_at, until, due_at from ledger
      where status in (${literals(OUTSTANDING)}) limit ${MAX_COUNTED}
    ) as outstanding`.execute(db)
  return rows[0] ?? { due: 0, planned: 0, deferred: 0, sending: 0 }
}
