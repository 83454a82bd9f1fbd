/** Columns whose change writes to an index: an update of other columns can be a HOT update. */
import { sql } from 'kysely'
import type { Db } from '../../src/store/postgres/sql.ts'

/** The columns of a table in its indexes or in the predicates of its partial indexes. */
export async function columnsInIndexes(db: Db, table: string): Promise<string[]> {
  const { rows } = await sql<{ column: string }>`
    select distinct a.attname as column from pg_index i
    join pg_attribute a on a.attrelid = i.indrelid
    where i.indrelid = ${table}::regclass and (a.attnum = any (i.indkey::int2[])
      or pg_get_expr(i.indpred, i.indrelid) ~ ('\\m' || a.attname || '\\M'))`.execute(db)
  return rows.map(({ column }) => column)
}
