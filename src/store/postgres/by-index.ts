import { sql } from 'kysely'
import { type Db, retryIfMoved } from './sql.ts'

/**
 * Runs `ask` so that rows are read in the order of an index, and no more than asked for. The
 * database's statistics date from a night when there were few, so it would rather fetch all of them
 * and sort.
 */
export async function withIndexScans<T>(db: Db, ask: (tx: Db) => Promise<T>): Promise<T> {
  if (!db.isTransaction)
    return retryIfMoved(() => db.transaction().execute((tx) => withIndexScans(tx, ask)))
  await sql`select set_config(name, 'off', true) from unnest(
    '{enable_sort,enable_seqscan,enable_bitmapscan}'::text[]) as name`.execute(db)
  return ask(db)
}
