/**
 * Ended rows that are not in their months yet: of a ledger without months (before migration 0056),
 * of one whose rows name their items (before 0064), or of a month that was made late. Those still
 * wanted are moved to the months in small batches while mail goes on; the rest is deleted. Nothing
 * of it can be dropped whole: the rows of enrollments that go on are among all others, and say what
 * their readers have had (I1).
 */
import { sql } from 'kysely'
import { PASSING } from '../domain/delivery.ts'
import { NIL_UUID } from '../domain/uuid.ts'
import { ensureItems, itemIdOf, type LedgerItem } from './ledger-items.ts'
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
import { isOld, OLD_RETENTIONS, RETENTION } from './new-deliveries.ts'
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

const TABLE = 'deliveries_before'
/** What was in months before migration 0064. */
const ROOTS = ['ledger_old_kept', 'ledger_old_passing']

/** Returns the tables that hold such rows, the oldest of each kind first. */
export async function tables(db: Db): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = any (array(select to_regclass(root) from unnest(${ROOTS}::text[]) root))
    order by c.relname`.execute(db)
  return [TABLE, ...rows.map(({ name }) => name)]
}

/** Where to go on. */
export interface OldPlace {
  readonly table: string
  /** The last id handled. */
  readonly after: string
}

/** The rows after an id, in the order of their ids, which is that of their times. */
const batchAfter = ({ table, after }: OldPlace, limit: number) => sql`
  select d.* from ${sql.table(table)} d where d.id > ${after}::uuid order by d.id limit ${limit}`

/**
 * Moves the next rows of a table to their months, and deletes those that are over; `busy`: not now.
 * All or nothing: after a crash it goes on with the first that has not been moved.
 */
export const moveBatch = (
  db: Db,
  place: OldPlace,
  wanted: RetentionLimits & { readonly limit?: number },
): Promise<MoveResult | 'busy'> => unlessDropped(() => moveFrom(db, place, wanted), NOTHING)

const NOTHING: MoveResult = { moved: 0, forgotten: 0, last: null }

async function moveFrom(
  db: Db,
  place: OldPlace,
  wanted: RetentionLimits & { readonly limit?: number },
): Promise<MoveResult | 'busy'> {
  const [front, table] = [batchAfter(place, wanted.limit ?? BATCH), sql.table(place.table)]
  for (const month of await monthsOf(db, front, wanted)) {
    if ((await make(db, month)) === 'busy') return 'busy'
  }
  await ensureItems(db, await itemsOf(db, front))
  const isBetween = await rangeOf(db, front)
  return changeExclusively(db, async (tx) => {
    const run = await startDeadline(tx, BATCH_TIMEOUT_MS)
    const { rows } = await run(sql<MoveResult>`
      with batch as (
        select d.id, ${isWanted(wanted)} as wanted, ${itemIdIn} as item_id from ${table} d
        where d.id = any (array(select id from (${front}) as d))
        for update of d skip locked
      ), moved as (
        update deliveries_ended d
        set retention = case when ${isPassing} then ${sql.lit(RETENTION.passing)}
          else ${sql.lit(RETENTION.kept)} end,
          item_id = b.item_id,
          ${compactedColumns(sql`d.status`, {
            edition: sql`d.edition`,
            server: sql`d.server`,
            reply: sql`d.reply`,
            messageId: compactMessageId,
            itemId: sql`b.item_id`,
            tryAt: sql`d.try_at`,
            sentAt: sql`d.sent_at`,
            firstTriedAt: sql`
              case when d.attempts > 1 or d.sent_at is null then d.first_tried_at end`,
          })}
        from batch b where ${isOld} and ${isBetween} and d.id = b.id and b.wanted
        returning d.id, d.status, d.sending, d.edition, d.server, d.message_id, d.reply
      ), learned as (${insertSendings(sql`moved`)}
      ), forgotten as (
        delete from ${table} d using batch b where d.id = b.id and not b.wanted
          returning d.id
      ), letters_too as (
        delete from letters l using forgotten f where l.delivery_id = f.id
      ), marks_too as (
        delete from click_marks m using forgotten f where m.delivery_id = f.id
      )
      select (select count(*)::int from moved) as moved,
        (select count(*)::int from forgotten) as forgotten,
        (select id from batch order by id desc limit 1) as last`)
    return rows[0] ?? NOTHING
  })
}

/** The number of a row's item: it may have one already. */
const itemIdIn = sql`coalesce(d.item_id, (
  select ${itemIdOf} from (select d.series, d.kind, d.item) as m))`

/** Returns what is in these mails. */
async function itemsOf(db: Db, front: ReturnType<typeof batchAfter>): Promise<LedgerItem[]> {
  const { rows } = await sql<LedgerItem>`
    select distinct d.series, d.kind, d.item from (${front}) as d where d.item_id is null`.execute(
    db,
  )
  return rows
}

/**
 * Returns a condition that the next rows d satisfy, and that no month but theirs can: without it,
 * PostgreSQL would look for them in all of the old ones.
 */
async function rangeOf(db: Db, front: ReturnType<typeof batchAfter>) {
  const columns = ['retention', 'enrollment_id', 'local_date'] as const
  const ends = columns.flatMap((name) =>
    ['asc', 'desc'].map(
      (order) => sql`(
        select ${sql.ref(name)}::text from front order by ${sql.ref(name)} ${sql.raw(order)} limit 1)`,
    ),
  )
  const { rows } = await sql<{ ends: (string | null)[] }>`
    with front as (${front}) select array[${sql.join(ends)}] as ends`.execute(db)
  const of = (index: number) => rows[0]?.ends[index] ?? null
  return sql.join(
    columns.map(
      (name, index) => sql`d.${sql.ref(name)} between ${of(2 * index)} and ${of(2 * index + 1)}`,
    ),
    sql` and `,
  )
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

/**
 * Frees the space of a table if nothing is left in it; of a month, drops it. Returns whether
 * nothing is.
 */
export const free = (db: Db, table: string): Promise<boolean> =>
  unlessDropped(async () => {
    if (!(await isEmpty(db, table))) return false
    const root = MONTH.test(table) && ROOTS.find((one) => table.startsWith(one))
    if (!root && (await bytesOf(db, table)) === 0) return true
    await changeExclusively(db, async (tx) => {
      const [run, name] = [await startDeadline(tx), sql.table(table)]
      if (root) await run(lockOnly(root))
      await run(sql`lock table ${name} in access exclusive mode`)
      if (!(await isEmpty(tx, table))) return
      await run(root ? sql`drop table ${name}` : sql`truncate ${name}`)
    })
    return true
  }, true)

const MONTH = /_\d{4}_\d{2}$/

/** Whoever adds to a part waits for this lock of what is above it, and then sees what is there. */
const lockOnly = (parent: string) =>
  sql`lock table only ${sql.table(parent)} in access exclusive mode`

/** Another process may have dropped a table meanwhile. */
async function unlessDropped<T>(ask: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code === UNDEFINED_TABLE) return otherwise
    throw error
  }
}
const UNDEFINED_TABLE = '42P01'

/** In the order of an index: at the beginning of the table are the rows that have been moved. */
async function isEmpty(db: Db, table: string): Promise<boolean> {
  const { rows } = await sql`select from ${sql.table(table)} order by id limit 1`.execute(db)
  return rows.length === 0
}

async function bytesOf(db: Db, table: string): Promise<number> {
  const { rows } = await sql<{ bytes: number }>`
    select pg_relation_size(${table}::regclass)::float8 as bytes`.execute(db)
  return rows[0]?.bytes ?? 0
}

/**
 * Once all has been moved, leaves one table for what ends later of what was planned before, and for
 * months that are made late.
 */
export async function retire(db: Db): Promise<void> {
  const left = await tables(db)
  if (left.length === 1 || left.some((table) => MONTH.test(table))) return
  await changeExclusively(db, async (tx) => {
    const run = await startDeadline(tx)
    await run(lockOnly('deliveries_ended'))
    for (const table of await tables(tx)) if (!(await isEmpty(tx, table))) return
    await run(sql`drop table if exists ${sql.join(ROOTS.map((root) => sql.table(root)))}`)
    await run(sql`alter table deliveries_ended detach partition ${sql.table(TABLE)}`)
    await run(sql`alter table deliveries_ended attach partition ${sql.table(TABLE)}
      for values in (${sql.raw(OLD_RETENTIONS.join())})`)
  })
}

export interface OldLedger {
  /** As PostgreSQL's planner estimates. */
  readonly rows: number
  readonly bytes: number
  /** Its tables are ordered by time: the remaining rows begin and end here. */
  readonly from: Temporal.Instant
  readonly to: Temporal.Instant
}

const firstOf = (table: string, order: 'asc' | 'desc') => sql`
  select id from ${sql.table(table)} where id > ${NIL_UUID}::uuid order by id ${sql.raw(order)} limit 1`

/** Returns what has not been moved yet; null if nothing. */
export async function remaining(db: Db): Promise<OldLedger | null> {
  const known = await unlessDropped(() => measure(db), undefined)
  return known === undefined ? measure(db) : known
}

async function measure(db: Db): Promise<OldLedger | null> {
  const names = await tables(db)
  const ends = names.map(
    (name) => sql`
      select (select min(id::text) from (${firstOf(name, 'asc')}) as d) as first,
        (select max(id::text) from (${firstOf(name, 'desc')}) as d) as last`,
  )
  const { rows } = await sql<{ [Name in keyof OldLedger]: OldLedger[Name] | null }>`
    with ends as (${sql.join(ends, sql` union all `)})
    select sum(greatest(c.reltuples, 0))::float8 as rows,
      sum(pg_total_relation_size(c.oid))::float8 as bytes,
      (select ${timeOf(sql.ref('first'))} from (select min(first) as first from ends) as e) as "from",
      (select ${timeOf(sql.ref('last'))} from (select max(last) as last from ends) as e) as "to"
    from pg_class c where c.oid = any (${names}::regclass[])`.execute(db)
  const [row] = rows
  return row?.from ? (row as OldLedger) : null
}
