import type { Selectable } from 'kysely'
import { sql } from 'kysely'
import type { Rhythm, Weekday } from '../domain/rhythm.ts'
import type { Morning } from '../domain/schedule.ts'
import { type Db, newId, prepared } from './sql.ts'
import type { EnrollmentStatus, Tables } from './tables.ts'

export type Enrollment = Selectable<Tables['enrollments']>

type RhythmColumns = 'time_of_day' | 'zone' | 'weekdays' | 'every_other' | 'quiet_from' | 'quiet_to'

export const rhythmOf = (row: Pick<Enrollment, RhythmColumns>): Rhythm => ({
  time: row.time_of_day,
  zone: row.zone,
  weekdays: row.weekdays as Weekday[],
  everyOther: row.every_other,
  quiet: row.quiet_from && row.quiet_to && { from: row.quiet_from, to: row.quiet_to },
})

const columnsOf = ({ time, zone, weekdays, everyOther = false, quiet }: Rhythm) => ({
  time_of_day: time,
  zone,
  weekdays: [...weekdays],
  every_other: everyOther,
  quiet_from: quiet ? String(quiet.from) : null,
  quiet_to: quiet ? String(quiet.to) : null,
})

/** A pending enrollment; or null when the subscriber has an open one in that series, which stays as it is. */
export async function addPending(
  db: Db,
  enrollment: { subscriberId: string; series: string; rhythm: Rhythm },
  now: Temporal.Instant,
) {
  const row = await db
    .insertInto('enrollments')
    .values({
      id: newId(now),
      subscriber_id: enrollment.subscriberId,
      series: enrollment.series,
      status: 'pending',
      ...columnsOf(enrollment.rhythm),
      created_at: String(now),
    })
    .onConflict((conflict) =>
      conflict.columns(['subscriber_id', 'series']).where('status', 'in', ['pending', 'active']).doNothing(),
    )
    .returning('id')
    .executeTakeFirst()
  return row?.id ?? null
}

export const byId = (db: Db, id: string) =>
  db.selectFrom('enrollments').selectAll().where('id', '=', id).executeTakeFirst()

/** The same, held until the transaction ends. */
export const lock = (db: Db, id: string) =>
  db.selectFrom('enrollments').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()

/** A subscriber's enrollments, oldest first. With `lock`, no one else changes them until the transaction ends. */
export function ofSubscriber(db: Db, subscriberId: string, options: { lock?: true } = {}) {
  const rows = db
    .selectFrom('enrollments')
    .selectAll()
    .where('subscriber_id', '=', subscriberId)
    .orderBy('created_at')
    .orderBy('id')
  return (options.lock ? rows.forUpdate() : rows).execute()
}

export interface Whose {
  readonly subscriberId: string
  /** Of one series; of all when it is not given. */
  readonly series?: string | undefined
}

/** Ids of a subscriber's enrollments, as a part of a statement: their deliveries hang on these. */
export const idsOf = (db: Db, { subscriberId, series }: Whose) =>
  db
    .selectFrom('enrollments')
    .select('id')
    .where('subscriber_id', '=', subscriberId)
    .$if(series !== undefined, (query) => query.where('series', '=', series as string))

export const activate = (db: Db, id: string, first: Morning, now: Temporal.Instant) =>
  db
    .updateTable('enrollments')
    .set({ status: 'active', confirmed_at: String(now), due_on: String(first.on), due_at: String(first.at) })
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .execute()

/** Ends all open enrollments of a subscriber, or those in one series. Returns the ids of those it ended. */
export async function end(
  db: Db,
  whose: Whose,
  as: 'left' | 'stopped' | 'restarted',
  now: Temporal.Instant,
): Promise<string[]> {
  const rows = await db
    .updateTable('enrollments')
    .set({ status: as, ended_at: String(now), due_on: null, due_at: null, ...UNPAUSED })
    .where('subscriber_id', '=', whose.subscriberId)
    .where('status', 'in', ['pending', 'active'])
    .$if(whose.series !== undefined, (query) => query.where('series', '=', whose.series as string))
    .returning('id')
    .execute()
  return rows.map((row) => row.id)
}

const UNPAUSED = { paused_at: null, paused_until: null }

/** Gives an active enrollment another rhythm: its next mail is meant for `on`; the planner looks at `at`. */
export const setRhythm = (
  db: Db,
  id: string,
  rhythm: Rhythm,
  { on, at }: { on: Temporal.PlainDate; at: Temporal.Instant | null },
) =>
  db
    .updateTable('enrollments')
    .set({ ...columnsOf(rhythm), due_on: String(on), due_at: at && String(at) })
    .where('id', '=', id)
    .where('status', '=', 'active')
    .execute()

/** The next mail of an active enrollment comes on `next`. */
export const setNext = (db: Db, id: string, next: Morning) =>
  db
    .updateTable('enrollments')
    .set({ due_on: String(next.on), due_at: String(next.at) })
    .where('id', '=', id)
    .where('status', '=', 'active')
    .execute()

export interface Pause {
  readonly at: Temporal.Instant
  /** Null: until the reader resumes. */
  readonly until: Temporal.PlainDate | null
}

/** Begins a pause, or changes it; the planner looks again at `dueAt`. What was waited for stays noted. */
export const pause = (db: Db, id: string, { at, until }: Pause, dueAt: Temporal.Instant | null) =>
  db
    .updateTable('enrollments')
    .set({
      paused_at: String(at),
      paused_until: until && String(until),
      due_at: dueAt && String(dueAt),
    })
    .where('id', '=', id)
    .where('status', '=', 'active')
    .execute()

/** Ends a pause; the next mail comes on `next`. */
export const resume = (db: Db, id: string, next: Morning) =>
  db
    .updateTable('enrollments')
    .set({ due_on: String(next.on), due_at: String(next.at), ...UNPAUSED })
    .where('id', '=', id)
    .where('status', '=', 'active')
    .execute()

