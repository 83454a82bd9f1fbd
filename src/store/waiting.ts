/** Readers who wait for their course to change: see migration 0034. */
import { sql } from 'kysely'
import type { Rhythm } from '../domain/rhythm.ts'
import type { SendWindow } from '../domain/schedule.ts'
import { type Enrollment, type RhythmColumns, rhythmOf } from './enrollments.ts'
import type { Db } from './postgres/sql.ts'

export interface WaitingReader {
  readonly id: string
  readonly rhythm: Rhythm
  /** Earliest date of the next mail. */
  readonly dueOn: Temporal.PlainDate
}

export interface Page {
  /** Last id of the previous page. */
  readonly after: string
  readonly limit: number
}

/**
 * Returns the readers who have had all there is of a series and have nothing due, page by page in
 * the order of their ids; locks the rows.
 */
export async function page(
  db: Db,
  series: string,
  { after, limit }: Page,
): Promise<WaitingReader[]> {
  const { rows } = await sql<
    Pick<Enrollment, 'id' | RhythmColumns> & { due_on: Temporal.PlainDate }
  >`
    select e.id, e.time_of_day, e.zone, to_json(e.weekdays) as weekdays, e.every_other,
      e.quiet_from, e.quiet_to, e.due_on
    from due join enrollments e on e.id = due.enrollment_id
    where due.series = ${series} and due.at = 'infinity' and due.enrollment_id > ${after}::uuid
      and e.status = 'active' and e.due_at is null and e.paused_at is null
    order by due.enrollment_id
    limit ${limit}
    for update of e`.execute(db)
  return rows.map((row) => ({ id: row.id, rhythm: rhythmOf(row), dueOn: row.due_on }))
}

/**
 * Returns, in the same way, those who wait for a start that is none of `starts` and have had no
 * lesson yet. `dueOn` is their start.
 */
export async function beforeStart(
  db: Db,
  series: string,
  { after, limit, starts }: Page & { readonly starts: readonly string[] },
): Promise<WaitingReader[]> {
  const { rows } = await sql<
    Pick<Enrollment, 'id' | RhythmColumns> & { starts_on: Temporal.PlainDate }
  >`
    select e.id, e.time_of_day, e.zone, to_json(e.weekdays) as weekdays, e.every_other,
      e.quiet_from, e.quiet_to, e.starts_on
    from due join enrollments e on e.id = due.enrollment_id
    where due.series = ${series} and ${isWaitingForStart(starts)} and e.id > ${after}::uuid
    order by e.id
    limit ${limit}
    for update of e`.execute(db)
  return rows.map((row) => ({ id: row.id, rhythm: rhythmOf(row), dueOn: row.starts_on }))
}

const isWaitingForStart = (
  starts: readonly string[],
) => sql`e.status = 'active' and e.paused_at is null
  and e.starts_on <> all (${[...starts]}::date[])
  and not exists (select from deliveries d where d.enrollment_id = e.id and d.kind = 'lesson')`

/** Counts those whom `beforeStart` would return. */
export async function countBeforeStart(
  db: Db,
  series: string,
  starts: readonly string[],
): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    select count(*) as count from due join enrollments e on e.id = due.enrollment_id
    where due.series = ${series} and ${isWaitingForStart(starts)}`.execute(db)
  return Number(rows[0]?.count)
}

/** Makes the planner handle each of them on its morning. */
export async function wake(
  db: Db,
  enrollments: readonly {
    readonly id: string
    readonly next: SendWindow
    /** The start it waits for. */
    readonly start?: Temporal.PlainDate
  }[],
): Promise<void> {
  if (enrollments.length === 0) return
  await sql`
    update enrollments e set due_on = w.due_on, due_at = w.due_at,
      starts_on = coalesce(w.starts_on, e.starts_on)
    from unnest(
      ${enrollments.map(({ id }) => id)}::uuid[],
      ${enrollments.map(({ next }) => String(next.on))}::date[],
      ${enrollments.map(({ next }) => String(next.at))}::timestamptz[],
      ${enrollments.map(({ start }) => (start ? String(start) : null))}::date[]
    ) as w (id, due_on, due_at, starts_on)
    where e.id = w.id and e.status = 'active'`.execute(db)
}
