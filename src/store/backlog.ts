/**
 * The part of the ledger that has not left yet: what is queued, what is overdue, what can no longer
 * leave. Whoever goes through it does so a bounded number of rows at a time (migration 0025): on a
 * morning hundreds of thousands have a try left.
 */
import { sql } from 'kysely'
import { CLAIMABLE, KINDS, moveOf, OUTSTANDING, WAITING } from '../domain/delivery.ts'
import { goesAlone, hasNoTryLeft, hasTryLeft, isTried, isWanted } from './eligibility.ts'
import { isPaused } from './paused-series.ts'
import { byIndex } from './postgres/by-index.ts'
import { type Db, firstId, instant, literals, prepared } from './postgres/sql.ts'

/** A lesson waits for another morning when its window has closed; all else has missed its time. */
const EXPIRING = KINDS.filter((kind) => kind !== 'lesson')

/**
 * Ends what can no longer leave because its window has closed, what closed first first. Lessons
 * keep their place until they are given another morning, and what is unknown until somebody
 * decides; neither is looked at again before.
 *
 * @returns how many it has dealt with: fewer than `limit` when there are no more.
 */
export async function close(db: Db, now: Temporal.Instant, limit: number): Promise<number> {
  const at = String(now)
  const expire = moveOf('expire')
  const expires = sql`d.status in (${literals(expire.from)}) and d.kind = any (${EXPIRING}::text[])`
  const tried = sql`select d.id from deliveries d where ${hasTryLeft} and d.until <= ${at}
    order by d.until, d.id`
  const untried = sql`select d.id from deliveries d
    where ${hasNoTryLeft} and d.kind = any (${EXPIRING}::text[]) and d.until <= ${at}`
  let dealtWith = 0
  for (const ids of [tried, untried]) {
    const { numAffectedRows } = await byIndex(db, (tx) =>
      sql`
      update deliveries d set
        status = case when ${expires} then ${expire.to} else d.status end,
        reason = case when not (${expires}) then d.reason
          when d.reason_code = 'not_composed' then d.reason || '; its window closed'
            else 'its window closed' end,
        try_at = greatest(d.try_at, d.until)
      where d.id = any (array(${ids} limit ${limit} for update skip locked))
        and d.status in (${literals(CLAIMABLE)})`.execute(tx),
    )
    dealtWith = Math.max(dealtWith, Number(numAffectedRows ?? 0n))
  }
  return dealtWith
}

/** Whether there is a delivery that has not ended. */
export async function isAny(db: Db): Promise<boolean> {
  const { rows } = await sql<{ is: boolean }>`
    ${prepared('any-outstanding')} select exists (select from deliveries
      where status in (${literals(OUTSTANDING)})) as is`.execute(db)
  return rows[0]?.is ?? false
}

/** Which deliveries may be queued again. */
export interface Queueing {
  /** How often one of unknown outcome is sent again. */
  readonly resends: number
  readonly limit: number
}

/**
 * Deliveries that are ready and that no job stands for; marks them as queued. Those first that
 * should have been tried first. What is of a paused series is queued once, like all else, and then
 * left until the series is resumed: to pass over it here would be to go through it each time.
 */
export async function takeUnqueued(
  db: Db,
  now: Temporal.Instant,
  { resends, limit }: Queueing,
): Promise<string[]> {
  const { rows } = await byIndex(db, (tx) =>
    sql<{ id: string }>`
    update deliveries set queued_at = now() where status in (${literals(CLAIMABLE)})
      and id = any (array(
      select d.id from deliveries d
      where ${hasTryLeft} and d.queued_at is null and d.merged_into is null
        and ${isReady(now, resends)}
      order by d.try_at limit ${limit} for update skip locked
    )) returning id`.execute(tx),
  )
  return rows.map((row) => row.id)
}

const isReady = (now: Temporal.Instant, resends: number) => sql`${isTried(resends)}
  and d.try_at <= ${String(now)} and d.due_at <= ${String(now)} and d.until > ${String(now)}`

