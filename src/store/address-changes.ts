/**
 * Changes of address: requested, confirmed, undone. Each has the id of the mail that asks the new
 * address to confirm.
 */
import { type Selectable, sql } from 'kysely'
import { type Db, instant } from './postgres/sql.ts'
import type { Tables } from './postgres/tables.ts'
import type { Subscriber } from './subscribers.ts'

export type AddressChange = Selectable<Tables['address_changes']>

export const byId = (db: Db, id: string) =>
  db.selectFrom('address_changes').selectAll().where('id', '=', id).executeTakeFirst()

/** Returns the change that a subscriber requested last. */
export const newest = (db: Db, subscriberId: string) =>
  db
    .selectFrom('address_changes')
    .selectAll()
    .where('subscriber_id', '=', subscriberId)
    .orderBy('turn', 'desc')
    .executeTakeFirst()

/**
 * Returns the latest mail since `since` that asked this address to confirm, regardless of who
 * requested it; undefined if there was none.
 */
export const mailedSince = (db: Db, key: string, since: Temporal.Instant) =>
  db
    .selectFrom('address_changes')
    .selectAll()
    .where('to_key', '=', key)
    .where('mailed_at', '>', instant(since))
    .orderBy('mailed_at', 'desc')
    .executeTakeFirst()

/** Records that a subscriber's mail may go to another address once that one has confirmed. */
export const add = (
  db: Db,
  { id, from, to }: { id: string; from: Subscriber; to: { address: string; key: string } },
  now: Temporal.Instant,
) =>
  db
    .insertInto('address_changes')
    .values({
      id,
      subscriber_id: from.id,
      epoch: from.epoch,
      from_address: from.address,
      from_key: from.address_key,
      to_address: to.address,
      to_key: to.key,
      from_since: from.address_since && String(from.address_since),
      mailed_at: String(now),
      asked_at: String(now),
    })
    .execute()

/** Makes a change the current one: it was requested again. */
export const renew = (db: Db, id: string, epoch: number, now: Temporal.Instant) =>
  sql`update address_changes set turn = default, asked_at = ${String(now)}, epoch = ${epoch}
    where id = ${id}`.execute(db)

export const confirm = (db: Db, id: string, now: Temporal.Instant) =>
  db
    .updateTable('address_changes')
    .set({ confirmed_at: String(now) })
    .where('id', '=', id)
    .execute()

/** Undoes a change and everything requested or confirmed after it. */
export const undo = (db: Db, { subscriber_id, epoch }: AddressChange, now: Temporal.Instant) =>
  db
    .updateTable('address_changes')
    .set({ undone_at: String(now) })
    .where('subscriber_id', '=', subscriber_id)
    .where('epoch', '>=', epoch)
    .where('undone_at', 'is', null)
    .execute()

/** Deletes changes, with their addresses, that can no longer be confirmed or undone. */
export const purge = (db: Db, before: Temporal.Instant) =>
  db.deleteFrom('address_changes').where('asked_at', '<', instant(before)).execute()