export interface DueEnrollment {
  readonly id: string
  readonly subscriberId: string
  readonly series: string
  readonly rhythm: Rhythm
  readonly dueOn: Temporal.PlainDate
  /** Ids of the lessons that stand in the ledger. */
  readonly had: readonly string[]
  /** Id of the delivery of a lesson that has not left. */
  readonly unsent: string | null
  /** Its pause ends by itself on this date. */
  readonly pausedUntil: Temporal.PlainDate | null
}

type DueRow = Pick<Enrollment, 'id' | 'subscriber_id' | 'series' | 'paused_until' | RhythmColumns> & {
  due_on: Temporal.PlainDate
  had: string[]
  unsent: string | null
}

const dueOf = (row: DueRow): DueEnrollment => ({
  id: row.id,
  subscriberId: row.subscriber_id,
  series: row.series,
  rhythm: rhythmOf(row),
  dueOn: row.due_on,
  had: row.had,
  unsent: row.unsent,
  pausedUntil: row.paused_until,
})

/** What the planner asks of an enrollment e. Arrays come as JSON, which needs no parser of ours. */
const DUE = sql`e.id, e.subscriber_id, e.series, e.time_of_day, e.zone, to_json(e.weekdays) as weekdays, e.every_other,
  e.quiet_from, e.quiet_to, e.due_on, e.paused_until, lessons.had, lessons.unsent`
/** Its lessons in the ledger, and the one of them that has not left. */
const LESSONS = sql`lateral (
  select coalesce(json_agg(d.item), '[]') as had,
    (array_agg(d.id) filter (where d.status in ('planned', 'retry')))[1] as unsent
  from deliveries d where d.enrollment_id = e.id and d.kind = 'lesson'
) as lessons`

/**
 * Active enrollments in these series due by `now`, oldest first, with the lesson that has not left yet, if
 * there is one. Locks the rows and passes over those another planner holds, so that any number may run. Left out
 * are readers with something due in a series of `after`: that is planned first.
 */
export async function claimDue(
  db: Db,
  series: readonly string[],
  now: Temporal.Instant,
  options: { limit: number; except: readonly string[]; after: readonly string[] },
): Promise<DueEnrollment[]> {
  const at = String(now)
  const except = sql`${[...options.except]}::uuid[]`
  const { rows } = await sql<DueRow>`
    ${prepared('claim-due')} select ${DUE}
    from enrollments e, ${LESSONS}
    where e.status = 'active' and e.due_at <= ${at} and e.series = any (${[...series]}::text[])
      and e.id <> all (${except})
      and not exists (
        select from enrollments first
        where first.subscriber_id = e.subscriber_id and first.status = 'active' and first.due_at <= ${at}
          and first.series = any (${[...options.after]}::text[]) and first.id <> all (${except})
      )
    order by e.due_at
    limit ${options.limit}
    for update of e skip locked`.execute(db)
  return rows.map(dueOf)
}

interface Theirs {
  readonly subscribers: readonly string[]
  readonly series: readonly string[]
  /** Due no later than this. */
  readonly by: Temporal.Instant
}

/** What these readers have due soon. `claim`: locked, and without what another planner holds. */
export async function dueSoon(
  db: Db,
  { subscribers, series, by }: Theirs,
  { claim }: { claim?: true } = {},
): Promise<DueEnrollment[]> {
  if (subscribers.length === 0) return []
  const { rows } = await sql<DueRow>`
    ${prepared(claim ? 'claim-due-soon' : 'due-soon')} select ${DUE}
    from enrollments e, ${LESSONS}
    where e.subscriber_id = any (${[...subscribers]}::uuid[]) and e.series = any (${[...series]}::text[])
      and e.status = 'active' and e.due_at <= ${String(by)}
    order by e.due_at
    ${claim ? sql`for update of e skip locked` : sql``}`.execute(db)
  return rows.map(dueOf)
}

export interface Advance {
  readonly id: string
  /** Null: the series is over. */
  readonly next: Morning | null
}

/** Writes what the planner decided for a batch of enrollments, in one statement. A pause whose end it was is over. */
export async function advance(db: Db, advances: readonly Advance[], now: Temporal.Instant): Promise<void> {
  if (advances.length === 0) return
  await sql`
    ${prepared('advance')} update enrollments e set
      due_on = a.due_on,
      due_at = a.due_at,
      paused_at = null,
      paused_until = null,
      status = case when a.due_at is null then 'completed' else e.status end,
      ended_at = case when a.due_at is null then ${String(now)}::timestamptz end
    from unnest(
      ${advances.map((a) => a.id)}::uuid[],
      ${advances.map((a) => a.next && String(a.next.on))}::date[],
      ${advances.map((a) => a.next && String(a.next.at))}::timestamptz[]
    ) as a (id, due_on, due_at)
    where e.id = a.id`.execute(db)
}

/** The next instant at which the planner has something to do, or null. */
export async function nextDueAt(db: Db, series: readonly string[]): Promise<Temporal.Instant | null> {
  const row = await db
    .selectFrom('enrollments')
    .select('due_at')
    .where('status', '=', 'active')
    .where('series', 'in', [...series])
    .orderBy('due_at')
    .limit(1)
    .executeTakeFirst()
  return row?.due_at ?? null
}

export async function countByStatus(db: Db): Promise<Partial<Record<EnrollmentStatus, number>>> {
  const rows = await db
    .selectFrom('enrollments')
    .select(({ fn }) => ['status', fn.countAll<string>().as('count')])
    .groupBy('status')
    .execute()
  return Object.fromEntries(rows.map((row) => [row.status, Number(row.count)]))
}
