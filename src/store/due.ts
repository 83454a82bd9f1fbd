/** What the planner reads from enrollments: which are due, and when they will be due next. */
import { sql } from 'kysely'
import type { Rhythm } from '../domain/rhythm.ts'
import type { SendWindow } from '../domain/schedule.ts'
import { NIL_UUID } from '../domain/uuid.ts'
import { isResentAutomatically } from './eligibility.ts'
import { type Enrollment, type RhythmColumns, rhythmOf } from './enrollments.ts'
import { lessonsUnsent } from './lessons-unsent.ts'
import * as lineage from './lineage.ts'
import { type Db, prepared } from './postgres/sql.ts'
import { isSetAside } from './set-aside.ts'

export interface DueEnrollment {
  readonly id: string
  readonly subscriberId: string
  readonly series: string
  readonly rhythm: Rhythm
  readonly dueOn: Temporal.PlainDate
  readonly dueAt: Temporal.Instant
  /** Ids of the lessons in the ledger. */
  readonly had: readonly string[]
  /** Id of the delivery of a lesson that has not left. */
  readonly unsent: string | null
  /** Date of the last lesson that has left. */
  readonly lastOn: Temporal.PlainDate | null
  /** The shared start on which it begins together with others. */
  readonly startsOn: Temporal.PlainDate | null
  /** Date on which its pause ends by itself. */
  readonly pausedUntil: Temporal.PlainDate | null
  /** Whether there are answers to its reader's comments to tell them of. */
  readonly hasAnswers: boolean
}

type DueRow = Pick<
  Enrollment,
  'id' | 'subscriber_id' | 'series' | 'paused_until' | 'starts_on' | RhythmColumns
> & {
  due_on: Temporal.PlainDate
  due_at: Temporal.Instant
  had: string[]
  unsent: string | null
  last_on: Temporal.PlainDate | null
  has_answers: boolean
}

const toDueEnrollment = (row: DueRow): DueEnrollment => ({
  id: row.id,
  subscriberId: row.subscriber_id,
  series: row.series,
  rhythm: rhythmOf(row),
  dueOn: row.due_on,
  dueAt: row.due_at,
  had: row.had,
  unsent: row.unsent,
  lastOn: row.last_on,
  startsOn: row.starts_on,
  pausedUntil: row.paused_until,
  hasAnswers: row.has_answers,
})

/** What the planner reads of an enrollment e. Arrays come as JSON, which pg parses itself. */
const DUE_COLUMNS = sql`e.id, e.subscriber_id, e.series, e.time_of_day, e.zone,
  to_json(e.weekdays) as weekdays, e.every_other,
  e.quiet_from, e.quiet_to, e.due_on, e.due_at, e.paused_until,
  e.starts_on, lessons.had, lessons.unsent, lessons.last_on,
  exists (select from comment_answers w where w.subscriber_id = e.subscriber_id
  and w.news is not null) as has_answers`
const LESSONS = lessonsUnsent(sql`d.status in ('planned', 'retry')`)

/** A position in the order in which enrollments are claimed. */
export type DuePosition = Pick<DueEnrollment, 'dueAt' | 'id'>

export interface ClaimOptions {
  readonly limit: number
  /**
   * Everything up to this place has been claimed or passed over. Starting after it avoids the dead
   * rows that claims leave there, which are scanned each time as long as another transaction, such
   * as a dump's, might still see them.
   */
  readonly beyond: DuePosition | null
  readonly except: readonly string[]
  /** Series that must be planned first. */
  readonly after: readonly string[]
  /** How many times a delivery whose outcome is unknown may be resent. */
  readonly resends: number
  readonly seen: lineage.KnownLineage
}

/**
 * A lesson whose outcome is unknown counts as not left if it may be resent and its window has
 * closed.
 */
const unsentBy = (at: string, resends: number) => sql`d.status in ('planned', 'retry')
  or (d.status = 'unknown' and ${isResentAutomatically(resends)} and d.until <= ${at}::timestamptz)`

/**
 * Whether its reader has nothing due in a series that must be planned first. Omitted if there is no
 * such series.
 */
const noPrecedingSeriesDue = (
  at: string,
  { after, except }: Pick<ClaimOptions, 'after' | 'except'>,
) =>
  after.length === 0
    ? sql``
    : sql`and not exists (
        select from enrollments first
        where first.subscriber_id = e.subscriber_id and first.status = 'active'
          and first.due_at <= ${at}
          and first.series = any (${[...after]}::text[])
          and first.id <> all (${[...except]}::uuid[])
          and not exists (
            select from set_aside a
            where a.enrollment_id = first.id and a.due_at = first.due_at and a.try_at > ${at}
          )
      )`

/**
 * Returns active enrollments in these series due by `now`, oldest first, each with the lesson that
 * has not left yet, if any. Locks the rows and passes over those another planner holds, so that any
 * number may run. Leaves out readers with something due in a series of `after`, and what is set
 * aside. Returns none while the past of the database is in question. `due` is scanned series by
 * series: what is due in a series that has ended stays due forever and must not be scanned. Each
 * enrollment is looked up by its key, since a join would read and sort everything due for every
 * batch.
 */
