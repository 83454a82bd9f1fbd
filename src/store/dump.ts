/**
 * Writes all tables as text, and reads them back: without PostgreSQL's own programs, which do not
 * come with the embedded one, and for any version of it. Rows are JSON as PostgreSQL writes and
 * reads it.
 */
import { sql } from 'kysely'
import type pg from 'pg'
import { isBadValue } from '../domain/database-error.ts'
import { Problem } from '../domain/problem.ts'
import * as ledgerParts from './ledger-parts.ts'
import * as lineage from './lineage.ts'
import { ANNOUNCED_MIGRATIONS } from './postgres/drain-senders.ts'
import { IS_UNJOINED_QUERY } from './postgres/ledger-joining.ts'
import { migrateInTransaction, namesOfMigrations, ownTables } from './postgres/migrate.ts'
import { lockMigrations } from './postgres/migration-lock.ts'
import type { Db } from './postgres/sql.ts'

/** Rows of one table; each table may come in many parts. */
interface TablePart {
  readonly table: string
  readonly rows: readonly object[]
}

/**
 * Left out: what matters only while the processes that wrote it are alive; sessions, since a backup
 * would sign in people who have signed out since; and what triggers derive from the rest.
 */
const EXCLUDED_TABLES = [
  'due',
  'processes',
  'workers',
  'write_checks',
  'rate_limits',
  'sessions',
  'sign_ins',
  'webhook_tokens',
]
/** Rows read, and written, at a time: of files, which may be large, only one. */
const ROWS = { media: 1, others: 100 }

/**
 * Yields the names of the migrations that have run, then all rows in lines of JSON: as of one
 * moment.
 */
export async function* dump(pool: pg.Pool): AsyncGenerator<string> {
  const names = (await ownTables()).filter((name) => !EXCLUDED_TABLES.includes(name))
  const client = await pool.connect()
  try {
    await client.query('begin isolation level repeatable read read only')
    await client.query('set local statement_timeout = 0')
    // While the ledger is being divided it has no name, and a backup would hold nothing of it.
    const { rows: ledger } = await client.query<{ apart: boolean }>(IS_UNJOINED_QUERY)
    if (ledger[0]?.apart) throw new Problem('unavailable', 'operator.backup.in-between')
    const { rows } = await client.query<{ name: string }>(
      'select name from kysely_migration where name <> all ($1) order by name',
      [ANNOUNCED_MIGRATIONS],
    )
    yield JSON.stringify({ migrations: rows.map(({ name }) => name) })
    for (const { table } of (await client.query<{ table: string }>(TABLES, [names])).rows) {
      await client.query(
        `declare every_row no scroll cursor for select row_to_json(t)::text as row from ${table} t`,
      )
      for (;;) {
        const fetched = await client.query<{ row: string }>(
          `fetch ${table === 'media' ? ROWS.media : ROWS.others} from every_row`,
        )
        if (fetched.rows.length === 0) break
        yield `{"table":${JSON.stringify(table)},"rows":[${fetched.rows.map(({ row }) => row).join(',')}]}`
      }
      await client.query('close every_row')
    }
    await client.query('commit')
  } finally {
    // A consumer that stops early leaves a transaction open: the connection is discarded.
    client.release(true)
  }
}

/**
 * Begins a query of `depths`: how far each table of `tables`, a query of their `oid`, is from one
 * that references no other. Partitions count as their table.
 */
export const withDepths = (tables: string): string => `
  with recursive ours as (${tables}), depths as (
    select oid, 0 as depth from ours
    union
    select coalesce(pg_partition_root(c.conrelid), c.conrelid), depth + 1
    from depths join pg_constraint c on c.confrelid = depths.oid
    where c.contype = 'f' and c.conrelid <> c.confrelid and depth < 50
  )`

/** Tables of these names, those that others or their partitions reference first. */
const TABLES = `${withDepths(`
    select oid, quote_ident(relname) as name from pg_class
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
      and not relispartition
      and relname = any ($1::text[])`)}
  select name as table from ours join depths using (oid) group by name order by max(depth), name`

/**
 * Fills an empty database with what `dump` wrote, all or nothing, and brings it up to date. Nothing
 * leaves it then until an operator has decided what becomes of what was due since.
 *
 * @returns how many rows.
 */
