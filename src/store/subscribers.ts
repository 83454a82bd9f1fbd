import { type Selectable, sql } from 'kysely'
import { isTransactionConflict } from '../domain/database-error.ts'
import { adopt } from './comments.ts'
import { end } from './enrollments.ts'
import * as members from './members.ts'
import { type Db, instant, newId } from './postgres/sql.ts'
import type { Tables } from './postgres/tables.ts'

export type Subscriber = Selectable<Tables['subscribers']>

export interface NewSubscriber {
  readonly address: string
  readonly key: string
  readonly hash: Buffer
  readonly firstName: string
  /** BCP 47 tag of the language of the page they came by. */
  readonly language: string
}

/**
 * Returns the subscriber with this address, adding one if there is none. An existing subscriber
 * keeps their name, spelling and language.
 */
export async function findOrAdd(db: Db, person: NewSubscriber, now: Temporal.Instant) {
  await db
    .insertInto('subscribers')
    .values({
      id: newId(now),
      address: person.address,
      address_key: person.key,
      address_hash: person.hash,
      first_name: person.firstName,
      language: person.language,
      created_at: String(now),
    })
    .onConflict((conflict) => conflict.column('address_key').doNothing())
    .execute()
  return db
    .selectFrom('subscribers')
    .select(['id', 'address_hash'])
    .where('address_key', '=', person.key)
    .executeTakeFirstOrThrow()
}

export const byId = (db: Db, id: string) =>
  db.selectFrom('subscribers').selectAll().where('id', '=', id).executeTakeFirst()

/** Locks a subscriber against changes by others until the transaction ends. */
export const lock = (db: Db, id: string) =>
  db.selectFrom('subscribers').select('id').where('id', '=', id).forUpdate().execute()

export const byKey = (db: Db, key: string) =>
  db.selectFrom('subscribers').selectAll().where('address_key', '=', key).executeTakeFirst()

export const rename = (db: Db, id: string, firstName: string) =>
  db.updateTable('subscribers').set({ first_name: firstName }).where('id', '=', id).execute()

export const setLanguage = (db: Db, id: string, language: string) =>
  db.updateTable('subscribers').set({ language }).where('id', '=', id).execute()

/**
 * Runs `work` in a transaction that locks a subscriber, so that nobody else changes their address
 * or links meanwhile. If another transaction collides with it (a deadlock, an address taken at the
 * same moment), it is run once more and sees what that one did. Null if the subscriber is gone.
 */
export function withLock<T>(
  db: Db,
  id: string,
  work: (tx: Db, subscriber: Subscriber) => Promise<T>,
): Promise<T | null> {
  const run = () =>
    db.transaction().execute(async (tx) => {
      const subscriber = await tx
        .selectFrom('subscribers')
        .selectAll()
        .where('id', '=', id)
        .forUpdate()
        .executeTakeFirst()
      return subscriber ? work(tx, subscriber) : null
    })
  return run().catch((error) => (isTransactionConflict(error) ? run() : Promise.reject(error)))
}

export interface NewAddress extends Omit<NewSubscriber, 'firstName' | 'language'> {
  /** Null if they have had it from the beginning. */
  readonly since: Temporal.Instant | null
  /** Epoch of their links from now on. */
  readonly epoch: number
}

/**
 * Gives a subscriber another address, which nobody else may have; links sent so far become void.
 */
export const changeAddress = (
  db: Db,
  id: string,
  { address, key, hash, since, epoch }: NewAddress,
) =>
  db
    .updateTable('subscribers')
    .set({
      address,
      address_key: key,
      address_hash: hash,
      address_since: since && String(since),
      epoch,
    })
    .where('id', '=', id)
    .execute()

/** Voids all links sent so far. */
export const raiseEpoch = (db: Db, id: string) =>
  db
    .updateTable('subscribers')
    .set(({ eb }) => ({ epoch: eb('epoch', '+', 1) }))
    .where('id', '=', id)
    .execute()

/** What the id in a link belongs to. */
export type Owner = 'subscriber' | 'enrollment' | 'delivery'

/** Returns a subscriber's epoch by one of their ids; undefined if it is gone. */
export async function epochOf(db: Db, owner: Owner, id: string): Promise<number | undefined> {
  const epochs = db.selectFrom('subscribers as s').select('s.epoch')
  const withEnrollments = epochs.innerJoin('enrollments as e', 'e.subscriber_id', 's.id')
  const query = {
    subscriber: () => epochs.where('s.id', '=', id),
    enrollment: () => withEnrollments.where('e.id', '=', id),
    delivery: () =>
      withEnrollments
        .innerJoin('deliveries as d', 'd.enrollment_id', 'e.id')
        .where('d.id', '=', id),
  }
  return (await query[owner]().executeTakeFirst())?.epoch
}

/**
 * Merges two people: `id` takes over what `other` has begun, and `other` is deleted. In a series
 * that both are in, the enrollment that began later goes on, as after a restart. What `other` was
 * asked to confirm and has not ends with it.
 */
export async function absorb(
  db: Db,
  { id, other }: { id: string; other: string },
  now: Temporal.Instant,
): Promise<void> {
  const active = await db
    .selectFrom('enrollments')
    .select(['subscriber_id', 'series'])
    .where('subscriber_id', 'in', [id, other])
    .where('status', '=', 'active')
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  const newest = new Map(active.map((row) => [row.series, row.subscriber_id]))
  for (const { series } of active.filter((row) => row.subscriber_id === other)) {
    const older = newest.get(series) === other ? id : other
    await end(db, { subscriberId: older, series }, 'restarted', now)
  }
  await db
    .updateTable('enrollments')
    .set({ subscriber_id: id })
    .where('subscriber_id', '=', other)
    .where('status', '<>', 'pending')
    .execute()
  await members.absorb(db, { id, other })
  await adopt(db, { id, other })
  await db.deleteFrom('subscribers').where('id', '=', other).execute()
}

/**
 * Deletes requests made before `before` and never confirmed, unless a confirmation mail created
 * since `lastAsked` has a link that still works; and the people of whom nothing is left then.
 * Returns the number of requests.
 */
export async function purgeUnconfirmed(
  db: Db,
  before: Temporal.Instant,
  lastAsked: Temporal.Instant,
): Promise<number> {
  let purged = 0
  for (;;) {
    const count = await purgeSome(db, before, lastAsked)
    purged += count
    if (count < PURGE_BATCH) return purged
  }
}

/** Requests deleted per statement. */
const PURGE_BATCH = 1_000

/**
 * Each row is looked up by its index (`offset 0` keeps the database from joining whole tables),
 * since few of many rows match.
 */
async function purgeSome(
  db: Db,
  before: Temporal.Instant,
  lastAsked: Temporal.Instant,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with gone as (
      delete from enrollments where id = any (array(
        select e.id from enrollments e
        where e.status = 'pending' and e.created_at < ${instant(before)} and not exists (
          select from enrollments theirs, deliveries d
          where theirs.subscriber_id = e.subscriber_id and d.enrollment_id = theirs.id
            and d.kind = 'confirm'
            and d.created_at >= ${instant(lastAsked)}
          offset 0
        )
        limit ${PURGE_BATCH} for update skip locked
      )) returning id, subscriber_id
    ), people as (
      delete from subscribers s
      where s.id = any (array(select subscriber_id from gone)) and not exists (
        select from enrollments e where e.subscriber_id = s.id
          and e.id <> all (array(select id from gone)) offset 0
      )
    )
    select count(*)::int as count from gone`.execute(db)
  return rows[0]?.count ?? 0
}
