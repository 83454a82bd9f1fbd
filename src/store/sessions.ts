/**
 * Who is signed in: a row for each browser, under the SHA-256 of what its cookie holds. One ends by
 * itself when the epoch of its subscriber rises, as their links do.
 */
import { sql } from 'kysely'
import type { Member } from '../domain/member.ts'
import { memberOf } from './members.ts'
import { type Db, instant } from './postgres/sql.ts'

/** Sessions count that began, and that were seen, after these. */
export interface Alive {
  readonly begunAfter: Temporal.Instant
  readonly seenAfter: Temporal.Instant
}

const isAlive = ({ begunAfter, seenAfter }: Alive) =>
  sql<boolean>`(x.began_at > ${instant(begunAfter)} and x.seen_at > ${instant(seenAfter)}
    and x.epoch = s.epoch)`

export interface Session {
  readonly member: Member
  readonly seenAt: Temporal.Instant
}

/** The session of this hash, while it lasts. */
export async function find(db: Db, idHash: Buffer, alive: Alive): Promise<Session | null> {
  const { rows } = await sql<{
    id: string
    name: string | null
    blocked_at: Temporal.Instant | null
    seen_at: Temporal.Instant
  }>`
    select m.subscriber_id as id, m.name, m.blocked_at, x.seen_at
    from sessions x join subscribers s on s.id = x.subscriber_id
    join members m on m.subscriber_id = s.id
    where x.id_hash = ${idHash} and ${isAlive(alive)}`.execute(db)
  const [row] = rows
  return row ? { member: memberOf(row), seenAt: row.seen_at } : null
}

export interface NewSession {
  readonly idHash: Buffer
  readonly subscriberId: string
  /** Of the link by which it begins. */
  readonly epoch: number
}

export const begin = (db: Db, { idHash, subscriberId, epoch }: NewSession, now: Temporal.Instant) =>
  db
    .insertInto('sessions')
    .values({
      id_hash: idHash,
      subscriber_id: subscriberId,
      epoch,
      began_at: String(now),
      seen_at: String(now),
    })
    .execute()

export const see = (db: Db, idHash: Buffer, now: Temporal.Instant) =>
  db
    .updateTable('sessions')
    .set({ seen_at: String(now) })
    .where('id_hash', '=', idHash)
    .execute()

/** Gives one another id; what the old one stood for is nothing from then on. */
export const rotate = (db: Db, { from, to }: { from: Buffer; to: Buffer }) =>
  db.updateTable('sessions').set({ id_hash: to }).where('id_hash', '=', from).execute()

export const end = (db: Db, idHash: Buffer) =>
  db.deleteFrom('sessions').where('id_hash', '=', idHash).execute()

export const endAll = (db: Db, subscriberId: string) =>
  db.deleteFrom('sessions').where('subscriber_id', '=', subscriberId).execute()

/** Those of a subscriber that last, the newest first. */
export async function ofSubscriber(
  db: Db,
  subscriberId: string,
  alive: Alive,
): Promise<{ began_at: Temporal.Instant; seen_at: Temporal.Instant }[]> {
  const { rows } = await sql<{ began_at: Temporal.Instant; seen_at: Temporal.Instant }>`
    select x.began_at, x.seen_at from sessions x join subscribers s on s.id = x.subscriber_id
    where x.subscriber_id = ${subscriberId} and ${isAlive(alive)}
    order by x.began_at desc, x.id_hash`.execute(db)
  return rows
}

/** Forgets those that do not last any more. */
export async function purge(db: Db, alive: Alive): Promise<void> {
  await sql`
    delete from sessions x using subscribers s
    where s.id = x.subscriber_id and not ${isAlive(alive)}`.execute(db)
}
