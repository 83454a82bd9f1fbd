/** Who wants a mail when somebody answers, and what there is to tell them. */
import { sql } from 'kysely'
import { COLUMNS, type CommentRow, FROM } from './comments.ts'
import { type Db, instant } from './postgres/sql.ts'

/** Records the wish; one that exists keeps the record of what was told. */
export const subscribe = (db: Db, subscriberId: string, now: Temporal.Instant) =>
  sql`
    insert into comment_answers (subscriber_id, since, told)
      values (${subscriberId}, ${instant(now)}, ${instant(now)})
    on conflict (subscriber_id) do nothing`.execute(db)

export async function end(db: Db, subscriberId: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from comment_answers where subscriber_id = ${subscriberId}`.execute(db)
  return (numAffectedRows ?? 0n) > 0n
}

export async function has(db: Db, subscriberId: string): Promise<boolean> {
  const { rows } = await sql`
    select from comment_answers where subscriber_id = ${subscriberId}`.execute(db)
  return rows.length > 0
}

/**
 * Whether `a` is an answer for the owner of the wish `w`: by somebody else, in a thread in which
 * they wrote before it, and not told yet.
 */
const isUnannounced = sql`a.status = 'published' and a.parent_id is not null and a.published_at >= w.told
  and a.subscriber_id is distinct from w.subscriber_id
  and exists (
    select from comments mine
    where mine.subscriber_id = w.subscriber_id and mine.status = 'published'
      and (mine.id = a.parent_id or mine.parent_id = a.parent_id)
      and (mine.created_at, mine.id) < (a.created_at, a.id)
  )`

/** Records that a comment has been published, for those it answers. */
export const recordAnswer = (tx: Db, id: string) =>
  sql`
    update comment_answers w set news = least(w.news, a.published_at)
    from comments a where a.id = ${id} and ${isUnannounced}`.execute(tx)

/**
 * Records that they know of everything published before `until`. What came since is still to be
 * told.
 */
export async function markAnnounced(
  db: Db,
  subscriberId: string,
  until: Temporal.Instant,
): Promise<void> {
  await sql`
    update comment_answers set told = greatest(told, ${instant(until)})
    where subscriber_id = ${subscriberId}`.execute(db)
  await sql`
    update comment_answers w set news = (
      select min(a.published_at) from comments a
      where a.parent_id in (
        select coalesce(parent_id, id) from comments where subscriber_id = ${subscriberId}
      ) and ${isUnannounced}
    ) where subscriber_id = ${subscriberId}`.execute(db)
}

export interface AnswerRecipient {
  readonly subscriberId: string
  readonly address_hash: Buffer
  /** When the first of what they have not been told was published. */
  readonly first: Temporal.Instant
  /** From their active enrollment begun last; null if there is none. */
  readonly time: string | null
  readonly zone: string | null
  readonly weekdays: number[] | null
}

/**
 * Returns those for whom there are answers, among `of` or all, and when they read. Leaves out
 * suppressed addresses.
 */
export async function recipients(
  db: Db,
  of: readonly string[] | null = null,
): Promise<AnswerRecipient[]> {
  const { rows } = await sql<AnswerRecipient>`
    select w.subscriber_id as "subscriberId", s.address_hash, w.news as first,
      e.time_of_day as time, e.zone, e.weekdays
    from comment_answers w
    join subscribers s on s.id = w.subscriber_id
    left join lateral (
      select time_of_day, zone, weekdays from enrollments
      where subscriber_id = w.subscriber_id and status = 'active' order by created_at desc limit 1
    ) e on true
    where w.news is not null and (${of}::uuid[] is null or w.subscriber_id = any (${of}::uuid[]))
      and not exists (select from suppressions x where x.address_hash = s.address_hash)`.execute(db)
  return rows
}

/** Returns the answers to tell somebody, oldest first: those published before `until`. */
export async function unannouncedFor(
  db: Db,
  subscriberId: string,
  { until, limit }: { readonly until: Temporal.Instant; readonly limit: number },
): Promise<CommentRow[]> {
  const { rows } = await sql<CommentRow>`
    select ${COLUMNS} from comment_answers w, ${FROM}, comments a
    where w.subscriber_id = ${subscriberId} and a.id = c.id and a.published_at < ${instant(until)}
      and ${isUnannounced}
    order by a.published_at, a.id limit ${limit}`.execute(db)
  return rows
}

/**
 * Returns those of these comments that are still published, oldest first, for somebody who wishes
 * to be told.
 */
export async function stillPublishedFor(
  db: Db,
  subscriberId: string,
  ids: readonly string[],
): Promise<CommentRow[]> {
  const { rows } = await sql<CommentRow>`
    select ${COLUMNS} from ${FROM}
    where c.id = any (${[...ids]}::uuid[]) and c.status = 'published'
      and exists (select from comment_answers w where w.subscriber_id = ${subscriberId})
    order by c.published_at, c.id`.execute(db)
  return rows
}
