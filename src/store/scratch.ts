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
  return { url: own.href, drop: () => execute(maker, `drop database if exists ${name} with (force)`) }
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
