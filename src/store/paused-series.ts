/**
 * Series paused by the program or an operator, and what was observed about them: see migration
 * 0049.
 */
import { type Expression, type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely'
import { TRANSACTIONAL } from '../domain/delivery.ts'
import { ALL_SERIES, type Evidence, type PauseReason } from '../domain/guard-rails.ts'
import { type Db, instant } from './postgres/sql.ts'
import type { Tables } from './postgres/tables.ts'

export type SeriesState = Selectable<Tables['paused_series']>

/** Evaluated once per statement, not per row; usually there are none. */
const pausedNames = sql`array(select p.series from paused_series p where p.since is not null)`

/**
 * Whether the series of a mail is paused, or all are. What people ask for themselves still leaves.
 * For statements with deliveries under the name given.
 */
export const isPaused = (mail: 'd' | 'lesson' | 'front' = 'd'): Expression<SqlBool> => {
  const column = (name: string) => sql.ref(`${mail}.${name}`)
  return sql`(${column('kind')} <> all (${[...TRANSACTIONAL]}::text[])
    and array[${column('series')}, ${ALL_SERIES}] && ${pausedNames})`
}

/** Whether all series are paused. */
export const isAllPaused: RawBuilder<boolean> = sql`exists (
  select from paused_series p where p.series = ${ALL_SERIES} and p.since is not null)`

/** Returns all that are known, by name. */
export const all = (db: Db): Promise<SeriesState[]> =>
  db.selectFrom('paused_series').selectAll().orderBy('series').execute()

export interface PauseRequest {
  readonly series: string
  readonly reason: PauseReason
  readonly evidence: Evidence | null
  /**
   * When the series was last resumed, as far as the caller knows: if that has changed, the evidence
   * is from before and nothing is paused.
   */
  readonly resumedAt?: Temporal.Instant | null
}

/**
 * Pauses a series. Returns whether it was not paused before: of several callers that see the same,
 * only one gets true.
 */
export async function pause(
  db: Db,
  { series, reason, evidence, resumedAt }: PauseRequest,
  now: Temporal.Instant,
): Promise<boolean> {
  const isStill =
    resumedAt === undefined
      ? sql`true`
      : sql`p.resumed_at is not distinct from ${resumedAt && String(resumedAt)}::timestamptz`
  const { rows } = await sql`
    insert into paused_series as p (series, since, reason, evidence, is_told)
    values (${series}, ${instant(now)}, ${reason}, ${evidence && JSON.stringify(evidence)}::jsonb,
      ${reason === 'operator'})
    on conflict (series) do update set since = excluded.since, reason = excluded.reason,
      evidence = excluded.evidence, is_told = excluded.is_told
    where p.since is null and ${isStill}
    returning series`.execute(db)
  return rows.length > 0
}

/**
 * Ends the pause of a series; returns whether there was one. What came before is not counted again.
 */
export async function resume(db: Db, series: string, now: Temporal.Instant): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('paused_series')
    .set({
      since: null,
      reason: null,
      evidence: null,
      resumed_at: String(now),
      warned_at: null,
      warned: null,
    })
    .where('series', '=', series)
    .where('since', 'is not', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/**
 * Records what was seen short of a pause. Returns whether it is news: there was no warning since
 * `quietSince`.
 */
export async function warn(
  db: Db,
  { series, evidence }: { readonly series: string; readonly evidence: Evidence },
  { now, quietSince }: { readonly now: Temporal.Instant; readonly quietSince: Temporal.Instant },
): Promise<boolean> {
  const { rows } = await sql`
    insert into paused_series as p (series, warned_at, warned)
    values (${series}, ${instant(now)}, ${JSON.stringify(evidence)}::jsonb)
    on conflict (series) do update set warned_at = excluded.warned_at, warned = excluded.warned
    where p.warned_at is null or p.warned_at <= ${instant(quietSince)}
    returning series`.execute(db)
  return rows.length > 0
}

/**
 * Takes the pauses to report to the operator by mail now: those not reported yet, unless a mail
 * went out since `quietSince`. They count as reported from then on.
 */
export async function claimUnreported(
  db: Db,
  { now, quietSince }: { readonly now: Temporal.Instant; readonly quietSince: Temporal.Instant },
): Promise<SeriesState[]> {
  const untold = db
    .selectFrom('paused_series')
    .select('series')
    .where('since', 'is not', null)
    .where('is_told', '=', false)
  if ((await untold.limit(1).execute()).length === 0) return []
  return db.transaction().execute(async (tx) => {
    // Two processes must not send two mails. Readers are not held up by this lock.
    await sql`lock table paused_series in share row exclusive mode`.execute(tx)
    const { rows } = await sql<SeriesState>`
      update paused_series set is_told = true, mailed_at = ${instant(now)}
      where since is not null and not is_told
        and not exists (select from paused_series o where o.mailed_at > ${instant(quietSince)})
      returning *`.execute(tx)
    return rows
  })
}

/**
 * Undoes `claimUnreported`, as that mail was not sent: it is tried again some time after
 * `mailedAt`.
 */
export const markUnreported = (db: Db, series: readonly string[], mailedAt: Temporal.Instant) =>
  db
    .updateTable('paused_series')
    .set({ is_told: false, mailed_at: String(mailedAt) })
    .where('series', 'in', [...series])
    .where('since', 'is not', null)
    .execute()
