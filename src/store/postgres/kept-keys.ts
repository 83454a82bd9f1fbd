/** The keys of the months of the ledger (migration 0059), built beside others at work. */
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Progress } from './progress.ts'
import type { Db } from './sql.ts'

/** The key of the advisory lock of whoever builds them. */
const BUILDING = 0x0da7_90_60
const AGAIN_MS = 200

/**
 * Builds those that are not there. May be stopped at any moment and begun anew, and by several at
 * once. Whoever writes to a month meanwhile goes on: none is locked.
 */
export async function buildKeptKeys(db: Db, progress: Progress = () => {}): Promise<void> {
  while (!(await buildAlone(db, progress))) await pause(AGAIN_MS)
}

/**
 * Says whether nobody else was at it. The build waits until every older snapshot is gone: so nobody
 * waits for the lock, and whoever has it keeps no snapshot.
 */
const buildAlone = (db: Db, progress: Progress): Promise<boolean> =>
  db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ mine: boolean }>`
      select pg_try_advisory_xact_lock(${BUILDING}, hashtext(current_schema())) as mine`.execute(tx)
    if (!rows[0]?.mine) return false
    // The last statement's snapshot lasts until the next one. This one has none.
    await sql`set local idle_in_transaction_session_timeout = 0`.execute(tx)
    await db.connection().execute((connection) => build(connection, progress))
    return true
  })

async function build(connection: Db, progress: Progress): Promise<void> {
  // A role's limits are for pages. What is built concurrently cannot be in a transaction of its own
  // limits.
  await sql`set statement_timeout = 0`.execute(connection)
  try {
    const parts = await withoutKey(connection)
    for (const [done, { part, isBroken }] of parts.entries()) {
      const index = sql.id(`${part}_key`)
      if (isBroken) await sql`drop index ${index}`.execute(connection)
      await sql`create unique index concurrently ${index} on ${sql.table(part)}
        (enrollment_id, kind, item) include (local_date, status)`.execute(connection)
      progress({ what: 'keys of the months of the ledger', done: done + 1, of: parts.length })
    }
  } finally {
    await sql`reset statement_timeout`.execute(connection)
  }
}

interface Part {
  readonly part: string
  /** One that was begun and broken off is there, and is not used. */
  readonly isBroken: boolean
}

async function withoutKey(db: Db): Promise<readonly Part[]> {
  const { rows } = await sql<Part>`
    select c.relname as part, x.indexrelid is not null as "isBroken"
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    left join pg_index x on x.indexrelid = to_regclass(quote_ident(c.relname || '_key'))
    where i.inhparent = 'deliveries_kept'::regclass and x.indisvalid is not true
    order by c.relname`.execute(db)
  return rows
}
