/**
 * The ledger of the versions before migration 0056, in one table without months. What of it is
 * wanted is moved to the months, once, in small batches while mail goes on; the rest is forgotten.
 * It cannot be dropped whole: the rows of those who are still on their way stand beside those of
 * all others, and say what they have had (I1).
 */
import { sql } from 'kysely'
import { PASSING } from '../domain/delivery.ts'
import { NIL_UUID } from '../domain/uuid.ts'
import { alone, EARLIEST, hurry, type Month, make, type PartClass, timeOf } from './ledger-parts.ts'
import { keptMessageId } from './message-id.ts'
import { RETENTION } from './new-deliveries.ts'
import { type Db, instant, literals } from './postgres/sql.ts'
import { compact, learn } from './sendings.ts'

/** What of it is wanted. */
export interface Wanted {
  /** Passing mails of this date and of later ones. */
  readonly passingSince: Temporal.PlainDate
  /** All mails of enrollments that go on, or that ended after this. */
  readonly endedSince: Temporal.Instant
  /** No months after this one are made: such rows stand in the default part. */
  readonly upTo: Temporal.PlainYearMonth
}

export interface Moved {
  readonly moved: number
  readonly forgotten: number
  /** The last id that was looked at; null: there are none after it. */
  readonly last: string | null
}

/** Rows that are looked at in one transaction. */
const BATCH = 5_000
/** Nobody waits for them but whoever wants to change one of these rows. */
const MOVING_MS = 10_000

const isPassing = sql`d.kind in (${literals(PASSING)})`

const isWanted = ({ passingSince, endedSince }: Wanted) => sql`case when ${isPassing}
  then d.local_date >= ${String(passingSince)}::date
  else exists (
    select from enrollments e
    where e.id = d.enrollment_id and (e.ended_at is null or e.ended_at > ${instant(endedSince)})
  ) end`

/** The rows after an id, in the order of their ids: that of their times. */
const batchAfter = (after: string, limit: number) =>
  sql`select d.* from deliveries_before d where d.id > ${after}::uuid order by d.id limit ${limit}`

/**
 * Moves the next rows to their months, and forgets those that are over; `busy`: not now. Whole or
 * not at all: after a crash it goes on with the first that has not been moved.
 */
export async function moveSome(
  db: Db,
  after: string,
  wanted: Wanted & { readonly limit?: number },
): Promise<Moved | 'busy'> {
  const front = batchAfter(after, wanted.limit ?? BATCH)
  for (const month of await monthsOf(db, front, wanted)) {
    if ((await make(db, month)) === 'busy') return 'busy'
  }
  return alone(db, async (tx) => {
    const run = await hurry(tx, MOVING_MS)
    const { rows } = await run(sql<Moved>`
      with batch as (
        select d.id, ${isWanted(wanted)} as wanted from deliveries_before d
        where d.id = any (array(select id from (${front}) as d))
        for update of d skip locked
      ), moved as (
        update deliveries_ended d
        set retention = case when ${isPassing} then ${sql.lit(RETENTION.passing)}
          else ${sql.lit(RETENTION.kept)} end,
          ${compact(sql`d.status`, {
            edition: sql`d.edition`,
            server: sql`d.server`,
            reply: sql`d.reply`,
            messageId: keptMessageId,
            tryAt: sql`d.try_at`,
          })}
        from batch b where d.retention = 0 and d.id = b.id and b.wanted
        returning d.id, d.status, d.sending, d.edition, d.server, d.message_id, d.reply
      ), learned as (${learn(sql`moved`)}
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

/** The months that the next rows belong to, as far as they are wanted. */
async function monthsOf(
  db: Db,
  front: ReturnType<typeof batchAfter>,
  wanted: Wanted,
): Promise<Month[]> {
  const { rows } = await sql<{ of: PartClass; month: string }>`
    select distinct case when ${isPassing} then 'passing' else 'kept' end as of, to_char(
      case when ${isPassing} then d.local_date::timestamp
        else ${timeOf(sql.ref('d.enrollment_id'))} at time zone 'UTC' end, 'YYYY-MM') as month
    from (${front}) as d where ${isWanted(wanted)}`.execute(db)
  const [first, last] = [String(EARLIEST), String(wanted.upTo)]
  return rows
    .filter(({ month }) => month >= first && month <= last)
    .map(({ of, month }) => ({ of, month: Temporal.PlainYearMonth.from(month) }))
}

/**
 * Gives back the room of the old ledger once it is empty. Says whether there is nothing of it left.
 */
export async function close(db: Db): Promise<boolean> {
  if (!(await isEmpty(db))) return false
  await alone(db, async (tx) => {
    const { rows } = await sql<{ bytes: number }>`
      select pg_relation_size('deliveries_before')::float8 as bytes`.execute(tx)
    if (!rows[0]?.bytes) return
    const run = await hurry(tx)
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
  /** As the planner knows it. */
  readonly rows: number
  readonly bytes: number
  /** It goes by time: what is left of it begins, and ends, here. */
  readonly from: Temporal.Instant
  readonly to: Temporal.Instant
}

/** What of it has not been moved yet; null: nothing. */
export async function left(db: Db): Promise<OldLedger | null> {
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
