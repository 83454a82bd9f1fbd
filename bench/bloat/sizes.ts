/** The sizes of a database's tables, whatever their names, and how much of that is bloat. */
import type pg from 'pg'

const MB = 2 ** 20
/** Percent by which a table may be larger than a fresh copy of its rows. */
const MAX_PERCENT = 20

/** A table with all its partitions, or one of its indexes on all partitions. */
export interface Size {
  readonly table: string
  /** Null: the rows themselves, including TOAST. */
  readonly index: string | null
  readonly bytes: number
}

/** The sizes of all ordinary tables, largest first, each followed by its indexes. */
export async function sizesIn(client: pg.Client): Promise<Size[]> {
  const { rows } = await client.query<Size>(SIZES)
  const whole = (table: string) => bytesOf(rows, table)
  return rows.toSorted(
    (a, b) =>
      whole(b.table) - whole(a.table) ||
      a.table.localeCompare(b.table) ||
      Number(a.index !== null) - Number(b.index !== null) ||
      b.bytes - a.bytes,
  )
}

const ROOT_OF = (oid: string) => `coalesce(pg_partition_root(${oid}), ${oid})::regclass::text`

const TABLES = `select c.oid, ${ROOT_OF('c.oid')} as root from pg_class c
  where c.relkind in ('r', 'm') and c.relpersistence <> 't'
    and c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'`

const SIZES = `with tables as (${TABLES})
  select root as "table", null as index, sum(pg_table_size(oid))::float8 as bytes from tables
    group by root
  union all
  select root, ${ROOT_OF('indexrelid')}, sum(pg_relation_size(indexrelid))::float8
  from tables join pg_index on indrelid = tables.oid group by 1, 2`

/** A table with all its indexes. */
export const bytesOf = (sizes: readonly Size[], table: string): number =>
  sizes.filter((size) => size.table === table).reduce((sum, { bytes }) => sum + bytes, 0)

/** The tables of at least 1 MB, indexes included. */
export const largeAmong = (sizes: readonly Size[]): string[] =>
  [...new Set(sizes.map(({ table }) => table))].filter((table) => bytesOf(sizes, table) >= MB)

/** Percent by which it is larger than a fresh copy of the same rows. */
export const percentOver = (bytes: number, fresh: number) =>
  Math.round((1_000 * (bytes - fresh)) / fresh) / 10

const isWithin = (bytes: number, fresh: number) => bytes <= fresh * (1 + MAX_PERCENT / 100)

/** Bytes of all tables. */
export const bytesOfAll = (sizes: readonly Size[]): number =>
  sizes.reduce((sum, { bytes }) => sum + bytes, 0)

export interface Bloated {
  /** What is too large: all tables together, or single ones that still grow. */
  readonly tooMuch: readonly string[]
  /** Tables too large for their rows, but no larger than some mornings ago. */
  readonly steady: readonly string[]
}

/**
 * The tables that are more than a fifth larger than a fresh copy. One that holds rows only briefly
 * has no fresh size to compare with: it may take a hundredth of the size of all. One whose rows are
 * all replaced on a morning needs room for both versions; it is steady if it had that `earlier`,
 * too, as long as all tables together are within a fifth.
 */
export function bloated(
  sizes: readonly Size[],
  fresh: readonly Size[],
  earlier: readonly Size[] = [],
): Bloated {
  const all = bytesOfAll(fresh)
  const large = largeAmong(sizes).filter((table) => {
    const freshBytes = bytesOf(fresh, table)
    return freshBytes >= MB
      ? !isWithin(bytesOf(sizes, table), freshBytes)
      : bytesOf(sizes, table) > Math.max(MB, all / 100)
  })
  if (!isWithin(bytesOfAll(sizes), all)) return { tooMuch: ['all tables together'], steady: [] }
  const isSteady = (table: string) => isWithin(bytesOf(sizes, table), bytesOf(earlier, table))
  return {
    tooMuch: large.filter((table) => !isSteady(table)),
    steady: large.filter(isSteady),
  }
}

/** Rewrites these tables and their indexes without any free space. */
export async function rewrite(client: pg.Client, tables: readonly string[]): Promise<void> {
  for (const table of tables) await client.query(`vacuum (full) ${table}`)
}

/**
 * Does what autovacuum does between two mornings: it checks every minute, and vacuums tables over
 * the threshold set for the table or the server. Returns how many tables that were.
 */
export async function vacuumWhatIsDue(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ table: string }>(DUE)
  for (const { table } of rows) await client.query(`vacuum (analyze) ${table}`)
  return rows.length
}

const setting = (name: string) => `coalesce(
  (select option_value from pg_options_to_table(c.reloptions) where option_name = '${name}'),
  current_setting('${name}'))`

const DUE = `select c.oid::regclass::text as "table" from pg_stat_user_tables s
  join pg_class c on c.oid = s.relid
  where s.n_dead_tup > ${setting('autovacuum_vacuum_threshold')}::float8
    + ${setting('autovacuum_vacuum_scale_factor')}::float8 * greatest(c.reltuples, 0)`

/** Percentage of each table's updates that touched no index. */
export async function hotPercents(client: pg.Client): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{ table: string; percent: number | null }>(
    `select ${ROOT_OF('relid')} as "table",
       (100 * sum(n_tup_hot_upd) / nullif(sum(n_tup_upd), 0))::float8 as percent
     from pg_stat_user_tables group by 1`,
  )
  return new Map(rows.flatMap(({ table, percent }) => (percent === null ? [] : [[table, percent]])))
}
