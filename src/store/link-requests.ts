/** Requests for a fresh link, until they are carried out. */
import { sql } from 'kysely'
import { type Db, newId } from './postgres/sql.ts'
import { isTakeable, nextTurn, type TakeOptions } from './requests.ts'

export interface NewLinkRequest {
  readonly addressKey: string
  /** As in requests.ts. */
  readonly slowly: boolean
}

/** Stores a request. Touches no other table, regardless of who asks. */
export const add = (db: Db, { addressKey, slowly }: NewLinkRequest, now: Temporal.Instant) =>
  db
    .insertInto('link_requests')
    .values({
      id: newId(now),
      address_key: addressKey,
      asked_at: String(now),
      not_before: slowly ? nextTurn('link_requests', now) : null,
    })
    .execute()

export interface LinkRequest {
  readonly id: string
  readonly addressKey: string
}

/** Takes the oldest request whose time has come, or null: see requests.take. */
export async function take(tx: Db, taking: TakeOptions): Promise<LinkRequest | null> {
  const { rows } = await sql<LinkRequest>`
    delete from link_requests where id = (
      select id from link_requests where ${isTakeable(taking)}
      order by id limit 1 for update skip locked
    ) returning id, address_key as "addressKey"`.execute(tx)
  return rows[0] ?? null
}

export const remove = (db: Db, id: string) =>
  db.deleteFrom('link_requests').where('id', '=', id).execute()
