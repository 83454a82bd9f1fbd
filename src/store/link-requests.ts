/** Who asked for a fresh link, until it is carried out. */
import { sql } from 'kysely'
import { type Db, newId } from './sql.ts'

/** Keeps a request. Touches no other table, whoever asks. */
export const add = (db: Db, addressKey: string, now: Temporal.Instant) =>
  db
    .insertInto('link_requests')
    .values({ id: newId(now), address_key: addressKey, asked_at: String(now) })
    .execute()

export interface LinkRequest {
  readonly id: string
  readonly addressKey: string
}

/** Takes the oldest request but those in `except`, or null: see requests.take. */
export async function take(tx: Db, except: readonly string[]): Promise<LinkRequest | null> {
  const { rows } = await sql<LinkRequest>`
    delete from link_requests where id = (
      select id from link_requests where id <> all (${[...except]}::uuid[])
      order by id limit 1 for update skip locked
    ) returning id, address_key as "addressKey"`.execute(tx)
  return rows[0] ?? null
}

export const remove = (db: Db, id: string) => db.deleteFrom('link_requests').where('id', '=', id).execute()
