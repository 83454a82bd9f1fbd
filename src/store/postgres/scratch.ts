import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { messageOf, Problem } from '../../domain/problem.ts'

export interface Scratch {
  readonly url: string
  drop(): Promise<void>
}

/** Runs a statement outside any transaction. */
type Run = (statement: string) => Promise<{ readonly rows: readonly unknown[] }>

interface Options {
  /** The database to copy. */
  readonly template?: string
  /**
   * Runs statements as a role that may create databases; by default as the role of the address, on
   * a connection for each.
   */
  readonly run?: Run
}

/**
 * Creates an empty database, or a copy of one, on the server of `url`, to be dropped after use. It
 * belongs to the role of `url`. Throws a Problem if the server cannot be reached or forbids it.
 */
export async function createScratch(
  url: string,
  { template, run = runOn(url) }: Options = {},
): Promise<Scratch> {
  const name = `dawnpost_scratch_${randomBytes(6).toString('hex')}`
  const scratchUrl = new URL(url)
  scratchUrl.pathname = `/${name}`
  const owner = scratchUrl.username
    ? ` owner ${pg.escapeIdentifier(decodeURIComponent(scratchUrl.username))}`
    : ''
  try {
    await run(
      `create database ${name}${owner}${template ? await templateClause(template, run) : ''}`,
    )
  } catch (cause) {
    throw new Problem('unavailable', 'operator.database.no-temporary', {
      params: { cause: messageOf(cause) },
      cause,
    })
  }
  return { url: scratchUrl.href, drop: () => drop(name, run) }
}

/**
 * Copies files, which is the only way before PostgreSQL 15. The default since then, page by page
 * through the WAL, takes three times as long.
 */
async function templateClause(template: string, run: Run): Promise<string> {
  const { rows } = await run(`select where current_setting('server_version_num')::int >= 150000`)
  return ` template ${template}${rows.length > 0 ? ' strategy file_copy' : ''}`
}

/**
 * Disconnects remaining clients and drops the database, which waits five seconds for them to go.
 * Not `with (force)`: that would end autovacuum as well, which only a superuser may, while a plain
 * drop asks it to stop and waits for it.
 */
async function drop(name: string, run: Run): Promise<void> {
  const left = `datname = ${pg.escapeLiteral(name)} and backend_type = 'client backend'`
  await run(`select pg_terminate_backend(pid) from pg_stat_activity where ${left}`)
  await run(`drop database if exists ${name}`)
}

/** Runs each statement on its own connection. */
export const runOn =
  (url: string): Run =>
  async (statement) => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
    await client.connect()
    try {
      return await client.query(statement)
    } finally {
      await client.end()
    }
  }
