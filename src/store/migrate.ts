import { readdir, readFile } from 'node:fs/promises'
import { sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { messageOf, Problem } from '../domain/problem.ts'
import type { Db } from './sql.ts'

const FOLDER = new URL('./migrations/', import.meta.url)

/**
 * Brings the schema up to date; forward only. Several processes may call it at once: Kysely's migrator
 * takes a lock. Refuses a database that a newer version has migrated.
 *
 * @returns the names of the migrations that ran.
 */
export async function migrate(db: Db): Promise<string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations } })
  const { error, results } = await migrator.migrateToLatest()
  if (error) {
    throw new Problem('unavailable', `The database cannot be migrated: ${messageOf(error)}.`, {
      cause: error,
    })
  }
  return (results ?? []).map((result) => result.migrationName)
}

/** Whether it was ever brought up to date. */
export async function isMigrated(db: Db): Promise<boolean> {
  const { rows } = await sql<{
    name: string | null
  }>`select to_regclass('kysely_migration')::text as name`.execute(db)
  return rows[0]?.name != null
}

async function getMigrations(): Promise<Record<string, Migration>> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.sql')).sort()
  const migrations = names.map(async (name): Promise<[string, Migration]> => {
    const text = await readFile(new URL(name, FOLDER), 'utf8')
    return [name.replace('.sql', ''), { up: async (db) => void (await sql.raw(text).execute(db)) }]
  })
  return Object.fromEntries(await Promise.all(migrations))
}
