import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { messageOf, Problem } from '../domain/problem.ts'

export interface Scratch {
  readonly url: string
  drop(): Promise<void>
}

/**
 * Makes an empty database, or a copy of one, on the server of `url`, to be dropped after use; it is the
 * role's of `url`. Where that role may not make databases, `maker` is the address of one that may.
 * Throws a Problem when the server cannot be reached or forbids it.
 */
export async function createScratch(url: string, template?: string, maker = url): Promise<Scratch> {
  const name = `dawnpost_scratch_${randomBytes(6).toString('hex')}`
  const own = new URL(url)
  own.pathname = `/${name}`
  const owner = maker === url ? '' : ` owner ${pg.escapeIdentifier(decodeURIComponent(own.username))}`
  try {
    await execute(maker, `create database ${name}${owner}${template ? ` template ${template}` : ''}`)
  } catch (cause) {
    throw new Problem('unavailable', `A temporary database cannot be created: ${messageOf(cause)}.`, {
      cause,
    })
  }
  return { url: own.href, drop: () => drop(maker, name) }
}

/**
 * Ends whoever is still connected, and drops it. Not `with (force)`: that wants to end autovacuum as well, which only a
 * superuser may, while a plain drop asks it to go and waits for that.
 */
async function drop(url: string, name: string): Promise<void> {
  const left = `datname = ${pg.escapeLiteral(name)} and backend_type = 'client backend'`
  await execute(url, `select pg_terminate_backend(pid, 5000) from pg_stat_activity where ${left}`)
  await execute(url, `drop database if exists ${name}`)
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
