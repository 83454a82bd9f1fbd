/** The keys of the months of the ledger (migration 0059), built while others are at work. */
import { sql } from 'kysely'
import { buildIndexes } from './building.ts'
import type { Progress } from './progress.ts'
import type { Db } from './sql.ts'

/** Builds those that are missing, as `buildIndexes` does. */
export const buildKeptKeys = (db: Db, progress: Progress = () => {}): Promise<void> =>
  buildIndexes(db, { what: 'keys of the months of the ledger', indexes: keysOf }, progress)

async function keysOf(db: Db) {
  const { rows } = await sql<{ part: string; table: string }>`
    select c.relname as part, quote_ident(c.relname) as table
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'deliveries_kept'::regclass order by c.relname`.execute(db)
  return rows.map(({ part, table }) => ({
    name: `${part}_key`,
    on: `on ${table} (enrollment_id, kind, item) include (local_date, status)`,
    isUnique: true,
  }))
}
