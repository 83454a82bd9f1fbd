import { Kysely, type LogEvent, PostgresAdapter, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { MINUTE } from '../../domain/time.ts'
import { connectionFor, settingsBehindPooler } from '../../platform/database-url.ts'
import { inspectServer, type Server } from './server.ts'
import type { Tables } from './tables.ts'

/** The database, or a transaction on it. Every store function takes one first. */
export type Db = Kysely<Tables>

const DATE = 1082
const TIMESTAMPTZ = 1184

/**
 * Reads instants as Temporal.Instant and dates as Temporal.PlainDate, never as a Date in the host's
 * zone.
 */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') => {
    if (oid === TIMESTAMPTZ) return (text: string) => Temporal.Instant.from(text)
    if (oid === DATE) return (text: string) => Temporal.PlainDate.from(text)
    return pg.types.getTypeParser(oid, format as 'text')
  },
}

export interface Database {
  readonly db: Db
  readonly pool: pg.Pool
  readonly server: Server
  close(): Promise<void>
}

/**
 * Marks a statement that is run again and again with the same text; goes at its beginning or after
 * its first word. Every connection parses and plans it once: the claim of ten mails takes the
 * database longer to plan than to run.
 */
export const prepared = (name: string) => sql.raw(`/* prepared ${name} */`)
const PREPARED = /^\s*(?:select\s+)?\/\* prepared (\S+) \*\//

/**
 * Names marked statements on their way to the server, since Kysely has no place for a name. Behind
 * a pooler no statement has a name, not even those that others name: the connection that knows it
 * may serve somebody else next.
 */
function nameStatements(client: pg.PoolClient, { pooled }: Server) {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown
  const named = (first: unknown, given: unknown, ...more: unknown[]) => {
    const values = Array.isArray(given) ? given.map(serialized) : given
    if (pooled && isNamed(first)) return query({ ...first, name: undefined }, values, ...more)
    const name = !pooled && typeof first === 'string' ? PREPARED.exec(first)?.[1] : undefined
    const send = () =>
      name ? query({ name, text: first, values }, ...more) : query(first, values, ...more)
    const isAlone = client.getTransactionStatus() === 'I' && typeof first === 'string'
    return isAlone && more.length === 0 ? retryIfMoved(send) : send()
  }
  client.query = named as typeof client.query
}

/** SQLSTATE: serialization failure. */
const SERIALIZATION_FAILURE = '40001'
const MAX_ATTEMPTS = 5

/**
 * Retries what has failed as a whole because a row that it found had just been moved to another
 * part of the ledger: it finds it there, or no longer. For a statement, or a transaction, that
 * stands alone.
 */
export async function retryIfMoved<T>(run: () => T | Promise<T>): Promise<T> {
  for (let left = MAX_ATTEMPTS; ; left--) {
    try {
      return await run()
    } catch (error) {
      if (left === 1 || (error as { code?: unknown } | null)?.code !== SERIALIZATION_FAILURE)
        throw error
    }
  }
}

/** Batches of mails pass whole columns, which pg takes several times as long to serialize. */
const serialized = (value: unknown) => (Array.isArray(value) ? arrayLiteral(value) : value)

