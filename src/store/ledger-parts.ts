/**
 * The parts of the ledger that hold what has ended, a month each (migration 0056). A month that has
 * none is no outage: its rows stand in the default part until there is one.
 */
import { type QueryResult, type RawBuilder, sql } from 'kysely'
import { beginOf, firstOf } from '../domain/retention.ts'
import { RETENTION } from './new-deliveries.ts'
import { type Db, firstId } from './postgres/sql.ts'

/** What a part is divided by: see migration 0056. */
export type PartClass = 'kept' | 'passing'

export interface Month {
  readonly of: PartClass
  readonly month: Temporal.PlainYearMonth
}

/** A month's part, as the database's planner knows it: 0 when it has not looked yet. */
export interface Part extends Month {
  readonly name: string
  readonly rows: number
  /** With its indexes. */
  readonly bytes: number
}

/** `busy`: the lock could not be had. Nothing has changed then; it is for a later turn. */
export type Made = { readonly made: boolean; readonly moved: number } | 'busy'

export const parentOf = (of: PartClass) => `deliveries_${of}`
export const nameOf = ({ of, month }: Month) => `${parentOf(of)}_${String(month).replace('-', '_')}`
const restOf = (of: PartClass) => `${parentOf(of)}_other`
const NAME = /^deliveries_(kept|passing)_(\d{4})_(\d\d)$/

/** From where a part begins, and where the next one does. */
export function boundsOf({ of, month }: Month): readonly [string, string] {
  const bound = (of: PartClass, at: Temporal.PlainYearMonth) =>
    of === 'kept' ? firstId(beginOf(at)) : String(firstOf(at))
  return [bound(of, month), bound(of, month.add({ months: 1 }))]
}

const columnOf = (of: PartClass) => sql.ref(of === 'kept' ? 'enrollment_id' : 'local_date')
const typeOf = (of: PartClass) => sql.raw(of === 'kept' ? 'uuid' : 'date')

/**
 * All that there are, the oldest first. Their sizes are not measured: to ask for that, the database
 * would open each of them with all of its indexes.
 */
export async function all(db: Db): Promise<Part[]> {
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
      { ...row, of: of as PartClass, month: Temporal.PlainYearMonth.from(`${year}-${month}`) },
    ]
  })
}

/**
 * Where passing mails begin in the ledger: months before the oldest part have been dropped. Null
 * where that is not known, as long as there is something of the ledger before migration 0056.
 */
export async function passingFrom(db: Db): Promise<Temporal.PlainDate | null> {
  const { rows } = await sql<{ name: string | null }>`
    select min(c.relname) as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'deliveries_passing'::regclass and c.relname ~ ${NAME.source}
      and not exists (select from deliveries_before)`.execute(db)
  const [, , year, month] = NAME.exec(rows[0]?.name ?? '') ?? []
  return year ? firstOf(Temporal.PlainYearMonth.from(`${year}-${month}`)) : null
}

/** No part is made of a month before this: no id that begins with a time is older. */
export const EARLIEST = Temporal.PlainYearMonth.from('2020-01')

/** Months, up to one, of which rows stand in a default part. */
export async function withoutPart(db: Db, upTo: Temporal.PlainYearMonth): Promise<Month[]> {
  const before = upTo.add({ months: 1 })
  const { rows } = await sql<{ of: PartClass; month: string }>`
    select 'kept' as of, to_char(${timeOf(sql.ref('enrollment_id'))} at time zone 'UTC',
      'YYYY-MM') as month
    from deliveries_kept_other
    where enrollment_id >= ${firstId(beginOf(EARLIEST))}::uuid
      and enrollment_id < ${firstId(beginOf(before))}::uuid
    union
    select 'passing', to_char(local_date, 'YYYY-MM') from deliveries_passing_other
    where local_date >= ${String(firstOf(EARLIEST))}::date
      and local_date < ${String(firstOf(before))}::date
    order by 1, 2`.execute(db)
  return rows.map(({ of, month }) => ({ of, month: Temporal.PlainYearMonth.from(month) }))
}

/** The time that a UUID of version 7 begins with. */
export const timeOf = (id: ReturnType<typeof sql.ref>) =>
  sql`to_timestamp(('x' || substr(replace(${id}::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0)`

/** So many rows are moved out of a default part under the lock, in a fraction of a second. */
const FEW = 5_000

/**
 * Makes the part of a month, unless it is there, with the rows of it that the default part has. Any
 * number of processes may do so at once.
 */
export async function make(db: Db, month: Month, few = FEW): Promise<Made> {
  if (await isThere(db, nameOf(month))) return { made: false, moved: 0 }
  if (!(await setAside(db, month, few))) return 'busy'
  return alone(db, async (tx) => makeWithin(tx, month, await hurry(tx)))
}

/**
 * Where the default part has more rows of a month than can be moved under the lock, they wait in
 * the old ledger, which moves its rows to their months in small batches (old-ledger.ts). They are
 * in the ledger all the time, and their keys are asked for there (I1). Says whether it could be
 * done now.
 */
