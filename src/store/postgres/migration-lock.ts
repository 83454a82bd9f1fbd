/** Migrating while others are at work: one process at a time, which gives way to them. */
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Progress } from './progress.ts'
import type { Db } from './sql.ts'

/** Kysely's own number, so that versions before this one wait as well. */
const LOCK = 3_853_314_791_062_309_107n

/** Keeps others from migrating until the transaction ends. */
export async function lockMigrations(tx: Db): Promise<void> {
  // A role's timeouts are meant for pages; a migration takes as long as it takes.
  await sql`set local statement_timeout = 0`.execute(tx)
  await sql`select pg_advisory_xact_lock(${sql.lit(String(LOCK))}::bigint)`.execute(tx)
}

export const inTransaction = <T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> =>
  db.transaction().setIsolationLevel('read committed').execute(work)

/**
 * Milliseconds to wait for each table's lock, behind which others queue. No migration done while
 * others are at work waits for more than five tables, which it locks first.
 */
const LOCK_TIMEOUT_MS = 350
/** Lets those who waited behind this have their turn. */
const RETRY_DELAY_MS = 1_000
/** lock_not_available, deadlock_detected. */
const CONTENTION_ERRORS = ['55P03', '40P01']

/**
 * Runs `work` in a transaction as the only one that migrates. If something is in its way, such as a
 * dump that has read a table, lets it pass and tries again: nothing is locked in between.
 */
export async function withMigrationLock<T>(
  db: Db,
  work: (tx: Db) => Promise<T>,
  progress: Progress = () => {},
): Promise<T> {
  for (let times = 1; ; times++) {
    try {
      return await inTransaction(db, async (tx) => {
        await lockMigrations(tx)
        await sql`select set_config('lock_timeout', ${String(LOCK_TIMEOUT_MS)}, true)`.execute(tx)
        return work(tx)
      })
    } catch (error) {
      if (!CONTENTION_ERRORS.includes(String((error as { code?: unknown } | null)?.code)))
        throw error
      progress({ what: 'attempts that another transaction blocked', done: times })
      await pause(RETRY_DELAY_MS)
    }
  }
}
