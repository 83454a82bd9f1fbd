/** What the planner asks of the enrollments: which are due, and when they will be due next. */
import { sql } from 'kysely'
import type { Rhythm } from '../domain/rhythm.ts'
import type { SendWindow } from '../domain/schedule.ts'
import { NIL_UUID } from '../domain/uuid.ts'
import { isResent } from './eligibility.ts'
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
  /** Ids of the lessons that stand in the ledger. */
  readonly had: readonly string[]
  /** Id of the delivery of a lesson that has not left. */
  readonly unsent: string | null
  /** The date of the last lesson that has left. */
  readonly lastOn: Temporal.PlainDate | null
  /** The start on which it begins together with others. */
  readonly startsOn: Temporal.PlainDate | null
  /** Its pause ends by itself on this date. */
  readonly pausedUntil: Temporal.PlainDate | null
  /** Its reader is to be told of answers to their comments. */
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

const dueOf = (row: DueRow): DueEnrollment => ({
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

/** What the planner asks of an enrollment e. Arrays come as JSON, which needs no parser of ours. */
const DUE = sql`e.id, e.subscriber_id, e.series, e.time_of_day, e.zone,
  to_json(e.weekdays) as weekdays, e.every_other,
  e.quiet_from, e.quiet_to, e.due_on, e.due_at, e.paused_until,
  e.starts_on, lessons.had, lessons.unsent, lessons.last_on,
  exists (select from comment_answers w where w.subscriber_id = e.subscriber_id
  and w.news is not null) as has_answers`
const LESSONS = lessonsUnsent(sql`d.status in ('planned', 'retry')`)

/** A place in the order in which enrollments are claimed. */
export type DuePlace = Pick<DueEnrollment, 'dueAt' | 'id'>

export interface ClaimOptions {
  readonly limit: number
  /**
   * What comes up to this place has been claimed, or passed over. What a claim leaves behind there
   * is gone through again each time as long as a transaction elsewhere might still see it, such as
   * a dump's.
   */
  readonly beyond: DuePlace | null
  readonly except: readonly string[]
  /** Series that are planned before. */
  readonly after: readonly string[]
  /** How often a delivery of unknown outcome is sent again. */
  readonly resends: number
  readonly seen: lineage.KnownPast
}

/**
 * A lesson of unknown outcome has not left for good when it is to be sent again and its window has
 * closed.
 */
const unsentBy = (at: string, resends: number) => sql`d.status in ('planned', 'retry')
  or (d.status = 'unknown' and ${isResent(resends)} and d.until <= ${at}::timestamptz)`

/**
 * Is nothing of its reader due in a series that is planned before? Not asked where there is none.
 */
const isFirst = (at: string, { after, except }: Pick<ClaimOptions, 'after' | 'except'>) =>
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
 * Active enrollments in these series due by `now`, oldest first, with the lesson that has not left
 * yet, if there is one. Locks the rows and passes over those another planner holds, so that any
 * number may run. Left out are readers with something due in a series of `after`, which is planned
 * first, and what is set aside. There are none while the past of the database is in question.
 * Looked for series by series: what is due in one that has ended stays so for good, and is not gone
 * through. Each is looked up by its key, since a join would go through all enrollments, to find and
 * sort all that is due, for every batch of them.
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
    ${prepared(options.after.length > 0 ? 'claim-due-after' : 'claim-due')} select ${DUE}
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
            ${isFirst(at, options)}
          for update of e skip locked
        ) as e
        limit ${options.limit}
      ) as e
      where ${lineage.isSound(options.seen)}
      order by e.due_at, e.id
      limit ${options.limit}
    ) as e, ${lessonsUnsent(unsentBy(at, options.resends))}
    order by e.due_at, e.id`.execute(db)
  return rows.map(dueOf)
}

interface Page {
  readonly until: Temporal.Instant
  /** A lesson has not left when its window had closed by then; null: each has. */
  readonly from: Temporal.Instant | null
  /** The last id of the page before. */
  readonly after: string
  readonly limit: number
  /** Locks them. */
  readonly claim?: true
}

/**
 * Active enrollments in these series due by `until`, page by page, in the order of their ids: for
 * what looks at all.
 */
export async function dueBy(
  db: Db,
  series: readonly string[],
  { until, from, after, limit, claim }: Page,
): Promise<DueEnrollment[]> {
  const { rows } = await sql<DueRow>`
    select ${DUE}
    from due join enrollments e on e.id = due.enrollment_id and e.due_at = due.at,
      ${lessonsUnsent(sql`d.status in ('planned', 'retry')
        and d.until <= ${from && String(from)}::timestamptz`)}
    where due.series = any (${[...series]}::text[]) and due.at <= ${String(until)}
      and e.status = 'active'
      and e.id > ${after}::uuid
    order by e.id
    limit ${limit}
    ${claim ? sql`for update of e` : sql``}`.execute(db)
  return rows.map(dueOf)
}

interface Theirs {
  readonly subscribers: readonly string[]
  readonly series: readonly string[]
  /** Due no later than this. */
  readonly by: Temporal.Instant
}

/**
 * What these readers have due soon and can be planned. `claim`: locked, and without what another
 * planner holds.
 */
export async function soon(
  db: Db,
  { subscribers, series, by }: Theirs,
  { claim }: { claim?: true } = {},
): Promise<DueEnrollment[]> {
  if (subscribers.length === 0) return []
  const { rows } = await sql<DueRow>`
    ${prepared(claim ? 'claim-due-soon' : 'due-soon')} select ${DUE}
    from enrollments e, ${LESSONS}
    where e.subscriber_id = any (${[...subscribers]}::uuid[])
      and e.series = any (${[...series]}::text[])
      and e.status = 'active' and e.due_at <= ${String(by)} and not ${isSetAside(String(by))}
    order by e.due_at
    ${claim ? sql`for update of e skip locked` : sql``}`.execute(db)
  return rows.map(dueOf)
}

export interface Advance {
  readonly id: string
  /** Null: the series is over. With no instant: the planner looks when its course has changed. */
  readonly next: (Pick<SendWindow, 'on'> & { readonly at: Temporal.Instant | null }) | null
}

/**
 * Writes what the planner decided for a batch of enrollments, in one statement. A pause whose end
 * it was is over.
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
 * The next instant after `since` at which the planner has something to do, or null. What is set
 * aside is not looked at before its time.
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