async function setAside(db: Db, month: Month, few: number): Promise<boolean> {
  const [column, type] = [columnOf(month.of), typeOf(month.of)]
  const [from, to] = boundsOf(month)
  const isOfMonth = sql`${column} >= ${from}::${type} and ${column} < ${to}::${type}`
  const front = sql`select id from ${sql.table(restOf(month.of))} where ${isOfMonth} limit ${few}`
  for (;;) {
    const some = await alone(db, async (tx) => {
      const { rows } = await front.execute(tx)
      if (rows.length < few) return 0
      const { numAffectedRows } = await sql`update deliveries_ended set retention = 0
        where retention = ${sql.lit(RETENTION[month.of])} and ${isOfMonth}
          and id = any (array(${front} for update skip locked))`.execute(tx)
      return Number(numAffectedRows ?? 0n)
    })
    if (some === 'busy' || some === 0) return some === 0
  }
}

/** The same in a transaction of the caller's that nobody else is in the way of. */
export async function makeWithin(
  tx: Db,
  month: Month,
  run: Run = (statement) => statement.execute(tx),
): Promise<Exclude<Made, 'busy'>> {
  const [name, parent, rest] = [nameOf(month), parentOf(month.of), restOf(month.of)]
  if (await isThere(tx, name)) return { made: false, moved: 0 }
  const [part, whole, other] = [sql.table(name), sql.table(parent), sql.table(rest)]
  await run(sql`create table ${part} (like ${whole} including all)`)
  if (month.of === 'kept') await run(vacuumSoon(name))
  await run(lockWhole(month.of))
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

/** Its key answers what the planner asks (migration 0059) once a vacuum has seen the pages. */
export const vacuumSoon = (kept: string) =>
  sql`alter table ${sql.table(kept)} set (
    autovacuum_vacuum_insert_scale_factor = 0.02,
      autovacuum_vacuum_insert_threshold = 5000)`

/** Whoever adds to these parts waits for it, and then sees the new one. */
export const lockWhole = (of: PartClass) =>
  sql`lock table only ${sql.table(parentOf(of))} in access exclusive mode`

/** Makes a table with the name of a month its part. */
export function attach(month: Month) {
  const [from, to] = boundsOf(month).map((bound) => sql.lit(bound))
  return sql`alter table ${sql.table(parentOf(month.of))} attach partition
    ${sql.table(nameOf(month))}
    for values from (${from}) to (${to})`
}

export async function isThere(db: Db, table: string): Promise<boolean> {
  const { rows } = await sql<{ there: boolean }>`
    select to_regclass(${table}) is not null as there`.execute(db)
  return rows[0]?.there ?? false
}

/** The key of the advisory lock of whoever changes what parts there are. */
const CHANGING = 0x0da7_90_59
/** Behind a lock that is waited for others wait. Less than `deadlock_timeout`: we give way. */
const PATIENCE_MS = 700
/** For all that is done from the first lock on, with the waits for further ones. */
const MOST_MS = 1_800
/** lock_not_available, query_canceled, deadlock_detected. */
const IN_THE_WAY = ['55P03', '57014', '40P01']

/**
 * Does something to the parts of the ledger in a transaction: nobody else does meanwhile, and
 * nobody waits long for it. `busy`: it could not be done now, and nothing has changed.
 */
export async function alone<T>(db: Db, change: (tx: Db) => Promise<T>): Promise<T | 'busy'> {
  try {
    return await db.transaction().execute(async (tx) => {
      await sql`select set_config('lock_timeout', ${String(PATIENCE_MS)}, true),
        set_config('statement_timeout', '0', true)`.execute(tx)
      return (await isMine(tx)) ? change(tx) : 'busy'
    })
  } catch (error) {
    if (IN_THE_WAY.includes(String((error as { code?: unknown } | null)?.code))) return 'busy'
    throw error
  }
}

/** Runs a statement of a transaction. */
export type Run = <T>(statement: RawBuilder<T>) => Promise<QueryResult<T>>

/**
 * From here on others wait: gives what runs the rest of a transaction, and gives up once all of it
 * has taken too long. A limit of PostgreSQL's own is one for each statement.
 */
export async function hurry(tx: Db, mostMs = MOST_MS): Promise<Run> {
  const end = performance.now() + mostMs
  return async (statement) => {
    const left = Math.max(1, Math.floor(end - performance.now()))
    await sql`select set_config('statement_timeout', ${String(left)}, true)`.execute(tx)
    return statement.execute(tx)
  }
}

/** Whether nobody else changes parts until the transaction ends. */
async function isMine(tx: Db): Promise<boolean> {
  const { rows } = await sql<{ mine: boolean }>`
    select pg_try_advisory_xact_lock(${CHANGING}, hashtext(current_schema())) as mine`.execute(tx)
  return rows[0]?.mine ?? false
}
