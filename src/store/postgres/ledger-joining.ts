/**
 * Makes the previous ledger a part of the partitioned one (migration 0056) while others are at
 * work.
 */
import { sql } from 'kysely'
import { withMigrationLock } from './migration-lock.ts'
import type { Progress } from './progress.ts'
import type { Db } from './sql.ts'

/** Rows moved per transaction, which takes a fraction of a second. */
const BATCH = 5_000

/**
 * Moves what has not ended, has PostgreSQL verify that everything else has, and only then gives the
 * ledger its name. May be interrupted at any moment and restarted, and run by several processes
 * simultaneously: each transaction belongs to one of them. Nobody waits for the reading, which
 * takes the longest; attaching what has been read takes milliseconds.
 */
export async function joinLedger(db: Db, progress: Progress = () => {}): Promise<void> {
  const step = (work: (tx: Db) => Promise<boolean>) =>
    withMigrationLock(db, async (tx) => (await isUnjoined(tx)) && work(tx), progress)
  let done = 0
  const moved = async (tx: Db) => {
    const { rows } = await sql<{ moved: number }>`
      select move_outstanding(${BATCH}::int) as moved`.execute(tx)
    done += rows[0]?.moved ?? 0
    return (rows[0]?.moved ?? 0) > 0
  }
  while (await step(moved)) progress({ what: 'mails that have not ended', done })
  const reportReading = (done: number) =>
    progress({ what: 'readings of the old ledger', done, of: 1 })
  reportReading(0)
  await step(async (tx) => {
    await sql`alter table deliveries_before validate constraint deliveries_before_ended`.execute(tx)
    return true
  })
  reportReading(1)
  await step(async (tx) => {
    await sql`select join_ledger()`.execute(tx)
    await sql`drop function move_outstanding(integer)`.execute(tx)
    await sql`drop function join_ledger()`.execute(tx)
    return true
  })
}

/**
 * Whether the ledger has not got its name yet. Asked of the catalog, since a name that this
 * connection has cached may date from before it waited.
 */
export const IS_UNJOINED_QUERY = `select exists (select from pg_class where relname = 'deliveries_in_parts'
  and relnamespace = current_schema()::regnamespace) as apart`

async function isUnjoined(db: Db): Promise<boolean> {
  const { rows } = await sql<{ apart: boolean }>`${sql.raw(IS_UNJOINED_QUERY)}`.execute(db)
  return rows[0]?.apart ?? false
}
