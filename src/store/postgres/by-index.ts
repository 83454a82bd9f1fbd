import { sql } from 'kysely'
import { type Db, unlessMoved } from './sql.ts'

/**
 * Has what is asked for read in the order of an index, as far as it is asked for. The database's
 * statistics are of a night when there was little of it, so it would rather fetch all of it and
 * sort.
 */
export async function byIndex<T>(db: Db, ask: (tx: Db) => Promise<T>): Promise<T> {
  if (!db.isTransaction)
    return unlessMoved(() => db.transaction().execute((tx) => byIndex(tx, ask)))
  await sql`select set_config(name, 'off', true) from unnest(
    '{enable_sort,enable_seqscan,enable_bitmapscan}'::text[]) as name`.execute(db)
  return ask(db)
}