export async function claim(
  db: Db,
  series: readonly string[],
  now: Temporal.Instant,
  options: ClaimOptions,
): Promise<DueEnrollment[]> {
  const at = String(now)
  const except = sql`${[...options.except]}::uuid[]`
  const [from, place] = options.beyond
    ? [String(options.beyond.dueAt), options.beyond.id]
    : ['-infinity', NIL_UUID]
  const { rows } = await sql<DueRow>`
    ${prepared(options.after.length > 0 ? 'claim-due-after' : 'claim-due')} select ${DUE_COLUMNS}
    from (
      select e.* from unnest(${[...series]}::text[]) as of (series), lateral (
        select e.* from (
          select due.at, due.enrollment_id from due
          where due.series = of.series and due.at <= ${at}
            and (due.at, due.enrollment_id) > (${from}::timestamptz, ${place}::uuid)
          order by due.at, due.enrollment_id
          offset 0
        ) as due, lateral (
          select e.* from enrollments e
          where e.id = due.enrollment_id and e.due_at = due.at and e.series = of.series
            and e.status = 'active'
            and e.id <> all (${except}) and not ${isSetAside(at)}
            ${noPrecedingSeriesDue(at, options)}
          for update of e skip locked
        ) as e
        limit ${options.limit}
      ) as e
      where ${lineage.isSound(options.seen)}
      order by e.due_at, e.id
      limit ${options.limit}
    ) as e, ${lessonsUnsent(unsentBy(at, options.resends))}
    order by e.due_at, e.id`.execute(db)
  return rows.map(toDueEnrollment)
}

interface Page {
  readonly until: Temporal.Instant
  /** A lesson counts as not left if its window had closed by then; null counts none. */
  readonly from: Temporal.Instant | null
  /** Last id of the previous page. */
  readonly after: string
  readonly limit: number
  /** Locks the rows. */
  readonly claim?: true
}

/**
 * Returns active enrollments in these series due by `until`, page by page in the order of their
 * ids, for tasks that go through all of them.
 */
export async function dueBy(
  db: Db,
  series: readonly string[],
  { until, from, after, limit, claim }: Page,
): Promise<DueEnrollment[]> {
  const { rows } = await sql<DueRow>`
    select ${DUE_COLUMNS}
    from due join enrollments e on e.id = due.enrollment_id and e.due_at = due.at,
      ${lessonsUnsent(sql`d.status in ('planned', 'retry')
        and d.until <= ${from && String(from)}::timestamptz`)}
    where due.series = any (${[...series]}::text[]) and due.at <= ${String(until)}
      and e.status = 'active'
      and e.id > ${after}::uuid
    order by e.id
    limit ${limit}
    ${claim ? sql`for update of e` : sql``}`.execute(db)
  return rows.map(toDueEnrollment)
}

interface SoonQuery {
  readonly subscribers: readonly string[]
  readonly series: readonly string[]
  /** Due no later than this. */
  readonly by: Temporal.Instant
}

/**
 * Returns what these readers have due soon and can be planned. With `claim`, locks the rows and
 * passes over those another planner holds.
 */
export async function soon(
  db: Db,
  { subscribers, series, by }: SoonQuery,
  { claim }: { claim?: true } = {},
): Promise<DueEnrollment[]> {
  if (subscribers.length === 0) return []
  const { rows } = await sql<DueRow>`
    ${prepared(claim ? 'claim-due-soon' : 'due-soon')} select ${DUE_COLUMNS}
    from enrollments e, ${LESSONS}
    where e.subscriber_id = any (${[...subscribers]}::uuid[])
      and e.series = any (${[...series]}::text[])
      and e.status = 'active' and e.due_at <= ${String(by)} and not ${isSetAside(String(by))}
    order by e.due_at
    ${claim ? sql`for update of e skip locked` : sql``}`.execute(db)
  return rows.map(toDueEnrollment)
}

export interface Advance {
  readonly id: string
  /** Null if the series is over. A null instant: the planner waits until the course changes. */
  readonly next: (Pick<SendWindow, 'on'> & { readonly at: Temporal.Instant | null }) | null
}

/**
 * Writes the planner's decisions for a batch of enrollments in one statement. A pause that ended by
 * itself is cleared.
 */
export async function advance(
  db: Db,
  advances: readonly Advance[],
  now: Temporal.Instant,
): Promise<void> {
  if (advances.length === 0) return
  await sql`
    ${prepared('advance')} update enrollments e set
      due_on = a.due_on,
      due_at = a.due_at,
      paused_at = null,
      paused_until = null,
      status = case when a.due_on is null then 'completed' else e.status end,
      ended_at = case when a.due_on is null then ${String(now)}::timestamptz end
    from unnest(
      ${advances.map((a) => a.id)}::uuid[],
      ${advances.map((a) => a.next && String(a.next.on))}::date[],
      ${advances.map((a) => a.next?.at && String(a.next.at))}::timestamptz[]
    ) as a (id, due_on, due_at)
    where e.id = a.id`.execute(db)
}

/**
 * Returns the next instant after `since` at which the planner has something to do, or null.
 * Enrollments set aside count from their next try.
 */
export async function nextAt(
  db: Db,
  series: readonly string[],
  since: Temporal.Instant | null = null,
): Promise<Temporal.Instant | null> {
  const { rows } = await sql<{ at: Temporal.Instant | null }>`
    ${prepared('next-due')} select least(
      (select min(first.at) from unnest(${[...series]}::text[]) as of (series), lateral (
        select due.at from due
        where due.series = of.series and due.at < 'infinity'
          and due.at > ${since ? String(since) : '-infinity'}::timestamptz
          and not exists (
            select from set_aside a where a.enrollment_id = due.enrollment_id
              and a.due_at = due.at offset 0
          )
        order by due.at limit 1
      ) as first),
      (select min(greatest(a.try_at, a.due_at)) from set_aside a, lateral (
        select from due
        where due.series = any (${[...series]}::text[]) and due.at = a.due_at
          and due.enrollment_id = a.enrollment_id
        offset 0
      ) as still)
    ) as at`.execute(db)
  return rows[0]?.at ?? null
}
