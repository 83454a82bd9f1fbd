/**
 * Signed-in sessions: a row per browser, keyed by the SHA-256 of its cookie's value. A session ends
 * by itself when its subscriber's epoch rises, as their links do.
 */
import { sql } from 'kysely'
import type { Member } from '../domain/member.ts'
import { memberOf } from './members.ts'
import { type Db, instant } from './postgres/sql.ts'

/** A session is valid if it began, and was last seen, after these instants. */
export interface SessionValidity {
  readonly begunAfter: Temporal.Instant
  readonly seenAfter: Temporal.Instant
}

const isValid = ({ begunAfter, seenAfter }: SessionValidity) =>
  sql<boolean>`(x.began_at > ${instant(begunAfter)} and x.seen_at > ${instant(seenAfter)}
    and x.epoch = s.epoch)`

export interface Session {
  readonly member: Member
  readonly seenAt: Temporal.Instant
}

/** Returns the session with this hash if it is valid, else null. */
export async function find(
  db: Db,
  idHash: Buffer,
  alive: SessionValidity,
): Promise<Session | null> {
  const { rows } = await sql<{
    id: string
    name: string | null
    blocked_at: Temporal.Instant | null
    seen_at: Temporal.Instant
  }>`
    select m.subscriber_id as id, m.name, m.blocked_at, x.seen_at
    from sessions x join subscribers s on s.id = x.subscriber_id
    join members m on m.subscriber_id = s.id
    where x.id_hash = ${idHash} and ${isValid(alive)}`.execute(db)
  const [row] = rows
  return row ? { member: memberOf(row), seenAt: row.seen_at } : null
}

export interface NewSession {
  readonly idHash: Buffer
  readonly subscriberId: string
  /** Epoch of the link that starts it. */
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

export const touch = (db: Db, idHash: Buffer, now: Temporal.Instant) =>
  db
    .updateTable('sessions')
    .set({ seen_at: String(now) })
    .where('id_hash', '=', idHash)
    .execute()

/** Gives a session another id; the old one is void from then on. */
export const rotate = (db: Db, { from, to }: { from: Buffer; to: Buffer }) =>
  db.updateTable('sessions').set({ id_hash: to }).where('id_hash', '=', from).execute()

export const end = (db: Db, idHash: Buffer) =>
  db.deleteFrom('sessions').where('id_hash', '=', idHash).execute()

export const endAll = (db: Db, subscriberId: string) =>
  db.deleteFrom('sessions').where('subscriber_id', '=', subscriberId).execute()

/** Returns a subscriber's valid sessions, newest first. */
export async function ofSubscriber(
  db: Db,
  subscriberId: string,
  alive: SessionValidity,
): Promise<{ began_at: Temporal.Instant; seen_at: Temporal.Instant }[]> {
  const { rows } = await sql<{ began_at: Temporal.Instant; seen_at: Temporal.Instant }>`
    select x.began_at, x.seen_at from sessions x join subscribers s on s.id = x.subscriber_id
    where x.subscriber_id = ${subscriberId} and ${isValid(alive)}
    order by x.began_at desc, x.id_hash`.execute(db)
  return rows
}

/** Deletes sessions that are no longer valid. */
export async function purge(db: Db, alive: SessionValidity): Promise<void> {
  await sql`
    delete from sessions x using subscribers s
    where s.id = x.subscriber_id and not ${isValid(alive)}`.execute(db)
}