/** How far somebody has gone through what has a try left. */
export interface BacklogPlace {
  readonly until: Temporal.Instant
  readonly id: string
}

export interface Looking extends Queueing {
  /** Null: begin with the first. */
  readonly after: BacklogPlace | null
  /** When the oldest job in the queue was added; null: there is none. */
  readonly oldestJob: Temporal.Instant | null
}

export interface BacklogPage {
  /** Where to go on; null: that were the last. */
  readonly next: BacklogPlace | null
  /** No job stands for these any more. */
  readonly lost: readonly string[]
  /** Nobody wants these any more. */
  readonly unwanted: readonly string[]
}

/**
 * A job that was added before the oldest one in the queue is done or gone: a delivery that was
 * queued by then and has not been claimed is queued again, however long the morning. The clocks of
 * two machines may differ by this much.
 */
const CLOCKS = '1 minute'
/** With nothing in the queue no job can stand for it, unless it is just being added. */
const ADDING = '15 seconds'

/**
 * Looks at the next `limit` deliveries that have a try left: which are queued nowhere though they
 * could leave, and which nobody wants.
 */
export async function look(
  db: Db,
  now: Temporal.Instant,
  { after, oldestJob, resends, limit }: Looking,
): Promise<BacklogPage> {
  const from = after
    ? sql`(d.until, d.id) > (${String(after.until)}::timestamptz, ${after.id}::uuid)`
    : sql`true`
  const skips = sql`d.status in (${literals(moveOf('skip').from)}) and d.try_at <= ${String(now)}`
  const isLost = sql`${isReady(now, resends)} and (d.queued_at < ${lostBefore(oldestJob)}
    or (d.queued_at is null and d.merged_into is not null)) and not ${isPaused()}
    and ${goesAlone(now)}`
  const { rows } = await byIndex(db, (tx) =>
    sql<BacklogPlace & { lost: boolean; unwanted: boolean; isLast: boolean }>`
    with slice as materialized (
      select d.until, d.id from deliveries d where ${hasTryLeft} and ${from} order by d.until, d.id
        limit ${limit}
    ), looked as (
      select d.id, d.until, ${skips} and not (${isWanted}) as unwanted, ${isLost} as lost,
        row_number() over (order by d.until, d.id) = ${limit} as "isLast"
      from slice, ${EACH}
    )
    select id, until, unwanted, lost and not unwanted as lost, "isLast" from looked
    where unwanted or lost or "isLast"`.execute(tx),
  )
  const last = rows.find(({ isLast }) => isLast)
  const idsWhere = (what: 'lost' | 'unwanted') =>
    rows.filter((row) => row[what]).map(({ id }) => id)
  return {
    next: last ? { until: last.until, id: last.id } : null,
    lost: idsWhere('lost'),
    unwanted: idsWhere('unwanted'),
  }
}

/**
 * One by one: a few of them are no reason to go through the whole of a table, as the database might
 * think.
 */
const EACH = sql`
  lateral (select * from deliveries of where of.id = slice.id
  and of.status in (${literals(OUTSTANDING)}) limit 1) as d,
  lateral (select * from enrollments of where of.id = d.enrollment_id limit 1) as e,
  lateral (select * from subscribers of where of.id = e.subscriber_id limit 1) as s`

const lostBefore = (oldestJob: Temporal.Instant | null) =>
  oldestJob
    ? sql`least(now() - ${ADDING}::interval, ${String(oldestJob)}::timestamptz -
      ${CLOCKS}::interval)`
    : sql`now() - ${ADDING}::interval`

/**
 * Marks those of them as queued that nobody else has queued or claimed meanwhile; returns which.
 */
export async function takeLost(
  db: Db,
  ids: readonly string[],
  oldestJob: Temporal.Instant | null,
): Promise<string[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<{ id: string }>`
    update deliveries set queued_at = now() where status in (${literals(CLAIMABLE)})
      and id = any (array(
      select d.id from deliveries d
      where d.id = any (${[...ids]}::uuid[]) and d.status in (${literals(CLAIMABLE)})
        and (d.queued_at is null or d.queued_at < ${lostBefore(oldestJob)})
      order by d.due_at for update skip locked
    )) returning id`.execute(db)
  return rows.map((row) => row.id)
}

