/** Moderators' decisions, and the comments that wait for them. */
import { sql } from 'kysely'
import type { Decision } from '../domain/comment-rules.ts'
import { COLUMNS, type CommentRow, FROM } from './comments.ts'
import { type Db, instant, newId } from './postgres/sql.ts'

export interface DecisionRow {
  readonly decision: Decision
  readonly by: string
  readonly reason: string
  readonly at: Temporal.Instant
}

export interface NewDecision extends Omit<DecisionRow, 'at'> {
  readonly commentId: string | null
  readonly subscriberId: string | null
}

export const record = (
  tx: Db,
  { commentId, subscriberId, decision, by, reason }: NewDecision,
  now: Temporal.Instant,
) =>
  sql`
    insert into comment_decisions (id, comment_id, subscriber_id, decision, decided_by, reason,
      decided_at)
    values (${newId(now)}, ${commentId}, ${subscriberId}, ${decision}, ${by}, ${reason},
      ${instant(now)})`.execute(tx)

/** Returns what was decided about a comment, latest first. */
export async function of(db: Db, commentId: string): Promise<DecisionRow[]> {
  const { rows } = await sql<DecisionRow>`
    select decision, decided_by as "by", reason, decided_at as "at" from comment_decisions
    where comment_id = ${commentId} order by decided_at desc, id desc`.execute(db)
  return rows
}

/** Returns a comment, locked until the transaction ends so that it is decided about only once. */
export async function lock(tx: Db, id: string): Promise<CommentRow | null> {
  const { rows } = await sql<CommentRow>`
    select ${COLUMNS} from ${FROM} where c.id = ${id} for update of c`.execute(tx)
  return rows[0] ?? null
}

export const publish = (tx: Db, id: string, now: Temporal.Instant) =>
  sql`
    update comments set status = 'published', published_at = coalesce(published_at, ${instant(now)})
    where id = ${id}`.execute(tx)

export const reject = (tx: Db, ids: readonly string[]) =>
  sql`
    update comments set status = 'rejected', published_at = null
    where id = any (${[...ids]}::uuid[]) and status <> 'deleted'`.execute(tx)

/** Blocks a member or, if `since` is null, unblocks them. Returns whether that changed anything. */
export async function block(
  tx: Db,
  subscriberId: string,
  since: Temporal.Instant | null,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update members set blocked_at = ${since && String(since)}::timestamptz
    where subscriber_id = ${subscriberId} and (blocked_at is null) = ${since !== null}`.execute(tx)
  return (numAffectedRows ?? 0n) > 0n
}

export interface ListOptions {
  /** Only comments that wait. */
  readonly waiting?: boolean
  readonly article?: string
  readonly subscriberId?: string
  /** Only comments made before this. */
  readonly before?: Temporal.Instant
  readonly limit: number
}

/** Returns comments, oldest first, except deleted ones, which have nothing to show. */
export async function list(
  db: Db,
  { waiting = false, article, subscriberId, before, limit }: ListOptions,
): Promise<CommentRow[]> {
  const { rows } = await sql<CommentRow>`
    select ${COLUMNS} from ${FROM}
    where ${waiting ? sql`c.status = 'waiting'` : sql`c.status <> 'deleted'`}
      ${article === undefined ? sql`` : sql`and c.article = ${article}`}
      ${subscriberId === undefined ? sql`` : sql`and c.subscriber_id = ${subscriberId}`}
      ${before === undefined ? sql`` : sql`and c.created_at < ${instant(before)}`}
    order by c.created_at, c.id limit ${limit}`.execute(db)
  return rows
}

/** Counts the waiting comments made before `before`. */
export async function countWaiting(db: Db, before: Temporal.Instant): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from comments where status = 'waiting'
      and created_at < ${instant(before)}`.execute(db)
  return rows[0]?.count ?? 0
}

/** Returns how many comments wait for a moderator, and since when the oldest of them has. */
export async function waitingSummary(db: Db) {
  const { rows } = await sql<{ count: number; since: Temporal.Instant | null }>`
    select count(*)::int as count, min(created_at) as since from comments
      where status = 'waiting'`.execute(db)
  return rows[0] ?? { count: 0, since: null }
}
