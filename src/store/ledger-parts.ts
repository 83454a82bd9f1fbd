/**
 * The parts of the ledger that hold what has ended, one per month (migration 0056). A month without
 * a part is no outage: its rows are in the default part until there is one.
 */
import { type QueryResult, type RawBuilder, sql } from 'kysely'
import { firstDayOf, startOfMonth } from '../domain/retention.ts'
import { itemOf, kindOf, seriesOf } from './ledger-items.ts'
import { isOld, RETENTION } from './new-deliveries.ts'
import { tableExists } from './postgres/catalog.ts'
import { type Db, firstId } from './postgres/sql.ts'

/** What the parts are divided by: see migration 0056. */
export type PartitionClass = 'kept' | 'passing'

export interface Month {
  readonly of: PartitionClass
  readonly month: Temporal.PlainYearMonth
}

/** A month's part, as PostgreSQL's planner knows it: 0 until the first vacuum or analyze. */
export interface Partition extends Month {
  readonly name: string
  readonly rows: number
  /** Including its indexes. */
  readonly bytes: number
}

/** `busy`: the lock could not be acquired. Nothing has changed then; a later turn tries again. */
export type MakeResult = { readonly made: boolean; readonly moved: number } | 'busy'

export const parentOf = (of: PartitionClass) => `deliveries_${of}`
export const nameOf = ({ of, month }: Month) => `${parentOf(of)}_${String(month).replace('-', '_')}`
const defaultPartitionOf = (of: PartitionClass) => `${parentOf(of)}_other`
const NAME = /^deliveries_(kept|passing)_(\d{4})_(\d\d)$/

/** Returns the lower bounds of a part and of the next one. */
export function boundsOf({ of, month }: Month): readonly [string, string] {
  const bound = (of: PartitionClass, at: Temporal.PlainYearMonth) =>
    of === 'kept' ? firstId(startOfMonth(at)) : String(firstDayOf(at))
  return [bound(of, month), bound(of, month.add({ months: 1 }))]
}

const columnOf = (of: PartitionClass) => sql.ref(of === 'kept' ? 'enrollment_id' : 'local_date')
const typeOf = (of: PartitionClass) => sql.raw(of === 'kept' ? 'uuid' : 'date')

/**
 * Returns all parts, the oldest of each class first. Sizes come from the catalog: to measure them,
 * the database would open each part with all of its indexes.
 */
export async function all(db: Db): Promise<Partition[]> {
  const { rows } = await sql<{ name: string; rows: number; bytes: number }>`
    with parts as materialized (
      select c.oid, c.relname, c.reltuples, c.relpages, c.reltoastrelid
      from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent in ('deliveries_kept'::regclass, 'deliveries_passing'::regclass)
    )
    select relname as name, greatest(reltuples, 0)::float8 as rows,
      (relpages + indexes.pages + toast.pages) * current_setting('block_size')::float8 as bytes
    from parts,
      lateral (select coalesce(sum(c.relpages), 0) as pages from pg_index i
      join pg_class c on c.oid = i.indexrelid
        where i.indrelid = parts.oid) as indexes,
      lateral (select coalesce(sum(c.relpages), 0) as pages from pg_class c
      where c.oid = parts.reltoastrelid) as toast
    order by relname`.execute(db)
  return rows.flatMap((row) => {
    const [, of, year, month] = NAME.exec(row.name) ?? []
    if (!of) return []
    return [
      { ...row, of: of as PartitionClass, month: Temporal.PlainYearMonth.from(`${year}-${month}`) },
    ]
  })
}

/**
 * Returns the date from which the ledger has passing mails: months before the oldest part have been
 * dropped. Null if that is unknown, as long as rows are not in their months yet.
 */
export async function passingFrom(db: Db): Promise<Temporal.PlainDate | null> {
  const { rows } = await sql<{ name: string | null }>`
    select min(c.relname) as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'deliveries_passing'::regclass and c.relname ~ ${NAME.source}
      and not exists (select from deliveries_ended d where ${isOld})`.execute(db)
  const [, , year, month] = NAME.exec(rows[0]?.name ?? '') ?? []
  return year ? firstDayOf(Temporal.PlainYearMonth.from(`${year}-${month}`)) : null
}

