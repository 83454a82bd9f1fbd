/**
 * Databases that are lent to one test after another, with warm connections: most of what an app
 * costs in a test is what PostgreSQL must load again for each database and each connection.
 */
import type pg from 'pg'
import {
  type Database,
  databaseFromPool,
  openDatabase,
  openPool,
} from '../../src/store/postgres/sql.ts'
import { prepareReset, reset } from './reset.ts'
import { scratchOf } from './scratch.ts'
import { until } from './wait.ts'

/** The suite's PostgreSQL, which needs no inspection. */
const DIRECT = {
  pooled: false,
  schema: 'public',
  path: 'public',
  wanted: 'public',
  role: 'dawnpost',
}

/** Without a vacuum, dead rows make it slower with each use. */
const MAX_USES = 30

export interface LentDatabase {
  readonly url: string
  /** Direct access to its tables. */
  readonly own: Database
  /** For an app, which gets three connections and closes them. */
  readonly open: typeof openDatabase
  /**
   * To be called once everything opened on it is closed. It is reset for the next test, or dropped.
   */
  giveBack(): Promise<void>
}

interface Kept {
  readonly url: string
  readonly pools: readonly [pg.Pool, pg.Pool]
  onError: (error: Error) => void
  uses: number
  drop(): Promise<void>
}

const idle = new Map<string, Kept[]>()

/** A database equal to this template, for the caller alone until it is given back. */
export async function lendDatabase(template: string): Promise<LentDatabase> {
  const kept = idle.get(template)?.pop() ?? (await make(template))
  kept.uses++
  const [own, ofApp] = kept.pools
  return {
    url: kept.url,
    own: databaseFromPool(lent(own), DIRECT),
    open: async (url, onError, options = {}) => {
      if (url !== kept.url) return openDatabase(url, onError, options)
      kept.onError = onError
      return databaseFromPool(lent(ofApp), DIRECT, options.onStatement)
    },
    giveBack: async () => {
      kept.onError = () => {}
      if (kept.uses < MAX_USES && (await reset(kept.pools)) === null)
        idle.set(template, [...(idle.get(template) ?? []), kept])
      else await kept.drop()
    },
  }
}

/** Drops those that are not lent, so that the next one is new. */
export async function dropIdle(template: string): Promise<void> {
  const dropped = idle.get(template) ?? []
  idle.delete(template)
  for (const { drop } of dropped) await drop()
}

async function make(template: string): Promise<Kept> {
  const { url, drop } = await scratchOf(template)
  const report = (error: Error) => kept.onError(error)
  const planned = new URL(url)
  planned.searchParams.set('options', '-cplan_cache_mode=force_generic_plan')
  const [own, ofApp] = [
    openPool(planned.href, DIRECT),
    openPool(planned.href, DIRECT, { connections: 3, onError: report }),
  ]
  const kept: Kept = {
    url,
    pools: [own.pool, ofApp.pool],
    onError: () => {},
    uses: 0,
    drop: async () => {
      for (const { close } of [own, ofApp]) await close()
      await drop()
    },
  }
  for (const { pool } of [own, ofApp]) pool.prependListener('connect', nameAll)
  await prepareReset(own.pool)
  return kept
}

/** Names every statement with values, so that a connection parses and plans it once. */
function nameAll(client: pg.PoolClient) {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown
  const named = (first: unknown, values: unknown, ...more: unknown[]) =>
    typeof first === 'string' && Array.isArray(values) && values.length > 0
      ? query({ name: nameOf(first), text: first, values }, ...more)
      : query(first, values, ...more)
  client.query = named as typeof client.query
}

const names = new Map<string, string>()
const nameOf = (text: string) => {
  const name = names.get(text) ?? `test-${names.size}`
  names.set(text, name)
  return name
}

/** A view of the pool for one user; ending it keeps the connections. */
function lent(pool: pg.Pool): pg.Pool {
  let isEnded = false
  const own: Record<string | symbol, unknown> = {
    end: async () => {
      isEnded = true
      // Polled, since a failed connection is not released and so emits no event.
      await until('every connection to be free', () => !isInUse(pool))
    },
  }
  for (const name of ['connect', 'query'] as const)
    own[name] = (...args: unknown[]) => {
      if (isEnded) throw new Error('Cannot use a pool after calling end on the pool')
      return (pool[name] as (...args: unknown[]) => unknown).apply(pool, args)
    }
  return new Proxy(pool, {
    get: (target, name) => {
      if (name === 'ended' || name === 'ending') return isEnded
      return own[name] ?? Reflect.get(target, name, target)
    },
  })
}

const isInUse = ({ idleCount, totalCount, waitingCount }: pg.Pool) =>
  idleCount < totalCount || waitingCount > 0

/**
 * A database for one test, dropped afterwards: `through` changes it first and returns the address
 * for an app.
 */
export async function ownDatabase(
  template: string,
  through: (url: string) => Promise<string> = async (url) => url,
): Promise<LentDatabase> {
  const scratch = await scratchOf(template)
  const url = await through(scratch.url)
  const own = url === scratch.url ? openPool(url, DIRECT) : await openDatabase(url, () => {})
  return { url, own, open: openDatabase, giveBack: scratch.drop }
}
