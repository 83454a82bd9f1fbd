/** PostgreSQL's own figures about its log, tables and statements. */
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { type Machines, superuserUrl } from '../machines.ts'
import { LEDGER, ROWS, STEPS } from './shape.ts'

/** Observes as the superuser, on a connection whose own work is not counted. */
export interface Observer extends AsyncDisposable {
  readonly client: pg.Client
  readonly pid: number
}

export async function observe(machines: Machines, databaseUrl: string): Promise<Observer> {
  const client = new pg.Client(await superuserUrl(databaseUrl, machines.folder))
  client.on('error', () => {})
  await client.connect()
  const { rows } = await client.query('select pg_backend_pid() as pid')
  return { client, pid: rows[0].pid, [Symbol.asyncDispose]: () => client.end() }
}

/** Settings for a server whose statements are to be counted. */
export const COUNTING = [
  'shared_preload_libraries=pg_stat_statements',
  'pg_stat_statements.track=none',
]

/** Counts the statements of all connections to this database from now on. */
export async function countStatements({ client }: Observer): Promise<void> {
  const { rows } = await client.query('select quote_ident(current_database()) as name')
  await client.query('create extension if not exists pg_stat_statements')
  await client.query(`alter database ${rows[0].name} set pg_stat_statements.track = 'top'`)
}

/** The current position in the write-ahead log. */
export async function walPlace({ client }: Observer): Promise<string> {
  const { rows } = await client.query('select pg_current_wal_insert_lsn()::text as place')
  return rows[0].place
}

export interface Wal {
  readonly bytes: number
  /** Of them, full images of pages first changed since a checkpoint; null: not known. */
  readonly pages: number | null
}

/** What everybody has written to the log since a position. */
export async function walSince({ client }: Observer, from: string): Promise<Wal> {
  const { rows } = await client.query<{ here: string; bytes: number }>(
    `select here::text, (here - $1::pg_lsn)::float8 as bytes
      from pg_current_wal_flush_lsn() as here`,
    [from],
  )
  const { here = from, bytes = Number.NaN } = rows[0] ?? {}
  await client.query('create extension if not exists pg_walinspect').catch(() => {})
  const pages = await client
    .query('select sum(fpi_size)::float8 as pages from pg_get_wal_stats($1, $2)', [from, here])
    .then(
      (result) => Number(result.rows[0].pages),
      // Already recycled, or PostgreSQL is older than 15.
      () => null,
    )
  return { bytes, pages }
}

/** Rows written to a table. */
export interface Written {
  readonly table: string
  readonly inserted: number
  readonly updated: number
  /** Updates within the page without touching an index. */
  readonly hot: number
  readonly deleted: number
}

const WRITES = `
  select relname as table, n_tup_ins::float8 as inserted, n_tup_upd::float8 as updated,
    n_tup_hot_upd::float8 as hot, n_tup_del::float8 as deleted
  from pg_stat_user_tables where schemaname <> 'bench'`

export const writes = async ({ client }: Observer): Promise<Written[]> =>
  (await client.query<Written>(WRITES)).rows

/** What was written between two samples, most written tables first, without unchanged ones. */
export function writtenBetween(before: readonly Written[], after: readonly Written[]): Written[] {
  const were = new Map(before.map((row) => [row.table, row]))
  const all = (row: Written) => row.inserted + row.updated + row.deleted
  return after
    .map((row) => {
      const was = were.get(row.table)
      return {
        table: row.table,
        inserted: row.inserted - (was?.inserted ?? 0),
        updated: row.updated - (was?.updated ?? 0),
        hot: row.hot - (was?.hot ?? 0),
        deleted: row.deleted - (was?.deleted ?? 0),
      }
    })
    .filter((row) => all(row) > 0)
    .sort((a, b) => all(b) - all(a))
}

/** Long enough for closed connections to have reported their counts. */
export const told = () => pause(1_000)

export interface Statement {
  readonly text: string
  readonly calls: number
  readonly ms: number
  /** Pages of 8 kB that it read. */
  readonly pages: number
  readonly walBytes: number
}

export const forgetStatements = ({ client }: Observer) =>
  client.query('select pg_stat_statements_reset()')

/** The statements on this database since the last reset, most expensive first. */
export async function statements({ client }: Observer): Promise<Statement[]> {
  const { rows } = await client.query<Statement>(`
    select btrim(regexp_replace(query, '(/\\*[^*]*\\*/|\\s)+', ' ', 'g')) as text, calls::float8,
      total_exec_time as ms,
      (shared_blks_hit + shared_blks_read)::float8 as pages, wal_bytes::float8 as "walBytes"
    from pg_stat_statements
    where dbid = (select oid from pg_database where datname = current_database())
      and userid <> (select oid from pg_roles where rolname = current_user)
    order by total_exec_time desc`)
  return rows
}

export type Step = keyof typeof STEPS

/** The total cost of a step. */
export function costOf(step: Step, all: readonly Statement[]): Pick<Statement, 'ms' | 'pages'> {
  const its = all.filter(({ text }) => STEPS[step].test(text))
  const sum = (of: 'ms' | 'pages') => its.reduce((total, statement) => total + statement[of], 0)
  return { ms: sum('ms'), pages: sum('pages') }
}

export interface AtRest {
  readonly rows: number
  readonly heapBytes: number
  /** The size of heaps, indexes and everything else that belongs to the tables. */
  readonly bytes: number
}

/** The size of the ledger, including partitions. */
export async function atRest({ client }: Observer): Promise<AtRest> {
  const { rows } = await client.query<AtRest>(
    `with recursive part (oid) as (
       select to_regclass(name)::oid from unnest($1::text[]) name
       union all select i.inhrelid from pg_inherits i join part on i.inhparent = part.oid
     )
     select (select count(*) from ${ROWS})::float8 as rows,
       sum(pg_relation_size(oid))::float8 as "heapBytes",
       sum(pg_total_relation_size(oid))::float8 as bytes
     from part where oid is not null`,
    [[...LEDGER]],
  )
  return rows[0] as AtRest
}
