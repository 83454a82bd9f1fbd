/**
 * The oldest mails that should have come and have not. Each statement reads a bounded number of
 * rows from the front of an index (migration 0022), so that it costs the same whatever the backlog.
 */
import { type RawBuilder, sql } from 'kysely'
import { isResent } from './eligibility.ts'
import { isPaused } from './paused-series.ts'
import type { Db } from './postgres/sql.ts'

/** Since when the oldest of each kind has been due; null: there is none. */
export interface Behind {
  /** Enrollments that are due and not planned. */
  readonly unplanned: Temporal.Instant | null
  /** Planned mails that wait for a sender or a server, or are being sent. */
  readonly planned: Temporal.Instant | null
  /** Mails that were deferred, or whose outcome is unknown and that are sent again. */
  readonly deferred: Temporal.Instant | null
  /** How many are deferred, up to MOST_LOOKED_AT. */
  readonly deferrals: number
}

/** So many rows are looked at. */
const MOST_LOOKED_AT = 1_000

interface BehindRow {
  readonly oldest: Temporal.Instant | null
  readonly count: number
}

export async function oldest(
  db: Db,
  series: readonly string[],
  { now, resends }: { now: Temporal.Instant; resends: number },
): Promise<Behind> {
  const unplanned = await oldestUnplanned(db, series, now)
  const planned = await oldestOf(db, now, [...waiting('planned', now), sending(now)])
  const deferred = await oldestOf(db, now, [...waiting('retry', now), unknown(now, resends)])
  return {
    unplanned,
    planned: planned.oldest,
    deferred: deferred.oldest,
    deferrals: Math.min(deferred.count, MOST_LOOKED_AT),
  }
}

/**
 * One that was set aside, since it cannot be planned, is told by itself and keeps nobody else from
 * their mail.
 */
async function oldestUnplanned(db: Db, series: readonly string[], now: Temporal.Instant) {
  const { rows } = await sql<{ due_at: Temporal.Instant | null }>`
    select min(first.due_at) as due_at from unnest(${[...series]}::text[]) as of (series), lateral (
      select min(front.due_at) as due_at from (
        select id, due_at from enrollments
        where status = 'active' and series = of.series and due_at <= ${String(now)}::timestamptz
        order by due_at limit ${MOST_LOOKED_AT}
      ) as front
      where not exists (select from set_aside a where a.enrollment_id = front.id and a.due_at = front.due_at)
    ) as first`.execute(db)
  return rows[0]?.due_at ?? null
}

/**
 * A mail whose window has closed, or that was taken out of it, comes another morning and is not
 * behind. It is passed over, unless there are so many that only an outage can be the cause. So is
 * what waits in a paused series.
 */
async function oldestOf(
  db: Db,
  now: Temporal.Instant,
  sources: readonly RawBuilder<unknown>[],
): Promise<BehindRow> {
  const parts = sources.map(
    (source) => sql`
      select coalesce(min(due_at) filter (where until > ${String(now)}::timestamptz),
          case when count(*) > ${MOST_LOOKED_AT} then max(due_at) end) as oldest,
        count(*)::int as found
      from (${source} limit ${MOST_LOOKED_AT + 1}) as front where not ${isPaused('front')}`,
  )
  const { rows } = await sql<BehindRow>`
    select min(oldest) as oldest, sum(found)::int as count from (${sql.join(parts, sql` union all `)}) as parts`.execute(
    db,
  )
  return rows[0] ?? { oldest: null, count: 0 }
}

/** Lessons of earlier days have been given another morning, or wait for one. */
const waiting = (status: 'planned' | 'retry', now: Temporal.Instant) => {
  const of = sql`select due_at, until, kind, series from deliveries
    where status = ${sql.lit(status)} and try_at < until and due_at <= ${String(now)}::timestamptz`
  return [
    sql`${of} and kind <> 'lesson' order by due_at`,
    sql`${of} and kind = 'lesson' and due_at > ${String(now)}::timestamptz - interval '26 hours' order by due_at`,
  ]
}

/** There are never more than senders have places. */
const sending = (now: Temporal.Instant) => sql`select due_at, until, kind, series from deliveries
  where status = 'sending' and due_at <= ${String(now)}::timestamptz`

const unknown = (
  now: Temporal.Instant,
  resends: number,
) => sql`select due_at, until, kind, series from deliveries d
  where status = 'unknown' and ${isResent(resends)} and try_at < until and due_at <= ${String(now)}::timestamptz
  order by resends, due_at`

/** So many are counted of each. */
const MOST_COUNTED = 100_000

/**
 * How many mails are where before they leave, up to 100,000 each: due and not planned, planned,
 * deferred, being sent.
 */
export async function counts(
  db: Db,
  series: readonly string[],
  now: Temporal.Instant,
): Promise<Record<'due' | 'planned' | 'deferred' | 'sending', number>> {
  const at = sql`${String(now)}::timestamptz`
  const count = (rows: RawBuilder<unknown>) =>
    sql`(select count(*)::int from (${rows} limit ${MOST_COUNTED}) as front)`
  const waitingOf = (status: string, kind: RawBuilder<unknown>) => sql`select from deliveries
    where status = ${sql.lit(status)} and try_at < until and due_at <= ${at} and ${kind}`
  const all = (status: string) =>
    sql`${count(waitingOf(status, sql`kind = 'lesson'`))} + ${count(waitingOf(status, sql`kind <> 'lesson'`))}`
  const { rows } = await sql<Record<'due' | 'planned' | 'deferred' | 'sending', number>>`
    select ${count(sql`select from enrollments
        where status = 'active' and due_at <= ${at} and series = any (${[...series]}::text[])`)} as due,
      ${all('planned')} as planned, ${all('retry')} as deferred,
      ${count(sql`select from deliveries where status = 'sending'`)} as sending`.execute(db)
  return rows[0] ?? { due: 0, planned: 0, deferred: 0, sending: 0 }
}
