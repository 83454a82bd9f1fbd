/**
 * The part of the ledger that has not left yet: what is queued, overdue, or can no longer leave. It
 * is scanned a bounded number of rows at a time (migration 0025): on a morning hundreds of
 * thousands have a try left.
 */
import { sql } from 'kysely'
import {
  CLAIMABLE,
  DELIVERY_KINDS,
  OUTSTANDING,
  transitionOf,
  WAITING,
} from '../domain/delivery.ts'
import {
  hasNoTryLeft,
  hasTryLeft,
  isSentSeparately,
  isTriedAutomatically,
  isWanted,
} from './eligibility.ts'
import { isPaused } from './paused-series.ts'
import { withIndexScans } from './postgres/by-index.ts'
import { type Db, firstId, instant, literals, prepared } from './postgres/sql.ts'

/** A lesson waits for another morning when its window has closed; all other kinds expire. */
const EXPIRING = DELIVERY_KINDS.filter((kind) => kind !== 'lesson')

/**
 * Ends what can no longer leave because its window has closed, the earliest first. Lessons keep
 * their status until they are given another morning, and those of unknown outcome until somebody
 * decides; neither is read again before.
 *
 * @returns how many it has dealt with: fewer than `limit` when there are no more.
 */
export async function expireClosed(db: Db, now: Temporal.Instant, limit: number): Promise<number> {
  const at = String(now)
  const expire = transitionOf('expire')
  const expires = sql`d.status in (${literals(expire.from)}) and d.kind = any (${EXPIRING}::text[])`
  const tried = sql`select d.id from ledger d where ${hasTryLeft} and d.until <= ${at}
    order by d.until, d.id`
  const untried = sql`select d.id from ledger d
    where ${hasNoTryLeft} and d.kind = any (${EXPIRING}::text[]) and d.until <= ${at}`
  let dealtWith = 0
  for (const ids of [tried, untried]) {
    const { numAffectedRows } = await withIndexScans(db, (tx) =>
      sql`
      update ledger d set
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

/** Returns whether any delivery has not ended. */
export async function isAny(db: Db): Promise<boolean> {
  const { rows } = await sql<{ is: boolean }>`
    ${prepared('any-outstanding')} select exists (select from ledger
      where status in (${literals(OUTSTANDING)})) as is`.execute(db)
  return rows[0]?.is ?? false
}

/** Which deliveries may be queued again. */
export interface QueueingOptions {
  /** How many times a delivery whose outcome is unknown may be resent. */
  readonly resends: number
  readonly limit: number
}

/**
 * Returns ready deliveries that have no job, and marks them as queued; the earliest `try_at` first.
 * Deliveries of a paused series are queued once like all others, then left alone until the series
 * resumes: to leave them out here, they would have to be scanned each time.
 */
export async function markReadyAsQueued(
  db: Db,
  now: Temporal.Instant,
  { resends, limit }: QueueingOptions,
): Promise<string[]> {
  const { rows } = await withIndexScans(db, (tx) =>
    sql<{ id: string }>`
    update ledger set queued_at = now() where status in (${literals(CLAIMABLE)})
      and id = any (array(
      select d.id from ledger d
      where ${hasTryLeft} and d.queued_at is null and d.merged_into is null
        and ${isReady(now, resends)}
      order by d.try_at limit ${limit} for update skip locked
    )) returning id`.execute(tx),
  )
  return rows.map((row) => row.id)
}

const isReady = (now: Temporal.Instant, resends: number) => sql`${isTriedAutomatically(resends)}
  and d.try_at <= ${String(now)} and d.due_at <= ${String(now)} and d.until > ${String(now)}`

/** How far a scan of what has a try left has come. */
export interface BacklogPosition {
  readonly until: Temporal.Instant
  readonly id: string
}

export interface ScanOptions extends QueueingOptions {
  /** Null begins with the first. */
  readonly after: BacklogPosition | null
  /** When the oldest job in the queue was added; null if there is none. */
  readonly oldestJob: Temporal.Instant | null
}

export interface BacklogPage {
  /** Where to continue; null after the last one. */
  readonly next: BacklogPosition | null
  /** Ready deliveries that have no job any more. */
  readonly lost: readonly string[]
  /** Deliveries that nobody wants any more. */
  readonly unwanted: readonly string[]
}

/**
 * A job added before the oldest one in the queue is done or gone: a delivery that was queued by
 * then and has not been claimed is queued again, however long the morning. The clocks of two
 * machines may differ by this much.
 */
const MAX_CLOCK_SKEW = '1 minute'
/** With an empty queue a delivery can have no job, unless it is just being added. */
const ENQUEUE_GRACE = '15 seconds'

/**
 * Checks the next `limit` deliveries that have a try left: which could leave but have no job, and
 * which nobody wants.
 */
export async function scanPage(
  db: Db,
  now: Temporal.Instant,
  { after, oldestJob, resends, limit }: ScanOptions,
): Promise<BacklogPage> {
  const from = after
    ? sql`(d.until, d.id) > (${String(after.until)}::timestamptz, ${after.id}::uuid)`
    : sql`true`
  const skips = sql`d.status in (${literals(transitionOf('skip').from)}) and d.try_at <= ${String(now)}`
  const isLost = sql`${isReady(now, resends)} and (d.queued_at < ${lostBefore(oldestJob)}
    or (d.queued_at is null and d.merged_into is not null)) and not ${isPaused()}
    and ${isSentSeparately(now)}`
  const { rows } = await withIndexScans(db, (tx) =>
    sql<BacklogPosition & { lost: boolean; unwanted: boolean; isLast: boolean }>`
    with slice as materialized (
      select d.until, d.id from ledger d where ${hasTryLeft} and ${from} order by d.until, d.id
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

/** One by one: for a few of them the planner might otherwise scan a whole table. */
const EACH = sql`
  lateral (select * from ledger of where of.id = slice.id
  and of.status in (${literals(OUTSTANDING)}) limit 1) as d,
  lateral (select * from enrollments of where of.id = d.enrollment_id limit 1) as e,
  lateral (select * from subscribers of where of.id = e.subscriber_id limit 1) as s`

const lostBefore = (oldestJob: Temporal.Instant | null) =>
  oldestJob
    ? sql`least(now() - ${ENQUEUE_GRACE}::interval, ${String(oldestJob)}::timestamptz -
      ${MAX_CLOCK_SKEW}::interval)`
    : sql`now() - ${ENQUEUE_GRACE}::interval`

/** Marks those as queued that nobody else has queued or claimed meanwhile; returns their ids. */
export async function markLostAsQueued(
  db: Db,
  ids: readonly string[],
  oldestJob: Temporal.Instant | null,
): Promise<string[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<{ id: string }>`
    update ledger set queued_at = now() where status in (${literals(CLAIMABLE)})
      and id = any (array(
      select d.id from ledger d
      where d.id = any (${[...ids]}::uuid[]) and d.status in (${literals(CLAIMABLE)})
        and (d.queued_at is null or d.queued_at < ${lostBefore(oldestJob)})
      order by d.due_at for update skip locked
    )) returning id`.execute(db)
  return rows.map((row) => row.id)
}

/**
 * Skips those that nobody wants: their reader has left, or the address is suppressed. Rows locked
 * by another transaction are passed over, as everywhere here: it may end the delivery, which moves
 * it to another part of the ledger, and waiting for such a row ends in an error.
 */
export async function skipUnwanted(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  const skip = transitionOf('skip')
  await sql`
    update ledger set status = ${skip.to}, reason = 'left or suppressed', reason_code = null
    where status in (${literals(skip.from)}) and id = any (array(
      select d.id from ledger d join enrollments e on e.id = d.enrollment_id
        join subscribers s on s.id = e.subscriber_id
      where d.id = any (${[...ids]}::uuid[]) and d.status in (${literals(skip.from)})
        and not (${isWanted})
      for update of d skip locked
    ))`.execute(db)
}

/**
 * Records that these deliveries have no job any more: the next sweep queues them again. Those of a
 * paused series count as lost from then on, and are found when the series resumes.
 */
export async function markUnqueued(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await sql`
    update ledger d set queued_at = case when ${isPaused()} then timestamptz 'epoch' end
    where d.status in (${literals(WAITING)}) and d.id = any (array(
      select waiting.id from ledger waiting
      where waiting.id = any (${[...ids]}::uuid[]) and waiting.status in (${literals(WAITING)})
        for update skip locked
    ))`.execute(db)
}

/**
 * Returns when a worker next has something to do in the ledger that is neither held nor too late at
 * `now`; or null.
 */
export async function nextTryAt(db: Db, now: Temporal.Instant): Promise<Temporal.Instant | null> {
  const row = await db
    .selectFrom('ledger as d')
    .select('try_at')
    .where(hasTryLeft)
    .where('status', 'in', [...WAITING])
    .where('until', '>', instant(now))
    .orderBy('try_at')
    .limit(1)
    .executeTakeFirst()
  return row?.try_at ?? null
}

/** Whether it has a try left, or is being tried. */
const isOutstanding = sql`d.status in (${literals(OUTSTANDING)}) and d.try_at < d.until`

/** Returns whether anything was planned at `moment` or later, or is tried again exactly then. */
export async function isDueSince(db: Db, moment: Temporal.Instant): Promise<boolean> {
  const at = String(moment)
  const { rows } = await sql<{ is: boolean }>`
    select coalesce((select id from ledger order by id desc
      limit 1) >= ${firstId(moment)}::uuid, false)
      or exists (select from ledger d where ${isOutstanding}
        and d.try_at = ${at}) as is`.execute(db)
  return rows[0]?.is ?? false
}

/** Returns whether anything could leave at `now` but has not. */
export async function isAnyReady(db: Db, now: Temporal.Instant, resends: number): Promise<boolean> {
  const ready = sql`${isReady(now, resends)} and not ${isPaused()} and ${isSentSeparately(now)}`
  const { rows } = await sql<{ is: boolean }>`
    select exists (select from ledger d where ${isOutstanding} and ${ready}) as is`.execute(db)
  return rows[0]?.is ?? false
}

/** Rows read at most to count those that are ready. */
const MAX_COUNTED = 1_000

/**
 * Counts the deliveries that could leave at `now` but have not; `orMore`: not all that have a try
 * left were checked.
 */
export async function countReady(
  db: Db,
  now: Temporal.Instant,
  resends: number,
): Promise<{ count: number; orMore: boolean }> {
  const { rows } = await withIndexScans(db, (tx) =>
    sql<{ count: number; looked: number }>`
    select count(*) filter (where ${isReady(now, resends)} and not ${isPaused()}
      and ${isSentSeparately(now)})::int as count, count(*)::int as looked
    from (select * from ledger d where ${isOutstanding} order by d.until, d.id
      limit ${MAX_COUNTED}) as d`.execute(tx),
  )
  const { count, looked } = rows[0] ?? { count: 0, looked: 0 }
  return { count, orMore: looked >= MAX_COUNTED }
}
