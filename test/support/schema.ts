/** The tables after all migrations, as readable statements. */
import type { Pool } from 'pg'

/** Tables of the program, without those of the migration and queue libraries. */
const OWN = `c.relnamespace = 'public'::regnamespace and c.relname !~ '^(kysely|bullmq|pgboss)'`

const COLUMNS = `
  select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
    a.attnotnull as required, pg_get_expr(d.adbin, d.adrelid) as default,
    a.attgenerated <> '' as generated,
    a.attidentity <> '' as identity
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
  where c.relkind in ('r', 'p') and ${OWN} order by c.relname, a.attnum`

const PARTS = `
  select c.relname as table, p.relname as of, pg_get_expr(c.relpartbound, c.oid) as bound,
    pg_get_partkeydef(c.oid) as key
  from pg_class c left join pg_inherits i on i.inhrelid = c.oid left
    join pg_class p on p.oid = i.inhparent
  where (c.relkind = 'p' or c.relispartition) and c.relkind in ('r', 'p') and ${OWN}`

const TRIGGERS = `
  select c.relname as table, pg_get_triggerdef(t.oid) as definition,
    pg_get_functiondef(t.tgfoid) as function
  from pg_trigger t join pg_class c on c.oid = t.tgrelid where not t.tgisinternal and ${OWN}
  order by c.relname, t.tgname`

const CONSTRAINTS = `
  select c.relname as table, pg_get_constraintdef(k.oid) as definition
  from pg_constraint k join pg_class c on c.oid = k.conrelid
  where k.contype in ('p', 'u', 'f', 'c') and k.conparentid = 0 and k.coninhcount = 0 and ${OWN}
  order by c.relname, array_position('{p,u,f,c}'::"char"[], k.contype), definition`

const INDEXES = `
  select c.relname as table, pg_get_indexdef(i.indexrelid) as definition
  from pg_index i join pg_class c on c.oid = i.indrelid
  where ${OWN} and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
    and not exists (select from pg_inherits h where h.inhrelid = i.indexrelid)
  order by c.relname, definition`

const VIEWS = `
  select c.relname as table, pg_get_viewdef(c.oid) as definition
  from pg_class c where c.relkind = 'v' and ${OWN} order by c.relname`

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

interface Part {
  readonly table: string
  /** The table of which it is a partition. */
  readonly of: string | null
  readonly bound: string | null
  readonly key: string | null
}

export async function schemaOf(pool: Pool): Promise<string> {
  const { rows: columns } = await pool.query<Column>(COLUMNS)
  const { rows: constraints } = await pool.query<Defined>(CONSTRAINTS)
  const { rows: indexes } = await pool.query<Defined>(INDEXES)
  const { rows: parts } = await pool.query<Part>(PARTS)
  const { rows: triggers } = await pool.query<Defined & { function: string }>(TRIGGERS)
  const { rows: views } = await pool.query<Defined>(VIEWS)
  const tables = [...new Set(columns.map(({ table }) => table))]
  const of = <T extends { table: string }>(all: readonly T[], table: string) =>
    all.filter((one) => one.table === table)
  const statements = tables.map((table) => {
    const part = parts.find((one) => one.table === table)
    const lines = [
      ...(part?.of ? [] : of(columns, table).map(columnOf)),
      ...of(constraints, table).map(({ definition }) => definition),
    ]
    const inside = lines.length > 0 ? ` (\n  ${lines.join(',\n  ')}\n)` : ''
    const whole = part?.of ? ` partition of ${part.of}${inside} ${part.bound}` : inside
    return [
      `create table ${table}${whole}${part?.key ? ` partition by ${part.key}` : ''};`,
      ...of(indexes, table).map(({ definition }) => `${unqualified(definition)};`),
      ...[...Map.groupBy(of(triggers, table), (trigger) => trigger.function)].flatMap(
        ([called, callers]) => [
          `\n${unqualified(called).trim()};`,
          ...callers.map(({ definition }) => `${unqualified(definition)};`),
        ],
      ),
    ].join('\n')
  })
  const readings = views.map(
    ({ table, definition }) => `create view ${table} as\n${unqualified(definition).trim()}`,
  )
  return `-- The tables as the migrations leave them, by \`npm run schema\`. To change one, add a migration.\n\n${[...statements, ...readings].join('\n\n')}\n`
}

const unqualified = (definition: string) => definition.replaceAll('public.', '')

function columnOf({ name, type, required, default: value, generated, identity }: Column): string {
  const kind = generated ? ` generated always as (${value}) stored` : ` default ${value}`
  const given = identity ? ' generated as identity' : value === null ? '' : kind
  return `${name} ${type}${required ? ' not null' : ''}${given}`
}