/** Earliest month that gets a part: no id that begins with a time is older. */
export const EARLIEST_MONTH = Temporal.PlainYearMonth.from('2020-01')

/** Returns the months, up to `upTo`, that have rows in a default part. */
export async function monthsWithoutPartition(
  db: Db,
  upTo: Temporal.PlainYearMonth,
): Promise<Month[]> {
  const before = upTo.add({ months: 1 })
  const { rows } = await sql<{ of: PartitionClass; month: string }>`
    select 'kept' as of, to_char(${timeOf(sql.ref('enrollment_id'))} at time zone 'UTC',
      'YYYY-MM') as month
    from deliveries_kept_other
    where enrollment_id >= ${firstId(startOfMonth(EARLIEST_MONTH))}::uuid
      and enrollment_id < ${firstId(startOfMonth(before))}::uuid
    union
    select 'passing', to_char(local_date, 'YYYY-MM') from deliveries_passing_other
    where local_date >= ${String(firstDayOf(EARLIEST_MONTH))}::date
      and local_date < ${String(firstDayOf(before))}::date
    order by 1, 2`.execute(db)
  return rows.map(({ of, month }) => ({ of, month: Temporal.PlainYearMonth.from(month) }))
}

/** The time at the start of a version 7 UUID. */
export const timeOf = (id: ReturnType<typeof sql.ref>) =>
  sql`to_timestamp(('x' || substr(replace(${id}::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0)`

/** Rows moved out of a default part under the lock at most, in a fraction of a second. */
const MAX_MOVED_ROWS = 5_000

/**
 * Creates a month's part, unless it exists, with its rows from the default part. Any number of
 * processes may do so simultaneously.
 */
export async function make(db: Db, month: Month, maxRows = MAX_MOVED_ROWS): Promise<MakeResult> {
  if (await tableExists(db, nameOf(month))) return { made: false, moved: 0 }
  if (!(await moveToOldLedger(db, month, maxRows))) return 'busy'
  return changeExclusively(db, async (tx) => makeInTransaction(tx, month, await startDeadline(tx)))
}

/**
 * If the default part has more rows of a month than can be moved under the lock, they wait in the
 * old ledger, which moves its rows to their months in small batches (old-ledger.ts). They never
 * leave the ledger, and their keys are checked there (I1). Returns whether it could be done now.
 */
async function moveToOldLedger(db: Db, month: Month, few: number): Promise<boolean> {
  const [column, type] = [columnOf(month.of), typeOf(month.of)]
  const [from, to] = boundsOf(month)
  const isOfMonth = sql`${column} >= ${from}::${type} and ${column} < ${to}::${type}`
  const front = sql`select id from ${sql.table(defaultPartitionOf(month.of))} where ${isOfMonth} limit ${few}`
  for (;;) {
    const some = await changeExclusively(db, async (tx) => {
      const { rows } = await front.execute(tx)
      if (rows.length < few) return 0
      const { numAffectedRows } = await sql`update deliveries_ended d set retention = 0,
          series = ${seriesOf}, kind = ${kindOf}, item = ${itemOf}
        where retention = ${sql.lit(RETENTION[month.of])} and ${isOfMonth}
          and id = any (array(${front} for update skip locked))`.execute(tx)
      return Number(numAffectedRows ?? 0n)
    })
    if (some === 'busy' || some === 0) return some === 0
  }
}

