/** The tables as the migrations leave them, as statements that one can read. */
import type { Pool } from 'pg'

/** Tables of the program; those of migrations and of the queue are their libraries'. */
const OWN = `c.relnamespace = 'public'::regnamespace and c.relname !~ '^(kysely|bullmq|pgboss)'`

const COLUMNS = `
  select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
    a.attnotnull as required, pg_get_expr(d.adbin, d.adrelid) as default, a.attgenerated <> '' as generated,
    a.attidentity <> '' as identity
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
  where c.relkind = 'r' and ${OWN} order by c.relname, a.attnum`

const CONSTRAINTS = `
  select c.relname as table, pg_get_constraintdef(k.oid) as definition
  from pg_constraint k join pg_class c on c.oid = k.conrelid
  where k.contype in ('p', 'u', 'f', 'c') and ${OWN}
  order by c.relname, array_position('{p,u,f,c}'::"char"[], k.contype), definition`

const INDEXES = `
  select c.relname as table, pg_get_indexdef(i.indexrelid) as definition
  from pg_index i join pg_class c on c.oid = i.indrelid
  where ${OWN} and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
  order by c.relname, definition`

interface Column {
  readonly table: string
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly default: string | null
  readonly generated: boolean
  readonly identity: boolean
}

interface Defined {
  readonly table: string
  readonly definition: string
}

export async function schemaOf(pool: Pool): Promise<string> {
  const { rows: columns } = await pool.query<Column>(COLUMNS)
  const { rows: constraints } = await pool.query<Defined>(CONSTRAINTS)
  const { rows: indexes } = await pool.query<Defined>(INDEXES)
  const tables = [...new Set(columns.map(({ table }) => table))]
  const of = <T extends { table: string }>(all: readonly T[], table: string) =>
    all.filter((one) => one.table === table)
  const statements = tables.map((table) => {
    const lines = [
      ...of(columns, table).map(columnOf),
      ...of(constraints, table).map(({ definition }) => definition),
    ]
    return [
      `create table ${table} (\n  ${lines.join(',\n  ')}\n);`,
      ...of(indexes, table).map(({ definition }) => `${definition.replace('public.', '')};`),
    ].join('\n')
  })
  return `-- The tables as the migrations leave them, by \`npm run schema\`. To change one, add a migration.\n\n${statements.join('\n\n')}\n`
}

function columnOf({ name, type, required, default: value, generated, identity }: Column): string {
  const kind = generated ? ` generated always as (${value}) stored` : ` default ${value}`
  const given = identity ? ' generated as identity' : value === null ? '' : kind
  return `${name} ${type}${required ? ' not null' : ''}${given}`
}