/**
 * Ends those of them that nobody wants: their reader has left, or the address is suppressed. What
 * another transaction holds is passed over, as everywhere here: it may end the delivery, which
 * moves it to another part of the ledger, and whoever waits for such a row gets an error.
 */
export async function skipUnwanted(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  const skip = moveOf('skip')
  await sql`
    update deliveries set status = ${skip.to}, reason = 'left or suppressed', reason_code = null
    where status in (${literals(skip.from)}) and id = any (array(
      select d.id from deliveries d join enrollments e on e.id = d.enrollment_id
        join subscribers s on s.id = e.subscriber_id
      where d.id = any (${[...ids]}::uuid[]) and d.status in (${literals(skip.from)})
        and not (${isWanted})
      for update of d skip locked
    ))`.execute(db)
}

/**
 * Notes that no job stands for these deliveries any more: the next sweep queues them again. What is
 * of a paused series counts as lost from then on, and is found when the series is resumed.
 */
export async function markUnqueued(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await sql`
    update deliveries d set queued_at = case when ${isPaused()} then timestamptz 'epoch' end
    where d.status in (${literals(WAITING)}) and d.id = any (array(
      select waiting.id from deliveries waiting
      where waiting.id = any (${[...ids]}::uuid[]) and waiting.status in (${literals(WAITING)})
        for update skip locked
    ))`.execute(db)
}

/**
 * When a worker next has something to do with the ledger that is neither held nor too late at
 * `now`, or null.
 */
export async function nextTryAt(db: Db, now: Temporal.Instant): Promise<Temporal.Instant | null> {
  const row = await db
    .selectFrom('deliveries as d')
    .select('try_at')
    .where(hasTryLeft)
    .where('status', 'in', [...WAITING])
    .where('until', '>', instant(now))
    .orderBy('try_at')
    .limit(1)
    .executeTakeFirst()
  return row?.try_at ?? null
}

/** Has a try left, or is being tried. */
const isOutstanding = sql`d.status in (${literals(OUTSTANDING)}) and d.try_at < d.until`

/** Whether anything was planned at `moment` or later, or is tried again at it. */
export async function isDueSince(db: Db, moment: Temporal.Instant): Promise<boolean> {
  const at = String(moment)
  const { rows } = await sql<{ is: boolean }>`
    select coalesce((select id from deliveries order by id desc
      limit 1) >= ${firstId(moment)}::uuid, false)
      or exists (select from deliveries d where ${isOutstanding}
        and d.try_at = ${at}) as is`.execute(db)
  return rows[0]?.is ?? false
}

/** Whether anything could leave at `now` but has not. */
export async function isAnyReady(db: Db, now: Temporal.Instant, resends: number): Promise<boolean> {
  const ready = sql`${isReady(now, resends)} and not ${isPaused()} and ${goesAlone(now)}`
  const { rows } = await sql<{ is: boolean }>`
    select exists (select from deliveries d where ${isOutstanding} and ${ready}) as is`.execute(db)
  return rows[0]?.is ?? false
}

/** So many are looked at to count those that are ready. */
const MOST_COUNTED = 1_000

/**
 * How many deliveries could leave at `now` but have not; `orMore`: not all that have a try left
 * were looked at.
 */
export async function countReady(
  db: Db,
  now: Temporal.Instant,
  resends: number,
): Promise<{ count: number; orMore: boolean }> {
  const { rows } = await byIndex(db, (tx) =>
    sql<{ count: number; looked: number }>`
    select count(*) filter (where ${isReady(now, resends)} and not ${isPaused()}
      and ${goesAlone(now)})::int as count, count(*)::int as looked
    from (select * from deliveries d where ${isOutstanding} order by d.until, d.id
      limit ${MOST_COUNTED}) as d`.execute(tx),
  )
  const { count, looked } = rows[0] ?? { count: 0, looked: 0 }
  return { count, orMore: looked >= MOST_COUNTED }
}
