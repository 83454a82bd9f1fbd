/** What members write under articles, and who may see it. */
import { sql } from 'kysely'
import type { CommentStatus } from '../domain/comment.ts'
import type { ModerationReason } from '../domain/comment-rules.ts'
import { type Db, instant, newId } from './postgres/sql.ts'

export interface CommentRow {
  readonly id: string
  readonly article: string
  readonly parent: string | null
  /** Id of its author; null once they were erased. */
  readonly subscriberId: string | null
  /** The author's display name; null if there is none any more. */
  readonly author: string | null
  readonly text: string
  readonly status: CommentStatus
  readonly reason: ModerationReason | null
  readonly version: number
  readonly createdAt: Temporal.Instant
  readonly editedAt: Temporal.Instant | null
  readonly publishedAt: Temporal.Instant | null
}

/** For statements with comments as c and members as m. */
export const COLUMNS = sql`c.id, c.article, c.parent_id as "parent",
  c.subscriber_id as "subscriberId", m.name as author,
  c.text, c.status, c.reason, c.version, c.created_at as "createdAt", c.edited_at as "editedAt",
  c.published_at as "publishedAt"`
export const FROM = sql`comments c left join members m on m.subscriber_id = c.subscriber_id`

/** Hash by which texts are compared: see `folded` in domain/comment-text.ts. */
const hashed = (folded: string) => sql`sha256(convert_to(${folded}::text, 'UTF8'))`

export async function byId(db: Db, id: string): Promise<CommentRow | null> {
  const { rows } = await sql<CommentRow>`select ${COLUMNS} from ${FROM} where c.id = ${id}`.execute(
    db,
  )
  return rows[0] ?? null
}

/** Returns the comment that a form has made already, or null. */
export async function byNonce(db: Db, subscriberId: string, nonce: string) {
  const { rows } = await sql<CommentRow>`
    select ${COLUMNS} from ${FROM} where c.subscriber_id = ${subscriberId}
      and c.nonce = ${nonce}`.execute(db)
  return rows[0] ?? null
}

/**
 * Locks a member, so that their comments are handled one after the other. Null if they are not a
 * member, or no longer.
 */
export async function lockMember(tx: Db, subscriberId: string) {
  const { rows } = await sql<{ name: string | null; isBlocked: boolean }>`
    select name, blocked_at is not null as "isBlocked" from members
    where subscriber_id = ${subscriberId} for update`.execute(tx)
  return rows[0] ?? null
}

export async function findMember(db: Db, subscriberId: string) {
  const { rows } = await sql<{ id: string }>`
    select subscriber_id as id from members where subscriber_id = ${subscriberId}`.execute(db)
  return rows[0] ?? null
}

export interface NewComment {
  readonly article: string
  readonly parent: string | null
  readonly subscriberId: string
  readonly text: string
  readonly folded: string
  /** Why it waits; null if everybody may read it. */
  readonly reason: ModerationReason | null
  readonly nonce: string
}

/** Adds a comment; returns its id, or null if its form has made one before. */
export async function add(
  tx: Db,
  { article, parent, subscriberId, text, folded, reason, nonce }: NewComment,
  now: Temporal.Instant,
): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    insert into comments (id, article, parent_id, subscriber_id, text, folded, status, reason,
      nonce, created_at, published_at)
    values (${newId(now)}, ${article}, ${parent}, ${subscriberId}, ${text}, ${hashed(folded)},
      ${reason ? 'waiting' : 'published'}, ${reason}, ${nonce}, ${instant(now)},
      ${reason ? null : String(now)}::timestamptz)
    on conflict (subscriber_id, nonce) do nothing returning id`.execute(tx)
  return rows[0]?.id ?? null
}

export interface Revision {
  readonly id: string
  readonly text: string
  readonly folded: string
  readonly reason: ModerationReason | null
}

/**
 * Replaces the text of a comment. One that waits keeps waiting, for its new reason or for the one
 * it had.
 */
export const revise = (tx: Db, { id, text, folded, reason }: Revision, now: Temporal.Instant) =>
  sql`
    update comments set text = ${text}, folded = ${hashed(folded)}, version = version + 1,
      edited_at = ${instant(now)},
      reason = coalesce(${reason}, reason),
      status = case when ${reason}::text is null then status else 'waiting' end,
      published_at = case when ${reason}::text is null then published_at end
    where id = ${id}`.execute(tx)

/** Returns whether one of their comments was ever approved. */
export async function isTrusted(db: Db, subscriberId: string): Promise<boolean> {
  const { rows } = await sql`
    select from comment_decisions where subscriber_id = ${subscriberId} and decision = 'approve'
      limit 1`.execute(db)
  return rows.length > 0
}

/** Returns whether a comment other than `except` has the same text. */
export async function isRepeated(
  db: Db,
  folded: string,
  except: string | null = null,
): Promise<boolean> {
  const { rows } = await sql`
    select from comments where folded = ${hashed(folded)} and id is distinct from ${except}::uuid
      limit 1`.execute(db)
  return rows.length > 0
}

/** Counts the answers in a thread, regardless of who may see them. */
export async function countAnswers(db: Db, id: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from comments where parent_id = ${id}`.execute(db)
  return rows[0]?.count ?? 0
}

/**
 * Deletes comments: removed if nothing depends on them, otherwise kept as "deleted", without text
 * and author. A deleted comment that starts a thread is removed with its last answer.
 */
export async function remove(tx: Db, ids: readonly string[]): Promise<void> {
  const concerned = [...ids, ...(await threadsOf(tx, ids))]
  await sql`
    update comments set status = 'deleted', text = '', folded = null, subscriber_id = null,
      nonce = null, edited_at = null
    where id = any (${[...ids]}::uuid[])`.execute(tx)
  // First the answers, then what they answer.
  for (const level of [sql`c.parent_id is not null`, sql`c.parent_id is null`])
    await sql`
      delete from comments c where c.id = any (${concerned}::uuid[]) and c.status = 'deleted'
        and ${level}
        and not exists (select from comments a where a.parent_id = c.id)`.execute(tx)
}

async function threadsOf(tx: Db, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct coalesce(parent_id, id) as id from comments
      where id = any (${[...ids]}::uuid[])`.execute(tx)
  return rows.map(({ id }) => id)
}

export const idsOf = async (db: Db, subscriberId: string): Promise<string[]> => {
  const { rows } = await sql<{ id: string }>`
    select id from comments where subscriber_id = ${subscriberId}`.execute(db)
  return rows.map(({ id }) => id)
}

/** Returns what somebody has written, for themselves. */
export async function ofSubscriber(db: Db, subscriberId: string): Promise<CommentRow[]> {
  const { rows } = await sql<CommentRow>`
    select ${COLUMNS} from ${FROM} where c.subscriber_id = ${subscriberId} order by c.created_at,
      c.id`.execute(db)
  return rows
}

/**
 * Gives `id` the comments of `other`, with what depends on them, when two turn out to be one
 * person.
 */
export async function adopt(tx: Db, { id, other }: { id: string; other: string }): Promise<void> {
  await sql`update comments set subscriber_id = ${id}, nonce = null
    where subscriber_id = ${other}`.execute(tx)
  await sql`update comment_decisions set subscriber_id = ${id}
    where subscriber_id = ${other}`.execute(tx)
  await sql`
    update comment_answers set subscriber_id = ${id}
    where subscriber_id = ${other} and not exists (select from comment_answers w
      where w.subscriber_id = ${id})`.execute(tx)
}
