/** Indexes of large tables, built beside others at work. */
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Progress } from './progress.ts'
import type { Db } from './sql.ts'

export interface Index {
  readonly name: string
  /** The statement without its first words: what follows its name. */
  readonly on: string
  readonly isUnique?: boolean
}

interface Building {
  /** In words, for those who wait. */
  readonly what: string
  readonly indexes: (connection: Db) => Promise<readonly Index[]>
}

/** The key of the advisory lock of whoever builds. */
const BUILDING = 0x0da7_90_60
const AGAIN_MS = 200

/**
 * Builds those that are not there. May be stopped at any moment and begun anew, and by several at
 * once. Whoever writes to the tables meanwhile goes on: none is locked.
 */
export async function build(db: Db, building: Building, progress: Progress): Promise<void> {
  while (!(await buildAlone(db, building, progress))) await pause(AGAIN_MS)
}

/**
 * Says whether nobody else was at it. The build waits until every older snapshot is gone: so nobody
 * waits for the lock, and whoever has it keeps no snapshot.
 */
const buildAlone = (db: Db, building: Building, progress: Progress): Promise<boolean> =>
  db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ mine: boolean }>`
      select pg_try_advisory_xact_lock(${BUILDING}, hashtext(current_schema())) as mine`.execute(tx)
    if (!rows[0]?.mine) return false
    // The last statement's snapshot lasts until the next one. This one has none.
    await sql`set local idle_in_transaction_session_timeout = 0`.execute(tx)
    await db.connection().execute((connection) => buildOn(connection, building, progress))
    return true
  })

async function buildOn(connection: Db, { what, indexes }: Building, progress: Progress) {
  // A role's limits are for pages. What is built concurrently cannot be in a transaction of its own
  // limits.
  await sql`set statement_timeout = 0`.execute(connection)
  try {
    const missing = await missingOf(connection, await indexes(connection))
    for (const [done, { name, on, isUnique, isBroken }] of missing.entries()) {
      const index = sql.id(name)
      if (isBroken) await sql`drop index concurrently ${index}`.execute(connection)
      const kind = sql.raw(isUnique ? 'unique index' : 'index')
      await sql`create ${kind} concurrently ${index} ${sql.raw(on)}`.execute(connection)
      progress({ what, done: done + 1, of: missing.length })
    }
  } finally {
    await sql`reset statement_timeout`.execute(connection)
  }
}

/** Those that are not there; one that was begun and broken off is there, and is not used. */
async function missingOf(db: Db, indexes: readonly Index[]) {
  const { rows } = await sql<{ name: string; valid: boolean }>`
    select name, x.indisvalid as valid from unnest(${indexes.map(({ name }) => name)}::text[]) name
    join pg_index x on x.indexrelid
      = to_regclass(quote_ident(current_schema()) || '.' || quote_ident(name))`.execute(db)
  const valid = new Map(rows.map((row) => [row.name, row.valid]))
  return indexes
    .filter(({ name }) => valid.get(name) !== true)
    .map((index) => ({ ...index, isBroken: valid.has(index.name) }))
}
