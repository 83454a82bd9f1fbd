/**
 * Databases for single tests, created and dropped over one connection of the process: a new
 * connection would cost more than the copy.
 */
import pg from 'pg'
import { inject } from 'vitest'
import { createScratch } from '../../src/store/postgres/scratch.ts'
import { openDatabase } from '../../src/store/postgres/sql.ts'

let maker: pg.Pool | undefined

/** A copy of this database; drop it after use. */
export function scratchOf(template: string) {
  const connectionString = inject('databaseUrl')
  maker ??= new pg.Pool({ connectionString, max: 1, allowExitOnIdle: true }).on('error', () => {})
  const pool = maker
  return createScratch(connectionString, { template, run: (statement) => pool.query(statement) })
}

/** The same with an open connection; closing it drops the database. */
export async function openScratch(template: string) {
  const scratch = await scratchOf(template)
  const database = await openDatabase(scratch.url, () => {})
  const close = async () => {
    await database.close()
    await scratch.drop()
  }
  return { ...database, url: scratch.url, close }
}
