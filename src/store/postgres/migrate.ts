import { readdir, readFile } from 'node:fs/promises'
import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { messageOf, Problem } from '../../domain/problem.ts'
import { fillDue } from './due-filling.ts'
import { buildKeptKeys } from './kept-keys.ts'
import type { Progress } from './progress.ts'
import { type Db, prepared } from './sql.ts'

const FOLDER = new URL('../migrations/', import.meta.url)

/** Kysely's own number, so that a version before this one waits as well. */
const LOCK = 3_853_314_791_062_309_107n

/**
 * Brings the schema up to date; forward only. Several processes may call it at once: the first
 * takes a lock, which ends with its transaction, also behind a pooler. Refuses a database that a
 * newer version has migrated. `progress` is told of what may take long, step by step.
 *
 * @returns the names of the migrations that ran.
 */
export async function migrate(db: Db, progress: Progress = () => {}): Promise<string[]> {
  const isInUse = await isMigrated(db)
  if (isInUse) {
    await expectKnown(db)
    // Nearly every start: the migrator would ask for each column of each table first.
    if (await isUpToDate(db)) return []
  }
  try {
    return [
      ...(isInUse ? await migrateBesideOthers(db, progress) : []),
      ...(await inTransaction(db, (tx) => migrateWithin(tx))),
    ]
  } catch (cause) {
    if (cause instanceof Problem) throw cause
    throw new Problem('unavailable', 'operator.database.not-migrated', {
      params: { cause: messageOf(cause) },
      cause,
    })
  }
}

interface BesideOthers {
  /** It is done once this migration has run, and before the next one. */
  readonly after: string
  readonly before: string
  readonly work: (db: Db, progress: Progress) => Promise<void>
}

/** What would keep others from their work for long if a migration did it. */
const BESIDE_OTHERS: readonly BesideOthers[] = [
  { after: '0057-due', before: '0058-due-filled', work: fillDue },
  { after: '0058-due-filled', before: '0059-kept-key', work: buildKeptKeys },
]

/** Where others may be at work, it is done step by step before the migration that needs it done. */
async function migrateBesideOthers(db: Db, progress: Progress): Promise<string[]> {
  const ran: string[] = []
  for (const { after, before, work } of BESIDE_OTHERS) {
    const names = await inTransaction(db, async (tx) => {
      await lockMigrations(tx)
      return (await hasRun(tx, before)) ? null : migrateWithin(tx, after)
    })
    if (!names) continue
    ran.push(...names)
    await work(db, progress)
  }
  return ran
}

async function hasRun(db: Db, migration: string): Promise<boolean> {
  const { rows } = await sql`select from kysely_migration where name = ${migration}`.execute(db)
  return rows.length > 0
}

const inTransaction = <T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> =>
  db.transaction().setIsolationLevel('read committed').execute(work)

/** Whether each of our migrations has run; one that is running is not seen before it is done. */
async function isUpToDate(db: Db): Promise<boolean> {
  const known = await namesOfMigrations()
  const { rows } = await sql<{ ran: number }>`
    select count(*)::int as ran from kysely_migration where name = any (${known}::text[])`.execute(
    db,
  )
  return rows[0]?.ran === known.length
}

/** Refuses a migrated database that a newer version has changed. */
export async function expectKnown(db: Db): Promise<void> {
  const newer = await newerThan(await namesOfMigrations(), db)
  if (newer)
    throw new Problem('unavailable', 'operator.database.newer', { params: { migration: newer } })
}

/** Nobody else migrates until the transaction ends. */
export async function lockMigrations(tx: Db): Promise<void> {
  // A role's limits are for pages; a migration takes as long as it takes.
  await sql`set local statement_timeout = 0`.execute(tx)
  await sql`select pg_advisory_xact_lock(${sql.lit(String(LOCK))}::bigint)`.execute(tx)
}

/** The same in a transaction of the caller's; up to the migration `last`, if it is given. */
export async function migrateWithin(tx: Db, last?: string): Promise<string[]> {
  await lockMigrations(tx)
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
    select to_regclass(quote_ident(current_schema()) || '.kysely_migration')::text as name`.execute(
    db,
  )
  return rows[0]?.name != null
}

/**
 * The migrations that this version has; to be asked at the start, before an upgrade puts other
 * files in the folder.
 */
export const namesOfMigrations = async (): Promise<string[]> =>
  (await readdir(FOLDER))
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => name.replace('.sql', ''))

/**
 * A migration that has run on this migrated database and is none of `known`: a newer version's.
 * Null for none.
 */
export async function newerThan(known: readonly string[], db: Db): Promise<string | null> {
  const { rows } = await sql<{ name: string }>`
    ${prepared('newer-migration')} select name from kysely_migration
    where name <> all (${[...known]}::text[])
    order by name collate "C" desc limit 1`.execute(db)
  return rows[0]?.name ?? null
}

/** The tables that are ours, in a schema that may hold others; without the parts of tables. */
export const ownTables = async (): Promise<string[]> =>
  (await texts()).flatMap(([, text]) =>
    [...text.matchAll(/^create table (\w+) \(/gm)].map(([, name = '']) => name),
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
      return [name, await readFile(new URL(`${name}.sql`, FOLDER), 'utf8')]
    }),
  )