const SPECIAL = /["\\]/
const EACH_SPECIAL = /["\\]/g

/**
 * Returns an array as PostgreSQL reads it (its manual, 8.15.6); unchanged if it holds anything but
 * texts, numbers, booleans and nulls.
 */
export function arrayLiteral(values: readonly unknown[]): string | readonly unknown[] {
  const parts: string[] = []
  for (const value of values) {
    if (typeof value === 'string')
      parts.push(`"${SPECIAL.test(value) ? value.replace(EACH_SPECIAL, '\\$&') : value}"`)
    else if (value === null || value === undefined) parts.push('NULL')
    else if (typeof value === 'number' || typeof value === 'boolean') parts.push(String(value))
    else return values
  }
  return `{${parts.join()}}`
}

const isNamed = (first: unknown): first is { name: string } =>
  typeof first === 'object' && first !== null && 'name' in first && !('submit' in first)

/**
 * Kysely's own migration lock stays on a connection; `migrate` takes one that ends with its
 * transaction.
 */
class Dialect extends PostgresDialect {
  override createAdapter() {
    return new Adapter()
  }
}
class Adapter extends PostgresAdapter {
  override async acquireMigrationLock() {}
  override async releaseMigrationLock() {}
}

/**
 * Opens a pool on a database after checking it, so that one that cannot be reached or used is known
 * immediately: throws a Problem. Every connection has the settings that the statements rely on,
 * whatever those of the role are. `onStatement` is called with each statement and its seconds.
 */
export async function openDatabase(
  url: string,
  onError: (error: Error) => void,
  options: PoolOptions = {},
): Promise<Database> {
  const database = openPool(url, await inspectServer(url), { ...options, onError })
  try {
    // A connected program keeps others from stopping the embedded server.
    await database.pool.query('select 1')
  } catch (error) {
    await database.close()
    throw error
  }
  return database
}

export interface PoolOptions {
  /** Connections at a time, at most. */
  readonly connections?: number
  readonly onStatement?: ((text: string, seconds: number) => void) | undefined
  /** Milliseconds to wait for an answer; unlimited if undefined. */
  readonly queryTimeoutMs?: number | undefined
}

interface PoolEvents extends PoolOptions {
  readonly onError?: (error: Error) => void
}

/**
 * How long an idle connection is kept. It has planned its statements and knows its tables, and
 * learning that again costs more than the queries: what is done each minute must find one.
 */
const IDLE_TIMEOUT_MS = 3 * MINUTE

/** Opens a pool on a database that has been checked; it connects on first use. */
export function openPool(
  url: string,
  server: Server,
  { connections = 10, onStatement, queryTimeoutMs, onError = () => {} }: PoolEvents = {},
): Database {
  const behindPooler = (client: pg.ClientBase) =>
    client.query(settingsBehindPooler()).then(() => {})
  const pool = new pg.Pool({
    max: connections,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    keepAlive: true,
    types,
    ...(queryTimeoutMs !== undefined && { query_timeout: queryTimeoutMs }),
    ...(server.pooled ? { connectionString: url, onConnect: behindPooler } : connectionFor(url)),
  })
  // A connection can also break while it is checked out, between two statements of a transaction. A
  // server may still end a connection that is closing, when its database is dropped right after:
  // that is not reported.
  const report = (error: Error) => {
    if (!pool.ending) onError(error)
  }
  pool
    .on('error', report)
    .on('connect', (client) => nameStatements(client.on('error', report), server))
  return databaseFromPool(pool, server, onStatement)
}

/**
 * Builds a database on a pool, which it closes. `onStatement` is called with each statement and its
 * seconds.
 */
export function databaseFromPool(
  pool: pg.Pool,
  server: Server,
  onStatement?: PoolOptions['onStatement'],
): Database {
  const log = (event: LogEvent) => onStatement?.(event.query.sql, event.queryDurationMillis / 1_000)
  const db = new Kysely<Tables>({ dialect: new Dialect({ pool }), ...(onStatement && { log }) })
  return {
    db,
    pool,
    server,
    close: async () => {
      await db.destroy()
      // Kysely does not close a pool that it has never used.
      if (!pool.ended) await pool.end()
    },
  }
}

/**
 * An address as it is compared, as far as it is ASCII: only the C collation folds that as Dawnpost
 * does. In Turkish, for one, the small letter of I is not i. Other letters stay (see
 * domain/address.ts).
 */
export const folded = (column: string) => sql<string>`lower(${sql.ref(column)} collate "C")`

/** A name, in the same order in every database and in JavaScript. */
export const byName = (column: string) => sql`${sql.ref(column)} collate "C"`

/** An instant as an operand of a comparison. */
export const instant = (at: Temporal.Instant) => sql<Temporal.Instant>`${String(at)}::timestamptz`

/**
 * Words as literals, for a list: a prepared statement then reads only the parts of the ledger that
 * can have them.
 */
export const literals = (words: readonly string[]) => sql.join(words.map((word) => sql.lit(word)))

let lastMs = 0
let sequence = 0
/** Random bytes are drawn by the block: the call costs more than the bytes. */
const random = new Uint8Array(4_096)
let used = random.length

/**
 * Returns an id that sorts by time of creation, and within a process by order of creation (UUID
 * version 7, RFC 9562).
 */
export function newId(now: Temporal.Instant): string {
  sequence = now.epochMilliseconds === lastMs ? (sequence + 1) & 0xfff : 0
  lastMs = now.epochMilliseconds
  if (used === random.length) {
    crypto.getRandomValues(random)
    used = 0
  }
  const bytes = random.subarray(used, used + 16)
  used += 16
  new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(
    0,
    (BigInt(lastMs) << 16n) | 0x7000n | BigInt(sequence),
  )
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Buffer.from(bytes).toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Returns the smallest id that can be made at `moment` or later. */
export function firstId({ epochMilliseconds }: Temporal.Instant): string {
  const hex = epochMilliseconds.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`
}
