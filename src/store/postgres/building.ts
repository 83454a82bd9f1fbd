/** Indexes of large tables, built while others are at work. */
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Progress } from './progress.ts'
import type { Db } from './sql.ts'

export interface Index {
  readonly name: string
  /** The rest of the statement, after the index's name. */
  readonly on: string
  readonly isUnique?: boolean
}

interface IndexBuild {
  /** Description, for those who wait. */
  readonly what: string
  readonly indexes: (connection: Db) => Promise<readonly Index[]>
}

/** Key of the advisory lock for building. */
const BUILD_LOCK = 0x0da7_90_60
const RETRY_DELAY_MS = 200

/**
 * Builds those that are missing. May be interrupted at any moment and restarted, and run by several
 * processes simultaneously. Writers to the tables go on: none is locked.
 */
export async function buildIndexes(
  db: Db,
  building: IndexBuild,
  progress: Progress,
): Promise<void> {
  while (!(await tryBuild(db, building, progress))) await pause(RETRY_DELAY_MS)
}

/**
 * Returns whether no other process was at it. The build waits until every older snapshot is gone:
 * so nobody must wait for the lock, and its holder must keep no snapshot.
 */
const tryBuild = (db: Db, building: IndexBuild, progress: Progress): Promise<boolean> =>
  db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ mine: boolean }>`
      select pg_try_advisory_xact_lock(${BUILD_LOCK}, hashtext(current_schema())) as mine`.execute(
      tx,
    )
    if (!rows[0]?.mine) return false
    // A statement's snapshot lasts until the next statement. This one takes none.
    await sql`set local idle_in_transaction_session_timeout = 0`.execute(tx)
    await db.connection().execute((connection) => buildOn(connection, building, progress))
    return true
  })

async function buildOn(connection: Db, { what, indexes }: IndexBuild, progress: Progress) {
  // A role's timeouts are meant for pages. Not `set local`: a concurrent build cannot be in a
  // transaction.
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

/** Returns those that are missing; one whose build was interrupted exists, and is not used. */
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
