/** One migration of an old database while others are at work, and what it took. */
import { statfs } from 'node:fs/promises'
import { sql } from 'kysely'
import {
  migrate,
  migrateInTransaction,
  namesOfMigrations,
} from '../../src/store/postgres/migrate.ts'
import { createScratch } from '../../src/store/postgres/scratch.ts'
import { type Db, openDatabase } from '../../src/store/postgres/sql.ts'
import { fillOld } from './fill.ts'
import { probe, type Waits } from './probers.ts'

/** The last schema before the ledger was partitioned. */
export const WHOLE = '0055-mails-of-a-series'

export interface Migrated {
  readonly rows: number
  readonly ledgerBytes: number
  readonly seconds: number
  /** How long each kind of step took, in order of their beginning. */
  readonly steps: ReadonlyMap<string, number>
  readonly waits: readonly Waits[]
  /** From the stop of the older version's worker to the end of the migration. */
  readonly stoodStillSeconds: number
  /** Rows filled or inserted that are no longer there; must be 0. */
  readonly missing: number
  readonly twice: number
}

/** Disk space of a delivery during all this, including the log. */
const BYTES_A_ROW = 1_000

export async function expectRoom(folder: string, rows: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize < rows * BYTES_A_ROW)
    throw new Error(`${rows} deliveries need ${(rows * BYTES_A_ROW) / 1e9} GB in ${folder}`)
}

/** Fills a database with the schema up to 0055, and migrates it. */
export async function migrateFilled(
  serverUrl: string,
  rows: number,
  say: (text: string) => void,
): Promise<Migrated> {
  await using stack = new AsyncDisposableStack()
  const scratch = stack.adopt(await createScratch(serverUrl), (scratch) => scratch.drop())
  const { db } = stack.adopt(await openDatabase(scratch.url, () => {}), (database) =>
    database.close(),
  )
  await db.transaction().execute((tx) => migrateInTransaction(tx, WHOLE))
  const since = performance.now()
  await fillOld(scratch.url, rows)
  const before = await count(db)
  say(`filled with ${before.rows} deliveries: ${secondsSince(since)} s`)
  const known = (await namesOfMigrations()).filter((name) => name <= WHOLE)
  const probers = await probe(scratch.url, known)
  const { steps, begun, ended } = await timed(db, say)
  const { waits, inserted } = await probers.end()
  const after = await count(db)
  return {
    rows: before.rows,
    ledgerBytes: before.bytes,
    seconds: (ended - begun) / 1_000,
    steps,
    waits,
    stoodStillSeconds: (ended - (probers.stoppedAt() ?? Number.NaN)) / 1_000,
    missing: before.rows + inserted - after.rows,
    twice: after.rows - after.keys,
  }
}

async function timed(db: Db, say: (text: string) => void) {
  const begun = performance.now()
  const steps = new Map<string, number>()
  let last = begun
  await migrate(db, ({ what, done, of }) => {
    const now = performance.now()
    if (!steps.has(what) || done === of) say(`${secondsSince(begun)} s: ${what}: ${done}`)
    steps.set(what, (steps.get(what) ?? 0) + now - last)
    last = now
  })
  return { steps, begun, ended: performance.now() }
}

const secondsSince = (since: number) => ((performance.now() - since) / 1_000).toFixed(1)

async function count(db: Db): Promise<{ rows: number; keys: number; bytes: number }> {
  const { rows } = await sql<{ rows: number; keys: number; bytes: number }>`
    select count(*)::float8 as rows, count(distinct (enrollment_id, kind, item))::float8 as keys,
      pg_total_relation_size('deliveries')::float8 as bytes from deliveries`.execute(db)
  if (!rows[0]) throw new Error('the database gave no answer')
  return rows[0]
}
