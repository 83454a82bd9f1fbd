import { readdir, readFile } from 'node:fs/promises'
import { sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { messageOf, Problem } from '../domain/problem.ts'
import type { Db } from './sql.ts'

const FOLDER = new URL('./migrations/', import.meta.url)

/** Kysely's own number, so that a version before this one waits as well. */
const LOCK = 3_853_314_791_062_309_107n

/**
 * Brings the schema up to date; forward only. Several processes may call it at once: the first takes a lock, which ends
 * with its transaction, also behind a pooler. Refuses a database that a newer version has migrated.
 *
 * @returns the names of the migrations that ran.
 */
export async function migrate(db: Db): Promise<string[]> {
  const newer = (await isMigrated(db)) ? await newerThan(await namesOfMigrations(), db) : null
  if (newer) {
    const what = `The database has been migrated by a newer version of Dawnpost (${newer}). Start that version, or a newer one.`
    throw new Problem('unavailable', what)
  }
  try {
    return await db
      .transaction()
      .setIsolationLevel('read committed')
      .execute((tx) => migrateWithin(tx))
  } catch (cause) {
    if (cause instanceof Problem) throw cause
    throw new Problem('unavailable', `The database cannot be migrated: ${messageOf(cause)}.`, { cause })
  }
}

/** The same in a transaction of the caller's; up to the migration `last`, if it is given. */
export async function migrateWithin(tx: Db, last?: string): Promise<string[]> {
  // A role's limits are for pages; a migration takes as long as it takes.
  await sql`set local statement_timeout = 0`.execute(tx)
  await sql`select pg_advisory_xact_lock(${sql.lit(String(LOCK))}::bigint)`.execute(tx)
  const { rows } = await sql<{ schema: string }>`select current_schema() as schema`.execute(tx)
  const migrator = new Migrator({
    db: tx,
    provider: { getMigrations },
    // It would take another schema's for ours.
    migrationTableSchema: rows[0]?.schema ?? 'public',
  })
  const { error, results } = await (last ? migrator.migrateTo(last) : migrator.migrateToLatest())
  if (error) throw error
  return (results ?? []).map((result) => result.migrationName)
}

/** Whether it was ever brought up to date. */
export async function isMigrated(db: Db): Promise<boolean> {
  const { rows } = await sql<{ name: string | null }>`
    select to_regclass(quote_ident(current_schema()) || '.kysely_migration')::text as name`.execute(db)
  return rows[0]?.name != null
}

/** The migrations that this version has; to be asked at the start, before an upgrade puts other files in the folder. */
export const namesOfMigrations = async (): Promise<string[]> =>
  (await readdir(FOLDER))
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => name.replace('.sql', ''))

/** A migration that has run on this migrated database and is none of `known`: a newer version's. Null for none. */
export async function newerThan(known: readonly string[], db: Db): Promise<string | null> {
  const { rows } = await sql<{ name: string }>`
    select name from kysely_migration where name <> all (${[...known]}::text[])
    order by name collate "C" desc limit 1`.execute(db)
  return rows[0]?.name ?? null
}

async function getMigrations(): Promise<Record<string, Migration>> {
  const migrations = (await namesOfMigrations()).map(async (name): Promise<[string, Migration]> => {
    const text = await readFile(new URL(`${name}.sql`, FOLDER), 'utf8')
    return [name, { up: async (db) => void (await sql.raw(text).execute(db)) }]
  })
  return Object.fromEntries(await Promise.all(migrations))
}
