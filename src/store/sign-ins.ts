/** Requests to sign in, until they are carried out; and the links mailed to those who may. */
import { sql } from 'kysely'
import { type Db, instant, newId } from './postgres/sql.ts'
import { isTakeable, nextTurn, type TakeOptions } from './requests.ts'

export interface NewRequest {
  readonly addressKey: string
  /** The page of this site that they came from. */
  readonly leadsTo: string
  /** As in requests.ts. */
  readonly slowly: boolean
}

/** Stores a request. Touches no other table, regardless of who asks. */
export const request = (
  db: Db,
  { addressKey, leadsTo, slowly }: NewRequest,
  now: Temporal.Instant,
) =>
  db
    .insertInto('sign_in_requests')
    .values({
      id: newId(now),
      address_key: addressKey,
      leads_to: leadsTo,
      asked_at: String(now),
      not_before: slowly ? nextTurn('sign_in_requests', now) : null,
    })
    .execute()

export interface SignInRequest {
  readonly id: string
  readonly addressKey: string
  readonly leadsTo: string
}

/** Takes the oldest request whose time has come, or null: see requests.take. */
export async function take(tx: Db, taking: TakeOptions): Promise<SignInRequest | null> {
  const { rows } = await sql<SignInRequest>`
    delete from sign_in_requests where id = (
      select id from sign_in_requests where ${isTakeable(taking)}
      order by id limit 1 for update skip locked
    ) returning id, address_key as "addressKey", leads_to as "leadsTo"`.execute(tx)
  return rows[0] ?? null
}

export const remove = (db: Db, id: string) =>
  db.deleteFrom('sign_in_requests').where('id', '=', id).execute()

export interface NewSignIn {
  /** Id of its mail. */
  readonly id: string
  readonly subscriberId: string
  readonly tokenHash: Buffer
  readonly epoch: number
  readonly leadsTo: string
}

/** Stores links that were mailed; runs the same statement if there are none. */
export async function add(
  db: Db,
  signIns: readonly NewSignIn[],
  now: Temporal.Instant,
): Promise<void> {
  const column = <T>(value: (signIn: NewSignIn) => T) => signIns.map(value)
  await sql`
    insert into sign_ins (id, subscriber_id, token_hash, epoch, leads_to, asked_at)
    select n.*, ${instant(now)}
    from unnest(
      ${column(({ id }) => id)}::uuid[], ${column(({ subscriberId }) => subscriberId)}::uuid[],
      ${column(({ tokenHash }) => tokenHash)}::bytea[], ${column(({ epoch }) => epoch)}::int[],
      ${column(({ leadsTo }) => leadsTo)}::text[]
    ) n`.execute(db)
}

/** Returns the hash of the token in a mail; undefined if it is no longer kept. */
export async function tokenHashOf(db: Db, id: string): Promise<Buffer | undefined> {
  const row = await db
    .selectFrom('sign_ins')
    .select('token_hash')
    .where('id', '=', id)
    .executeTakeFirst()
  return row?.token_hash
}

/** A link that was mailed, and whom it signs in. */
export interface SignIn {
  readonly id: string
  readonly subscriberId: string
  readonly leadsTo: string
  readonly askedAt: Temporal.Instant
  readonly usedAt: Temporal.Instant | null
  readonly epoch: number
  /** Whether links have been voided since. */
  readonly isVoid: boolean
  readonly address: string
  readonly addressKey: string
  readonly addressSince: Temporal.Instant | null
  readonly language: string | null
  /** Null until they have signed in once and chosen a name. */
  readonly name: string | null
  readonly isMember: boolean
}

export async function byToken(db: Db, tokenHash: Buffer): Promise<SignIn | null> {
  const { rows } = await sql<SignIn>`
    select i.id, i.subscriber_id as "subscriberId", i.leads_to as "leadsTo",
      i.asked_at as "askedAt",
      i.used_at as "usedAt", i.epoch, i.epoch <> s.epoch as "isVoid", s.address,
      s.address_key as "addressKey",
      s.address_since as "addressSince", s.language, m.name,
      m.subscriber_id is not null as "isMember"
    from sign_ins i join subscribers s on s.id = i.subscriber_id
    left join members m on m.subscriber_id = s.id
    where i.token_hash = ${tokenHash}`.execute(db)
  return rows[0] ?? null
}

/** Uses up a link. Of several who try simultaneously, only one gets true. */
export async function use(db: Db, id: string, now: Temporal.Instant): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('sign_ins')
    .set({ used_at: String(now) })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Deletes links mailed before `before`. */
export const purge = (db: Db, before: Temporal.Instant) =>
  db.deleteFrom('sign_ins').where('asked_at', '<', instant(before)).execute()
