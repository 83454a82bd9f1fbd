import { Kysely, type LogEvent, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { messageOf, Problem } from '../domain/problem.ts'
import type { Tables } from './tables.ts'

/** The database, or a transaction on it. Every store function takes one first. */
export type Db = Kysely<Tables>

const DATE = 1082
const TIMESTAMPTZ = 1184

/** Instants come out as Temporal.Instant and dates as Temporal.PlainDate, never as a Date of the host's zone. */
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
  close(): Promise<void>
}

/**
 * Begins a statement that is run again and again, with the same text each time: every connection parses and plans it
 * once. The claim of ten mails takes the database longer to plan than to run.
 */
export const prepared = (name: string) => sql.raw(`/* prepared ${name} */`)
const PREPARED = /^\s*\/\* prepared (\S+) \*\//

/** Gives marked statements their name on the way to the server, since Kysely has no place for one. */
function prepare(client: pg.PoolClient) {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown
  const named = (first: unknown, values: unknown, ...rest: unknown[]) => {
    const name = typeof first === 'string' ? PREPARED.exec(first)?.[1] : undefined
    return name ? query({ name, text: first, values }, ...rest) : query(first, values, ...rest)
  }
  client.query = named as typeof client.query
}

/**
 * Opens a pool and asks it one question, so that a database that cannot be reached is known at once. `onStatement` is told
 * of each statement and how long it took.
 */
export async function openDatabase(
  url: string,
  onError: (error: Error) => void,
  onStatement?: (text: string, seconds: number) => void,
): Promise<Database> {
  const pool = new pg.Pool({ connectionString: url, max: 10, connectionTimeoutMillis: 5_000, types })
  // A connection can break while it is checked out as well, between two statements of a transaction.
  // A server may still end a connection that has said goodbye, when its database is dropped right after: no news.
  const report = (error: Error) => {
    if (!pool.ending) onError(error)
  }
  pool.on('error', report).on('connect', (client) => prepare(client.on('error', report)))
  try {
    await pool.query('select 1')
  } catch (cause) {
    await pool.end()
    throw new Problem(
      'unavailable',
      `The database at ${shown(url)} cannot be reached: ${messageOf(cause)}.`,
      { cause },
    )
  }
  const log = (event: LogEvent) => onStatement?.(event.query.sql, event.queryDurationMillis / 1_000)
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }), ...(onStatement && { log }) })
  return {
    ...{ db, pool },
    close: async () => {
      await db.destroy()
      // Kysely leaves alone a pool that it has never used.
      if (!pool.ended) await pool.end()
    },
  }
}

/** Whether the database refused a value, by SQLSTATE class: 22 data, 23 constraint. */
export const isBadValue = (error: unknown) =>
  /^2[23]/.test(String((error as { code?: unknown } | null)?.code))

/** Whether another transaction was in the way: a deadlock that was broken, or a key that it has taken. */
export const isCollision = (error: unknown) =>
  ['40P01', '23505'].includes(String((error as { code?: unknown } | null)?.code))

/** A database address without its credentials. */
export function shown(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  return `${hostname}${port && `:${port}`}${pathname}`
}

/** An instant as an operand of a comparison. */
export const instant = (at: Temporal.Instant) => sql<Temporal.Instant>`${String(at)}::timestamptz`

let lastMs = 0
let sequence = 0
/** Random bytes are asked for by the block: the call costs more than the bytes. */
const random = new Uint8Array(4_096)
let used = random.length

/** An id that sorts by time of making, and within a process by order of making (UUID version 7, RFC 9562). */
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
