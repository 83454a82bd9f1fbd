/**
 * Before the ledger is divided (migration 0056), processes of the version being replaced finish
 * what they have begun: the outcome of a mail that they are just sending could no longer be
 * recorded, and it would be sent again as after a crash.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { SECOND } from '../../domain/time.ts'
import { lockMigrations, withMigrationLock } from './migration-lock.ts'
import type { Progress } from './progress.ts'
import type { Db } from './sql.ts'

/**
 * Recorded among the migrations until the first one has run. Every process checks for a migration
 * it does not know, and stops planning and sending if there is one.
 */
export const ANNOUNCED_MIGRATION = '0056-ledger-is-coming'

/** A process checks every two seconds, or before it claims. */
const NOTICE_DELAY_MS = 3 * SECOND
/** A server may keep silent about a mail for longer: that one is left as after a crash. */
const DRAIN_TIMEOUT_MS = 15 * SECOND
const POLL_INTERVAL_MS = 100

/**
 * Announces the change, and waits for what they are sending; does not wait if nobody is at work. To
 * be called before 0056 has run. May be interrupted at any moment and restarted.
 */
export async function drainSenders(db: Db, progress: Progress = () => {}): Promise<void> {
  // As long as somebody, such as a dump, is in the way, mail goes on.
  await withMigrationLock(
    db,
    async (tx) => {
      await sql`lock table deliveries, enrollments in access exclusive mode`.execute(tx)
    },
    progress,
  )
  await db.transaction().execute(async (tx) => {
    await lockMigrations(tx)
    await sql`insert into kysely_migration (name, timestamp)
      select ${ANNOUNCED_MIGRATION}, now()::text
      where not exists (select from kysely_migration where name in (${ANNOUNCED_MIGRATION}, '0056-ledger'))`.execute(
      tx,
    )
  })
  const since = performance.now()
  for (;;) {
    const { sending, alive } = await countActive(db)
    const waited = performance.now() - since
    if ((sending === 0 && (alive === 0 || waited > NOTICE_DELAY_MS)) || waited > DRAIN_TIMEOUT_MS)
      return
    progress({ what: 'mails that are still being sent by the older version', done: sending })
    await pause(POLL_INTERVAL_MS)
  }
}

/** Counts the mails being sent, and the processes that have given a sign of life lately. */
async function countActive(db: Db): Promise<{ sending: number; alive: number }> {
  const { rows } = await sql<{ sending: number; counts: boolean }>`
    select count(*)::int as sending,
      to_regclass(quote_ident(current_schema()) || '.processes') is not null as counts
    from deliveries where status = 'sending' and lease_until > now()`.execute(db)
  const sending = rows[0]?.sending ?? 0
  if (!rows[0]?.counts) return { sending, alive: sending }
  const { rows: counted } = await sql<{ alive: number }>`
    select count(*)::int as alive from processes
    where seen_at > now() - interval '30 seconds'`.execute(db)
  return { sending, alive: counted[0]?.alive ?? 0 }
}
