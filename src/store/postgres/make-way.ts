/**
 * Before the ledger is divided (migration 0056) those of the version that is replaced end what they
 * have begun: a mail that they are just sending could not be noted any more, and would be sent
 * again as after a crash.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { SECOND } from '../../domain/time.ts'
import { givingWay, lockMigrations } from './in-turn.ts'
import type { Progress } from './progress.ts'
import type { Db } from './sql.ts'

/**
 * Stands among the migrations until the first one has run. Every process asks whether one is there
 * that it does not know, and stops planning and sending.
 */
export const ANNOUNCED = '0056-ledger-is-coming'

/** A process asks every two seconds, or before it claims. */
const HEARD_MS = 3 * SECOND
/** A server may keep silent over a mail for longer: such a one is left as after a crash. */
const MOST_MS = 15 * SECOND
const AGAIN_MS = 100

/**
 * Tells them, and waits for what they are sending; does not wait where nobody is at work. To be
 * called before 0056 has run. May be stopped at any moment and begun anew.
 */
export async function makeWay(db: Db, progress: Progress = () => {}): Promise<void> {
  // As long as somebody is in the way, as a dump is, mail goes on.
  await givingWay(
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
      where not exists (select from kysely_migration where name in (${ANNOUNCED}, '0056-ledger'))`.execute(
      tx,
    )
  })
  const since = performance.now()
  for (;;) {
    const { sending, alive } = await atWork(db)
    const waited = performance.now() - since
    if ((sending === 0 && (alive === 0 || waited > HEARD_MS)) || waited > MOST_MS) return
    progress({ what: 'mails that are still being sent by the older version', done: sending })
    await pause(AGAIN_MS)
  }
}

/** Mails that are being sent, and processes that have given a sign of life lately. */
async function atWork(db: Db): Promise<{ sending: number; alive: number }> {
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
