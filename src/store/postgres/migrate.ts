import { readdir, readFile } from 'node:fs/promises'
import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { messageOf, Problem } from '../../domain/problem.ts'
import { buildIndexes } from './building.ts'
import { tableExists } from './catalog.ts'
import { ANNOUNCED_MIGRATIONS, drainSenders, isDrainNeeded } from './drain-senders.ts'
import { fillDue } from './due-filling.ts'
import { buildKeptKeys } from './kept-keys.ts'
import { joinLedger } from './ledger-joining.ts'
import { inTransaction, lockMigrations, withMigrationLock } from './migration-lock.ts'
import type { Progress } from './progress.ts'
import { type Db, prepared } from './sql.ts'

const FOLDER = new URL('../migrations/', import.meta.url)

/**
 * Brings the schema up to date; forward only. Several processes may call it simultaneously: the
 * first takes a lock, which ends with its transaction, also behind a pooler. Refuses a database
 * that a newer version has migrated. One that is in use is migrated step by step, so that nobody
 * else waits for long; each step may be interrupted, and is restarted by the next call. `progress`
 * is called for each.
 *
 * @returns the names of the migrations that ran.
 */
export async function migrate(db: Db, progress: Progress = () => {}): Promise<string[]> {
  const isInUse = await isMigrated(db)
  if (isInUse) {
    await ensureNotNewer(db)
    // The case of nearly every start: the migrator would first ask for each column of each table.
    if (await isUpToDate(db)) return []
  }
  try {
    return isInUse
      ? await migrateOnline(db, progress)
      : await inTransaction(db, (tx) => migrateInTransaction(tx))
  } catch (cause) {
    if (cause instanceof Problem) throw cause
    throw new Problem('unavailable', 'operator.database.not-migrated', {
      params: { cause: messageOf(cause) },
      cause,
    })
  }
}

type Work = (db: Db, progress: Progress) => Promise<void>

/** What would block others for long if a migration did it, by the migration it precedes. */
const ONLINE_STEPS: Readonly<Record<string, Work>> = {
  '0057-due': joinLedger,
  '0058-due-filled': fillDue,
  '0059-kept-key': buildKeptKeys,
}

/** Runs one migration at a time, each in its own transaction, after the work done step by step. */
async function migrateOnline(db: Db, progress: Progress): Promise<string[]> {
  const ran: string[] = []
  const all = await namesOfMigrations()
  const earlier = await appliedAmong(db, all)
  if (isDrainNeeded(earlier)) await drainSenders(db, progress)
  for (const [before, name] of all.entries()) {
    if (earlier.includes(name)) continue
    await ONLINE_STEPS[name]?.(db, progress)
    await buildIndexesOf(name, db, progress)
    ran.push(...(await withMigrationLock(db, (tx) => migrateOne(tx, name), progress)))
    progress({ what: 'migrations', done: before + 1, of: all.length })
  }
  return ran
}

const MADE = /^create index if not exists (\w+)\s+(on [^;]+);$/gm

/** Builds first what a migration creates `if not exists`, since building reads a whole table. */
async function buildIndexesOf(name: string, db: Db, progress: Progress): Promise<void> {
  const text = await textOf(name)
  const indexes = [...text.matchAll(MADE)].map(([, name = '', on = '']) => ({ name, on }))
  if (indexes.length === 0) return
  await buildIndexes(db, { what: `indexes of ${name}`, indexes: async () => indexes }, progress)
}

async function migrateOne(tx: Db, name: string): Promise<string[]> {
  // Another process may be ahead, and the migrator would migrate back.
  if ((await appliedAmong(tx, [name])).length > 0) return []
  await sql`delete from kysely_migration where name = any (${ANNOUNCED_MIGRATIONS}::text[])`.execute(
    tx,
  )
  await sql`select set_config('dawnpost.beside_others', 'on', true)`.execute(tx)
  return migrateInTransaction(tx, name)
}

/** Returns which of these migrations have run; one that is running is not seen until done. */
async function appliedAmong(db: Db, names: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from kysely_migration where name = any (${[...names]}::text[])`.execute(db)
  return rows.map(({ name }) => name)
}

async function isUpToDate(db: Db): Promise<boolean> {
  const known = await namesOfMigrations()
  return (await appliedAmong(db, known)).length === known.length
}

/** Refuses a migrated database that a newer version has changed. */
export async function ensureNotNewer(db: Db): Promise<void> {
  const newer = await newerThan(await namesOfMigrations(), db)
  if (newer)
    throw new Problem('unavailable', 'operator.database.newer', { params: { migration: newer } })
}

/**
 * Like `migrate`, in a transaction of the caller's, while nobody else is at work; up to the
 * migration `last`, if given.
 */
export async function migrateInTransaction(tx: Db, last?: string): Promise<string[]> {
  await lockMigrations(tx)
  const { rows } = await sql<{ schema: string }>`select current_schema() as schema`.execute(tx)
  const migrator = new Migrator({
    db: tx,
    provider: { getMigrations },
    // It would mistake another schema's table for ours.
    migrationTableSchema: rows[0]?.schema ?? 'public',
  })
  const { error, results } = await (last ? migrator.migrateTo(last) : migrator.migrateToLatest())
  if (error) throw error
  return (results ?? []).map((result) => result.migrationName)
}

/** Returns whether it was ever brought up to date. */
export const isMigrated = (db: Db): Promise<boolean> => tableExists(db, 'kysely_migration')

/**
 * Returns the migrations of this version; to be called at the start, before an upgrade replaces the
 * files in the folder.
 */
export const namesOfMigrations = async (): Promise<string[]> =>
  (await readdir(FOLDER))
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => name.replace('.sql', ''))

/**
 * Returns a migration that has run on this migrated database and is none of `known`, so a newer
 * version's; null if there is none.
 */
export async function newerThan(known: readonly string[], db: Db): Promise<string | null> {
  const { rows } = await sql<{ name: string }>`
    ${prepared('newer-migration')} select name from kysely_migration
    where name <> all (${[...known, ...ANNOUNCED_MIGRATIONS]}::text[])
    order by name collate "C" desc limit 1`.execute(db)
  return rows[0]?.name ?? null
}

/**
 * Returns the names that our tables have or have had, in a schema that may hold others; some have
 * become partitions, or views.
 */
export const ownTables = async (): Promise<string[]> =>
  (await texts()).flatMap(([, text]) =>
    [...text.matchAll(/^(?:create table (\w+) \(|alter table \w+ rename to (\w+))/gm)].map(
      ([, made, renamed]) => made ?? renamed ?? '',
    ),
  )

const getMigrations = async (): Promise<Record<string, Migration>> =>
  Object.fromEntries(
    (await texts()).map(([name, text]) => [
      name,
      { up: async (db: Kysely<never>) => void (await sql.raw(text).execute(db)) },
    ]),
  )

const texts = async () =>
  Promise.all(
    (await namesOfMigrations()).map(async (name): Promise<[name: string, text: string]> => {
      return [name, await textOf(name)]
    }),
  )

const textOf = (name: string) => readFile(new URL(`${name}.sql`, FOLDER), 'utf8')
