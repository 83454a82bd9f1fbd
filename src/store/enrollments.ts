import { type Selectable, sql } from 'kysely'
import { ONGOING } from '../domain/enrollment.ts'
import type { FieldValues } from '../domain/own-fields.ts'
import type { Rhythm, Weekday } from '../domain/rhythm.ts'
import type { SendWindow } from '../domain/schedule.ts'
import { type Db, newId } from './postgres/sql.ts'
import type { Tables } from './postgres/tables.ts'

export type Enrollment = Selectable<Tables['enrollments']>

export type RhythmColumns =
  | 'time_of_day'
  | 'zone'
  | 'weekdays'
  | 'every_other'
  | 'quiet_from'
  | 'quiet_to'

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

/**
 * Adds a pending enrollment and returns its id; null if the subscriber has an ongoing one in that
 * series, which stays as it is.
 */
export async function addPending(
  db: Db,
  enrollment: { subscriberId: string; series: string; rhythm: Rhythm; fields?: FieldValues },
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
      fields: enrollment.fields ?? {},
      created_at: String(now),
    })
    .onConflict((conflict) =>
      conflict
        .columns(['subscriber_id', 'series'])
        // As literals: a generic plan, for any parameters, could not infer the partial index.
        .where(
          sql`status`,
          'in',
          ONGOING.map((status) => sql.lit(status)),
        )
        .doNothing(),
    )
    .returning('id')
    .executeTakeFirst()
  return row?.id ?? null
}

export const byId = (db: Db, id: string) =>
  db.selectFrom('enrollments').selectAll().where('id', '=', id).executeTakeFirst()

/** Like `byId`, and locks it until the transaction ends. */
export const lock = (db: Db, id: string) =>
  db.selectFrom('enrollments').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()

/**
 * Returns a subscriber's enrollments, oldest first. With `lock`, nobody else changes them until the
 * transaction ends.
 */
export function ofSubscriber(db: Db, subscriberId: string, options: { lock?: true } = {}) {
  const rows = db
    .selectFrom('enrollments')
    .selectAll()
    .where('subscriber_id', '=', subscriberId)
    .orderBy('created_at')
    .orderBy('id')
  return (options.lock ? rows.forUpdate() : rows).execute()
}

/**
 * Returns the newest enrollment of an address that was confirmed and not left, active ones first;
 * or undefined.
 */
export const newestConfirmed = (db: Db, addressKey: string) =>
  db
    .selectFrom('enrollments as e')
    .innerJoin('subscribers as s', 's.id', 'e.subscriber_id')
    .select(['e.id', 'e.series', 'e.zone'])
    .where('s.address_key', '=', addressKey)
    .where('e.status', 'in', ['active', 'completed'])
    .orderBy('e.status')
    .orderBy('e.created_at', 'desc')
    .orderBy('e.id', 'desc')
    .limit(1)
    .executeTakeFirst()

export interface EnrollmentFilter {
  readonly subscriberId: string
  /** Limits it to one series; all if not given. */
  readonly series?: string | undefined
}

/** Ids of a subscriber's enrollments, as a subquery by which their deliveries are found. */
export const idsOf = (db: Db, { subscriberId, series }: EnrollmentFilter) =>
  db
    .selectFrom('enrollments')
    .select('id')
    .where('subscriber_id', '=', subscriberId)
    .$if(series !== undefined, (query) => query.where('series', '=', series as string))

interface FirstWindow extends SendWindow {
  /** The shared start on which it begins together with others, if any. */
  readonly start?: Temporal.PlainDate | null
}

export const activate = (db: Db, id: string, first: FirstWindow, now: Temporal.Instant) =>
  db
    .updateTable('enrollments')
    .set({
      status: 'active',
      confirmed_at: String(now),
      due_on: String(first.on),
      due_at: String(first.at),
      starts_on: first.start ? String(first.start) : null,
    })
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .execute()

/**
 * Ends all ongoing enrollments of a subscriber, or those in one series. Returns the ids of those it
 * ended.
 */
export async function end(
  db: Db,
  whose: EnrollmentFilter,
  as: 'left' | 'stopped' | 'restarted',
  now: Temporal.Instant,
): Promise<string[]> {
  const rows = await db
    .updateTable('enrollments')
    .set({ status: as, ended_at: String(now), due_on: null, due_at: null, ...UNPAUSED })
    .where('subscriber_id', '=', whose.subscriberId)
    .where('status', 'in', [...ONGOING])
    .$if(whose.series !== undefined, (query) => query.where('series', '=', whose.series as string))
    .returning('id')
    .execute()
  return rows.map((row) => row.id)
}

const UNPAUSED = { paused_at: null, paused_until: null }

/**
 * Gives an active enrollment another rhythm: its next mail is meant for `on`; the planner handles
 * it at `at`.
 */
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

/** Replaces the answers of an enrollment; mails composed from now on use them. */
export const setFields = (db: Db, id: string, fields: FieldValues) =>
  db.updateTable('enrollments').set({ fields }).where('id', '=', id).execute()

/** Sets when the next mail of an active enrollment comes. */
export const setNext = (db: Db, id: string, next: SendWindow) =>
  db
    .updateTable('enrollments')
    .set({ due_on: String(next.on), due_at: String(next.at) })
    .where('id', '=', id)
    .where('status', '=', 'active')
    .execute()

export interface Pause {
  readonly at: Temporal.Instant
  /** Null until the reader resumes. */
  readonly until: Temporal.PlainDate | null
}

/** Begins or changes a pause; the planner handles it again at `dueAt`. `due_on` stays as it is. */
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
export const resume = (db: Db, id: string, next: SendWindow) =>
  db
    .updateTable('enrollments')
    .set({ due_on: String(next.on), due_at: String(next.at), ...UNPAUSED })
    .where('id', '=', id)
    .where('status', '=', 'active')
    .execute()
