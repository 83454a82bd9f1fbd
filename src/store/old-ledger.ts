/**
 * The ledger of the versions before migration 0056, in one table without months. Rows still wanted
 * are moved to the months, once, in small batches while mail goes on; the rest is deleted. It
 * cannot be dropped whole: the rows of enrollments that go on are among all others, and say what
 * their readers have had (I1).
 */
import { sql } from 'kysely'
import { PASSING } from '../domain/delivery.ts'
import { NIL_UUID } from '../domain/uuid.ts'
import {
  changeExclusively,
  EARLIEST_MONTH,
  type Month,
  make,
  type PartitionClass,
  startDeadline,
  timeOf,
} from './ledger-parts.ts'
import { compactMessageId } from './message-id.ts'
import { RETENTION } from './new-deliveries.ts'
import { type Db, instant, literals } from './postgres/sql.ts'
import { compactedColumns, insertSendings } from './sendings.ts'

/** Which of its rows are wanted. */
export interface RetentionLimits {
  /** Passing mails of this date and later ones. */
  readonly passingSince: Temporal.PlainDate
  /** All mails of enrollments that go on, or that ended after this. */
  readonly endedSince: Temporal.Instant
  /** No months after this one are made: such rows go to the default part. */
  readonly upTo: Temporal.PlainYearMonth
}

export interface MoveResult {
  readonly moved: number
  readonly forgotten: number
  /** The last id handled; null if there are none after it. */
  readonly last: string | null
}

/** Rows handled in one transaction. */
const BATCH = 5_000
/** Milliseconds per batch. Only somebody who wants to change one of these rows waits. */
const BATCH_TIMEOUT_MS = 10_000

const isPassing = sql`d.kind in (${literals(PASSING)})`

const isWanted = ({ passingSince, endedSince }: RetentionLimits) => sql`case when ${isPassing}
  then d.local_date >= ${String(passingSince)}::date
  else exists (
    select from enrollments e
    where e.id = d.enrollment_id and (e.ended_at is null or e.ended_at > ${instant(endedSince)})
  ) end`

/** The rows after an id, in the order of their ids, which is that of their times. */
const batchAfter = (after: string, limit: number) =>
  sql`select d.* from deliveries_before d where d.id > ${after}::uuid order by d.id limit ${limit}`

/**
 * Moves the next rows to their months, and deletes those that are over; `busy`: not now. All or
 * nothing: after a crash it goes on with the first that has not been moved.
 */
export async function moveBatch(
  db: Db,
  after: string,
  wanted: RetentionLimits & { readonly limit?: number },
): Promise<MoveResult | 'busy'> {
  const front = batchAfter(after, wanted.limit ?? BATCH)
  for (const month of await monthsOf(db, front, wanted)) {
    if ((await make(db, month)) === 'busy') return 'busy'
  }
  return changeExclusively(db, async (tx) => {
    const run = await startDeadline(tx, BATCH_TIMEOUT_MS)
    const { rows } = await run(sql<MoveResult>`
      with batch as (
        select d.id, ${isWanted(wanted)} as wanted from deliveries_before d
        where d.id = any (array(select id from (${front}) as d))
        for update of d skip locked
      ), moved as (
        update deliveries_ended d
        set retention = case when ${isPassing} then ${sql.lit(RETENTION.passing)}
          else ${sql.lit(RETENTION.kept)} end,
          ${compactedColumns(sql`d.status`, {
            edition: sql`d.edition`,
            server: sql`d.server`,
            reply: sql`d.reply`,
            messageId: compactMessageId,
            tryAt: sql`d.try_at`,
          })}
        from batch b where d.retention = 0 and d.id = b.id and b.wanted
        returning d.id, d.status, d.sending, d.edition, d.server, d.message_id, d.reply
      ), learned as (${insertSendings(sql`moved`)}
      ), forgotten as (
        delete from deliveries_before d using batch b where d.id = b.id and not b.wanted
          returning d.id
      ), letters_too as (
        delete from letters l using forgotten f where l.delivery_id = f.id
      ), marks_too as (
        delete from click_marks m using forgotten f where m.delivery_id = f.id
      )
      select (select count(*)::int from moved) as moved,
        (select count(*)::int from forgotten) as forgotten,
        (select id from batch order by id desc limit 1) as last`)
    return rows[0] ?? { moved: 0, forgotten: 0, last: null }
  })
}

/** Returns the months that the next wanted rows belong to. */
async function monthsOf(
  db: Db,
  front: ReturnType<typeof batchAfter>,
  wanted: RetentionLimits,
): Promise<Month[]> {
  const { rows } = await sql<{ of: PartitionClass; month: string }>`
    select distinct case when ${isPassing} then 'passing' else 'kept' end as of, to_char(
      case when ${isPassing} then d.local_date::timestamp
        else ${timeOf(sql.ref('d.enrollment_id'))} at time zone 'UTC' end, 'YYYY-MM') as month
    from (${front}) as d where ${isWanted(wanted)}`.execute(db)
  const [first, last] = [String(EARLIEST_MONTH), String(wanted.upTo)]
  return rows
    .filter(({ month }) => month >= first && month <= last)
    .map(({ of, month }) => ({ of, month: Temporal.PlainYearMonth.from(month) }))
}

/** Frees the space of the old ledger once it is empty. Returns whether nothing of it is left. */
export async function truncateWhenEmpty(db: Db): Promise<boolean> {
  if (!(await isEmpty(db))) return false
  await changeExclusively(db, async (tx) => {
    const { rows } = await sql<{ bytes: number }>`
      select pg_relation_size('deliveries_before')::float8 as bytes`.execute(tx)
    if (!rows[0]?.bytes) return
    const run = await startDeadline(tx)
    await run(sql`lock table deliveries_before in access exclusive mode`)
    if (await isEmpty(tx)) await run(sql`truncate deliveries_before`)
  })
  return true
}

async function isEmpty(db: Db): Promise<boolean> {
  const { rows } = await sql`select from deliveries_before limit 1`.execute(db)
  return rows.length === 0
}

export interface OldLedger {
  /** As PostgreSQL's planner estimates. */
  readonly rows: number
  readonly bytes: number
  /** The old ledger is ordered by time: its remaining rows begin and end here. */
  readonly from: Temporal.Instant
  readonly to: Temporal.Instant
}

/** Returns what has not been moved yet; null if nothing. */
export async function remaining(db: Db): Promise<OldLedger | null> {
  const end = (order: 'asc' | 'desc') => sql`(
    select ${timeOf(sql.ref('d.id'))} from (
      select id from deliveries_before where id > ${NIL_UUID}::uuid order by id ${sql.raw(order)}
        limit 1
    ) as d)`
  const { rows } = await sql<{ [Name in keyof OldLedger]: OldLedger[Name] | null }>`
    select greatest(c.reltuples, 0)::float8 as rows, pg_total_relation_size(c.oid)::float8 as bytes,
      ${end('asc')} as "from", ${end('desc')} as "to"
    from pg_class c where c.oid = 'deliveries_before'::regclass`.execute(db)
  const [row] = rows
  return row?.from ? (row as OldLedger) : null
}