/** Like `make`, in a transaction of the caller's that nobody else is in the way of. */
export async function makeInTransaction(
  tx: Db,
  month: Month,
  run: RunStatement = (statement) => statement.execute(tx),
): Promise<Exclude<MakeResult, 'busy'>> {
  const [name, parent, rest] = [nameOf(month), parentOf(month.of), defaultPartitionOf(month.of)]
  if (await tableExists(tx, name)) return { made: false, moved: 0 }
  const [part, whole, other] = [sql.table(name), sql.table(parent), sql.table(rest)]
  await run(sql`create table ${part} (like ${whole} including all)`)
  if (month.of === 'kept') await run(vacuumSoon(name))
  await run(lockParent(month.of))
  const [from, to] = boundsOf(month)
  const [column, type] = [columnOf(month.of), typeOf(month.of)]
  const { numAffectedRows } = await run(sql`
    with gone as (
      delete from ${other} where ${column} >= ${from}::${type} and ${column} < ${to}::${type}
        returning *
    ) insert into ${part} select * from gone`)
  await run(attach(month))
  return { made: true, moved: Number(numAffectedRows ?? 0n) }
}

/** Its key alone answers the planner (migration 0059) once a vacuum has seen the pages. */
export const vacuumSoon = (kept: string) =>
  sql`alter table ${sql.table(kept)} set (
    autovacuum_vacuum_insert_scale_factor = 0.02,
      autovacuum_vacuum_insert_threshold = 5000)`

/** Others that add to these parts wait for this lock, and then see the new part. */
export const lockParent = (of: PartitionClass) =>
  sql`lock table only ${sql.table(parentOf(of))} in access exclusive mode`

/** Attaches the table with the name of a month as its part. */
export function attach(month: Month) {
  const [from, to] = boundsOf(month).map((bound) => sql.lit(bound))
  return sql`alter table ${sql.table(parentOf(month.of))} attach partition
    ${sql.table(nameOf(month))}
    for values from (${from}) to (${to})`
}

/** Key of the advisory lock for changing the set of parts. */
const PARTITIONS_LOCK = 0x0da7_90_59
/**
 * Milliseconds. Others queue behind a lock that is waited for. Less than `deadlock_timeout`: this
 * side gives way.
 */
const LOCK_TIMEOUT_MS = 700
/** Milliseconds for everything from the first lock on, including the waits for further ones. */
const MAX_LOCKED_MS = 1_800
/** lock_not_available, query_canceled, deadlock_detected. */
const CONTENTION_ERRORS = ['55P03', '57014', '40P01']

/**
 * Changes the parts of the ledger in a transaction, as the only one that does so, and without
 * making others wait long. `busy`: it could not be done now, and nothing has changed.
 */
export async function changeExclusively<T>(
  db: Db,
  change: (tx: Db) => Promise<T>,
): Promise<T | 'busy'> {
  try {
    return await db.transaction().execute(async (tx) => {
      await sql`select set_config('lock_timeout', ${String(LOCK_TIMEOUT_MS)}, true),
        set_config('statement_timeout', '0', true)`.execute(tx)
      return (await tryLock(tx)) ? change(tx) : 'busy'
    })
  } catch (error) {
    if (CONTENTION_ERRORS.includes(String((error as { code?: unknown } | null)?.code)))
      return 'busy'
    throw error
  }
}

/** Runs a statement of a transaction. */
export type RunStatement = <T>(statement: RawBuilder<T>) => Promise<QueryResult<T>>

/**
 * From here on others wait. Returns a function that runs the rest of a transaction and fails once
 * all of it has taken too long: PostgreSQL's own limit is for each statement.
 */
export async function startDeadline(tx: Db, timeoutMs = MAX_LOCKED_MS): Promise<RunStatement> {
  const end = performance.now() + timeoutMs
  return async (statement) => {
    const left = Math.max(1, Math.floor(end - performance.now()))
    await sql`select set_config('statement_timeout', ${String(left)}, true)`.execute(tx)
    return statement.execute(tx)
  }
}

/** Returns whether nobody else changes parts until the transaction ends. */
async function tryLock(tx: Db): Promise<boolean> {
  const { rows } = await sql<{ mine: boolean }>`
    select pg_try_advisory_xact_lock(${PARTITIONS_LOCK}, hashtext(current_schema())) as mine`.execute(
    tx,
  )
  return rows[0]?.mine ?? false
}
