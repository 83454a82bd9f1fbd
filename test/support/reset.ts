/** Resets a database to an earlier state: rows that were written since then are deleted. */
import pg from 'pg'
import { withDepths } from '../../src/store/dump.ts'

/**
 * Records the contents of a database to which nobody else is connected. New rows have a higher
 * transaction ID from now on.
 */
export async function prepareReset(pool: pg.Pool): Promise<void> {
  const tables = await counted(pool, (await pool.query<{ name: string }>(TABLES)).rows)
  const { rows: sequences } = await pool.query<Sequence>(SEQUENCES)
  const client = await pool.connect()
  try {
    await client.query(
      'begin; create schema kept; create table kept.tables (name text, rows jsonb)',
    )
    for (const { name } of tables.filter(hasRows))
      await client.query(
        `insert into kept.tables select $1, jsonb_agg(to_jsonb(a_row)) from ${name} a_row`,
        [name],
      )
    const { rows } = await client.query('select pg_current_xact_id()::xid::text as base')
    // The function created below is in pg_proc as well.
    const catalogs = (await counted(client, CATALOGS)).map(({ name, rows }) => ({
      name,
      rows: name === 'pg_proc' ? rows + 1 : rows,
    }))
    await client.query(
      resetFunction({ base: `'${rows[0].base}'::xid`, tables, sequences, catalogs }),
    )
    await client.query('commit')
  } finally {
    client.release()
  }
}

/**
 * @returns why it could not be reset: a table itself was changed, or somebody besides these pools
 * is still connected; null on success.
 */
export async function reset(pools: readonly [pg.Pool, ...pg.Pool[]]): Promise<string | null> {
  const connections = pools.reduce((sum, { totalCount }) => sum + totalCount, 0)
  const { rows } = await pools[0].query('select kept.reset($1) as why', [connections || 1])
  return rows[0].why
}

interface Counted {
  readonly name: string
  readonly rows: number
}
interface Sequence {
  readonly name: string
  readonly value: string
  readonly called: boolean
}
interface Before {
  /** The transaction after which all rows are new. */
  readonly base: string
  readonly tables: readonly Counted[]
  readonly sequences: readonly Sequence[]
  readonly catalogs: readonly Counted[]
}

const OURS = `not in ('pg_catalog', 'information_schema', 'pg_toast')`

/** Referring tables first, since a row is deleted after those that refer to it. */
const TABLES = `${withDepths(`
    select oid from pg_class
    where relkind in ('r', 'p') and not relispartition
      and relnamespace::regnamespace::text ${OURS}`)}
  select oid::regclass::text as name from ours join depths using (oid) group by oid order by max(depth) desc`

const SEQUENCES = `
  select format('%I.%I', schemaname, sequencename) as name,
    coalesce(last_value, start_value)::text as value, last_value is not null as called
  from pg_sequences where schemaname ${OURS}`

/** The catalogs of tables, indexes, columns, constraints, triggers and functions. */
const CATALOGS = ['pg_class', 'pg_attribute', 'pg_constraint', 'pg_trigger', 'pg_proc'].map(
  (name) => ({ name }),
)

async function counted<T extends { name: string }>(
  on: pg.Pool | pg.PoolClient,
  tables: readonly T[],
): Promise<(T & Counted)[]> {
  const counts = tables.map(({ name }) => `(select count(*)::int from ${name})`)
  const { rows } = await on.query({ text: `select ${counts.join()}`, rowMode: 'array' })
  return tables.map((table, index) => ({ ...table, rows: rows[0]?.[index] }))
}

/**
 * Tables whose changed rows are restored. No other rows refer to them, since nobody is enrolled in
 * a template.
 */
const hasRows = ({ rows }: Counted) => rows > 0

/** A function, so that its statements are planned once per connection. */
function resetFunction({ base, tables, sequences, catalogs }: Before): string {
  const isNew = `age(xmin) < age(${base})`
  const ifChanged = ({ name, rows }: Counted, then: string) => `
    if (select count(*) from ${name} where not ${isNew}) <> ${rows} then
      ${then};
    end if;`
  const giveUp = (why: string) => `return ${pg.escapeLiteral(why)}`
  const restore = (name: string) => `delete from ${name};
      insert into ${name} overriding system value
        select a_row.* from kept.tables, jsonb_populate_recordset(null::${name}, tables.rows) a_row
        where tables.name = ${pg.escapeLiteral(name)}`
  return `
  create function kept.reset(connections int) returns text language plpgsql as $$ begin
    if (select count(*) from pg_stat_activity
        where datname = current_database() and backend_type = 'client backend') > connections then
      ${giveUp('connections')};
    end if;
    ${catalogs.map(({ name }) => `if exists (select from ${name} where ${isNew}) then ${giveUp(name)}; end if;`).join('\n    ')}
    ${catalogs.map((one) => ifChanged(one, giveUp(one.name))).join('')}
    ${tables.map(({ name }) => `delete from ${name} where ${isNew};`).join('\n    ')}
    ${tables
      .filter(hasRows)
      .map((one) => ifChanged(one, restore(one.name)))
      .join('')}
    ${sequences.map(({ name, value, called }) => `perform setval(${pg.escapeLiteral(name)}, ${value}, ${called});`).join('\n    ')}
    return null;
  end $$`
}
