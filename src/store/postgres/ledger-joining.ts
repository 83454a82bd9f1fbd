/**
 * The ledger of before becomes a part of the one in parts (migration 0056), beside others at work.
 */
import { sql } from 'kysely'
import { givingWay } from './in-turn.ts'
import type { Progress } from './progress.ts'
import type { Db } from './sql.ts'

/** So many rows are moved in a transaction, of a fraction of a second. */
const BATCH = 5_000

/**
 * Moves what has not ended, has PostgreSQL see that all else has, and only then gives the ledger
 * its name. May be stopped at any moment and begun anew, and by several at once: each transaction
 * is one's. Nobody waits for the reading, which takes the longest; to attach what has been read
 * takes milliseconds.
 */
export async function joinLedger(db: Db, progress: Progress = () => {}): Promise<void> {
  const step = (work: (tx: Db) => Promise<boolean>) =>
    givingWay(db, async (tx) => (await isApart(tx)) && work(tx), progress)
  let done = 0
  const moved = async (tx: Db) => {
    const { rows } = await sql<{ moved: number }>`
      select move_outstanding(${BATCH}::int) as moved`.execute(tx)
    done += rows[0]?.moved ?? 0
    return (rows[0]?.moved ?? 0) > 0
  }
  while (await step(moved)) progress({ what: 'mails that have not ended', done })
  const told = (done: number) => progress({ what: 'readings of the old ledger', done, of: 1 })
  told(0)
  await step(async (tx) => {
    await sql`alter table deliveries_before validate constraint deliveries_before_ended`.execute(tx)
    return true
  })
  told(1)
  await step(async (tx) => {
    await sql`select join_ledger()`.execute(tx)
    await sql`drop function move_outstanding(integer)`.execute(tx)
    await sql`drop function join_ledger()`.execute(tx)
    return true
  })
}

/**
 * Whether it has not got its name yet: asked of the catalog, since a name that this connection
 * knows may be one of before it waited.
 */
export const APART = `select exists (select from pg_class where relname = 'deliveries_in_parts'
  and relnamespace = current_schema()::regnamespace) as apart`

async function isApart(db: Db): Promise<boolean> {
  const { rows } = await sql<{ apart: boolean }>`${sql.raw(APART)}`.execute(db)
  return rows[0]?.apart ?? false
}
