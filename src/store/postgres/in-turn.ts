/** Migrating beside others: one process at a time, which gives way to whoever is at work. */
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Progress } from './progress.ts'
import type { Db } from './sql.ts'

/** Kysely's own number, so that a version before this one waits as well. */
const LOCK = 3_853_314_791_062_309_107n

/** Nobody else migrates until the transaction ends. */
export async function lockMigrations(tx: Db): Promise<void> {
  // A role's limits are for pages; a migration takes as long as it takes.
  await sql`set local statement_timeout = 0`.execute(tx)
  await sql`select pg_advisory_xact_lock(${sql.lit(String(LOCK))}::bigint)`.execute(tx)
}

export const inTransaction = <T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> =>
  db.transaction().setIsolationLevel('read committed').execute(work)

/**
 * Behind a lock that is waited for others wait: for each table so long at most, and no migration
 * that is done beside others waits for more than five, which it locks first.
 */
const PATIENCE_MS = 350
/** Whoever waited behind us has their turn. */
const AGAIN_MS = 1_000
/** lock_not_available, deadlock_detected. */
const IN_THE_WAY = ['55P03', '40P01']

/**
 * Does something in a transaction as the only one who migrates. Whatever is in the way of it, such
 * as a dump that has read a table, it lets pass, and does it again: nothing is locked meanwhile.
 */
export async function givingWay<T>(
  db: Db,
  work: (tx: Db) => Promise<T>,
  progress: Progress = () => {},
): Promise<T> {
  for (let times = 1; ; times++) {
    try {
      return await inTransaction(db, async (tx) => {
        await lockMigrations(tx)
        await sql`select set_config('lock_timeout', ${String(PATIENCE_MS)}, true)`.execute(tx)
        return work(tx)
      })
    } catch (error) {
      if (!IN_THE_WAY.includes(String((error as { code?: unknown } | null)?.code))) throw error
      progress({ what: 'times that somebody was in the way', done: times })
      await pause(AGAIN_MS)
    }
  }
}
