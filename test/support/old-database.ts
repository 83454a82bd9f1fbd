/** A database of an older schema with mails in every state, and what it should become. */
import { inject } from 'vitest'
import { fillOld } from '../../bench/migrate/fill.ts'
import { migrateInTransaction } from '../../src/store/postgres/migrate.ts'
import { schemaOf } from './schema.ts'
import { openScratch } from './scratch.ts'

/** The columns of a mail that every version has. */
const SAID = `id, enrollment_id, series, kind, item, local_date, due_at, until, try_at, status, attempts, resends,
  queued_at, first_tried_at, message_id, edition, sent_at, created_at`

/** The last mail of one in ten readers is in a rare state. */
export async function openOld(last: string, rows: number) {
  const { db, pool, url, close } = await openScratch('template0')
  await db.transaction().execute((tx) => migrateInTransaction(tx, last))
  await fillOld(url, rows, 10)
  const mails = async () =>
    (
      await pool.query(`select row_to_json(d)::text as mail from (
      select ${SAID} from deliveries order by id) as d`)
    ).rows.map(({ mail }) => mail as string)
  return {
    db,
    pool,
    url,
    mails,
    schema: () => schemaOf(pool).then(withoutMonths),
    [Symbol.asyncDispose]: close,
  }
}

/** Months are made as they are needed. */
export const withoutMonths = (schema: string) =>
  schema.replaceAll(/create table deliveries_\w+_\d{4}_\d{2} [^;]*;\n\n/g, '')

/** The schema that the migrations create in an empty database. */
export async function newestSchema(): Promise<string> {
  const { pool, close } = await openScratch(inject('templates').bare)
  try {
    return await schemaOf(pool)
  } finally {
    await close()
  }
}
