import { sql } from 'kysely'
import type { Db } from './sql.ts'

/** Returns whether our schema has a table, or a view, of this name. */
export async function tableExists(db: Db, table: string): Promise<boolean> {
  const { rows } = await sql<{ there: boolean }>`
    select to_regclass(quote_ident(current_schema()) || '.' || quote_ident(${table}))
      is not null as there`.execute(db)
  return rows[0]?.there ?? false
}