export async function load(
  db: Db,
  lines: AsyncIterable<string>,
  now: Temporal.Instant,
): Promise<number> {
  const parts = lines[Symbol.asyncIterator]()
  const { migrations } = parseLine<{ migrations?: string[] }>((await parts.next()).value)
  const last = migrations?.at(-1)
  if (!migrations || !last) throw damagedRows()
  const known = await namesOfMigrations()
  const newer = migrations.find((name) => !known.includes(name))
  if (newer)
    throw new Problem('unavailable', 'operator.backup.newer', { params: { migration: newer } })
  return db.transaction().execute(async (tx) => {
    await lockMigrations(tx)
    await ensureEmpty(tx)
    await migrateInTransaction(tx, last)
    const count = await fill(tx, { [Symbol.asyncIterator]: () => parts })
    await advanceSequences(tx)
    await migrateInTransaction(tx)
    await moveToMonths(tx, now)
    await lineage.hold(tx, now)
    return count
  })
}

/**
 * Whatever exists belongs to another site, or to another program in the same schema. Tables of
 * extensions do not count.
 */
async function ensureEmpty(tx: Db): Promise<void> {
  const { rows } = await sql`
    select from pg_class c where relnamespace = current_schema()::regnamespace and relkind <> 'i'
      and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
    limit 1`.execute(tx)
  if (rows.length > 0) throw new Problem('unavailable', 'operator.backup.not-empty')
}

/** Replaces the rows that migrations have made with those of the dump. */
async function fill(tx: Db, lines: AsyncIterable<string>): Promise<number> {
  const columns = await columnsOf(tx)
  await sql`truncate ${sql.raw([...columns.keys()].join(', '))}`.execute(tx)
  let count = 0
  for await (const line of lines) {
    const part = parseLine<TablePart | null>(line)
    const into = columns.get(part?.table ?? '')
    if (!part || into === undefined || !Array.isArray(part.rows)) throw damagedRows()
    await insert(tx, part, into).catch((cause) => {
      throw isBadValue(cause) ? damagedRows(cause) : cause
    })
    count += part.rows.length
  }
  return count
}

const damagedRows = (cause?: unknown) =>
  new Problem('unavailable', 'operator.backup.damaged-rows', { cause })

function parseLine<T>(line: string | undefined): T {
  try {
    return JSON.parse(line ?? '')
  } catch (cause) {
    throw damagedRows(cause)
  }
}

/** Returns the columns of each table that take a value. */
async function columnsOf(tx: Db): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ table: string; columns: string }>`
    select quote_ident(c.relname) as table, string_agg(quote_ident(a.attname), ', '
      order by a.attnum) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = current_schema()::regnamespace
      and c.relname = any (${await ownTables()}::text[]) and c.relkind in ('r', 'p')
      and not c.relispartition
      and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    group by 1`.execute(tx)
  return new Map(rows.map(({ table, columns }) => [table, columns]))
}

/** Moves what has ended to its months, while nobody else is at work. */
async function moveToMonths(tx: Db, now: Temporal.Instant): Promise<void> {
  const upTo = now.toZonedDateTimeISO('UTC').toPlainDate().toPlainYearMonth()
  for (const month of await ledgerParts.monthsWithoutPartition(tx, upTo))
    await ledgerParts.makeInTransaction(tx, month)
}

const insert = (tx: Db, { table, rows }: TablePart, columns: string) =>
  sql`insert into ${sql.raw(table)} (${sql.raw(columns)}) overriding system value
    select ${sql.raw(columns)} from json_populate_recordset(null::${sql.raw(table)},
      ${JSON.stringify(rows)}::json)`.execute(tx)

/** Makes identity columns continue after the last value. */
async function advanceSequences(tx: Db): Promise<void> {
  const { rows } = await sql<{ table: string; column: string }>`
    select quote_ident(table_name) as table, quote_ident(column_name) as column
      from information_schema.columns
    where table_schema = current_schema() and is_identity = 'YES'`.execute(tx)
  for (const { table, column } of rows) {
    await sql`select setval(pg_get_serial_sequence(${table}, ${column}),
      coalesce(max(${sql.raw(column)}), 0) + 1, false)
      from ${sql.raw(table)}`.execute(tx)
  }
}
