/**
 * Before the ledger gets another form (migrations 0056 and 0064), processes of the version being
 * replaced finish what they have begun: the outcome of a mail that they are just sending could no
 * longer be recorded, and it would be sent again as after a crash.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { type RawBuilder, sql } from 'kysely'
import { SECOND } from '../../domain/time.ts'
import { tableExists } from './catalog.ts'
import { lockMigrations, withMigrationLock } from './migration-lock.ts'
import type { Progress } from './progress.ts'
import type { Db } from './sql.ts'

/**
 * Recorded among the migrations until the first one has run. Every process checks for a migration
 * it does not know, and stops planning and sending if there is one.
 */
const ANNOUNCED = '0064-ledger-items-are-coming'
/** With what earlier versions announced, which an interruption may have left. */
export const ANNOUNCED_MIGRATIONS = [ANNOUNCED, '0056-ledger-is-coming']
const ANNOUNCED_CHANGE = '0064-ledger-items'
/**
 * Whether processes of the older version must finish first, by the migrations that have run. While
 * the ledger is being divided, nobody can send.
 */
export const isDrainNeeded = (ran: readonly string[]) =>
  ran.includes('0056-ledger') ? ran.includes('0057-due') && !ran.includes(ANNOUNCED_CHANGE) : true

/** A process checks every two seconds, or before it claims. */
const NOTICE_DELAY_MS = 3 * SECOND
/** A server may keep silent about a mail for longer: that one is left as after a crash. */
const DRAIN_TIMEOUT_MS = 15 * SECOND
const POLL_INTERVAL_MS = 100

/**
 * Announces the change, and waits for what they are sending; does not wait if nobody is at work.
 * May be interrupted at any moment and restarted.
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
      select ${ANNOUNCED}, now()::text
      where not exists (select from kysely_migration
        where name in (${ANNOUNCED}, ${ANNOUNCED_CHANGE}))`.execute(tx)
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
  const sending = (await tableExists(db, 'workers'))
    ? await count(
        db,
        sql`deliveries d join workers w on w.name = d.worker
        where d.status = 'sending' and w.lease_until > now()`,
      )
    : await count(db, sql`deliveries where status = 'sending' and lease_until > now()`)
  if (!(await tableExists(db, 'processes'))) return { sending, alive: sending }
  const alive = await count(db, sql`processes where seen_at > now() - interval '30 seconds'`)
  return { sending, alive }
}

async function count(db: Db, rowsOf: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{
    count: number
  }>`select count(*)::int as count from ${rowsOf}`.execute(db)
  return rows[0]?.count ?? 0
}
