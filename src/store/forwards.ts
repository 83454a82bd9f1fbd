/**
 * People's replies on their way to the operator: each is a row before it counts as received. One
 * whose outcome is unknown is resent as the same mail: a reply that comes twice is better than one
 * that is lost.
 */
import { sql } from 'kysely'
import { type Lease, leaseEnd } from './leases.ts'
import * as lineage from './lineage.ts'
import { type Db, instant, newId } from './postgres/sql.ts'

export interface NewForward {
  readonly digest: Buffer
  readonly raw: Buffer
  /** `role`, or what identifies the return path it came to; null if it came to neither. */
  readonly cameTo: string | null
}

/** Stores it, unless it is known already. */
export const add = (db: Db, { digest, raw, cameTo }: NewForward, now: Temporal.Instant) =>
  db
    .insertInto('forwards')
    .values({
      id: newId(now),
      digest,
      raw,
      bytes: raw.length,
      came_to: cameTo,
      try_at: String(now),
      received_at: String(now),
    })
    .onConflict((conflict) => conflict.column('digest').doNothing())
    .execute()

export const isKnown = async (db: Db, digest: Buffer): Promise<boolean> =>
  (await db.selectFrom('forwards').select('id').where('digest', '=', digest).executeTakeFirst()) !==
  undefined

export interface Amount {
  readonly count: number
  readonly bytes: number
  /** How many of them came to the same place. */
  readonly alike: number
}

/** Returns the amount received since `since`. */
export async function amountSince(
  db: Db,
  since: Temporal.Instant,
  cameTo: string | null,
): Promise<Amount> {
  const { rows } = await sql<Amount>`
    select count(*)::int as count, coalesce(sum(bytes), 0)::float8 as bytes,
      (count(*) filter (where came_to = ${cameTo}))::int as alike
    from forwards where received_at >= ${instant(since)}`.execute(db)
  return rows[0] ?? { count: 0, bytes: 0, alike: 0 }
}

/** Returns whether one was given up, or still waits an hour after its first try. */
export async function isAnyStuck(db: Db, now: Temporal.Instant): Promise<boolean> {
  const { rows } = await sql`
    select from forwards
    where status = 'failed' or (status = 'waiting'
      and first_tried_at < ${instant(now.subtract({ hours: 1 }))})
    limit 1`.execute(db)
  return rows.length > 0
}

export async function isAnyDue(db: Db, now: Temporal.Instant): Promise<boolean> {
  const { rows } = await sql`
    select from forwards
    where (status = 'waiting' and try_at <= ${instant(now)})
      or (status = 'sending' and lease_until < now())
    limit 1`.execute(db)
  return rows.length > 0
}

export interface ClaimedForward {
  readonly id: string
  readonly raw: Buffer
  readonly attempts: number
  readonly messageId: string
  readonly firstTriedAt: Temporal.Instant
  readonly receivedAt: Temporal.Instant
}

export interface ClaimTerms {
  readonly now: Temporal.Instant
  readonly lease: Lease
  /** Domain of Message-IDs. */
  readonly domain: string
  readonly seen: lineage.KnownLineage
}

/** Claims the oldest one that is due, including those whose worker is gone. */
export async function claim(
  db: Db,
  { now, lease, domain, seen }: ClaimTerms,
): Promise<ClaimedForward | null> {
  const { rows } = await sql<ClaimedForward>`
    update forwards f set status = 'sending', attempts = attempts + 1, worker = ${lease.worker},
      lease_until = ${leaseEnd(lease)}, first_tried_at = coalesce(first_tried_at, ${instant(now)}),
      message_id = coalesce(message_id, '<answer.' || encode(substr(digest, 1, 16),
      'hex') || '@' || ${domain}::text || '>')
    where f.id = (
      select id from forwards
      where ((status = 'waiting' and try_at <= ${instant(now)})
        or (status = 'sending' and lease_until < now()))
        and ${lineage.isSound(seen)}
      order by try_at, id limit 1 for update skip locked
    )
    returning f.id, f.raw, f.attempts, f.message_id as "messageId",
      f.first_tried_at as "firstTriedAt",
      f.received_at as "receivedAt"`.execute(db)
  return rows[0] ?? null
}

export type ForwardOutcome =
  | { readonly status: 'sent'; readonly at: Temporal.Instant }
  | { readonly status: 'waiting'; readonly at: Temporal.Instant; readonly reason: string }
  | { readonly status: 'failed'; readonly reason: string }

/** Records the outcome of one that this worker holds. */
export async function finish(
  db: Db,
  id: string,
  ending: ForwardOutcome,
  worker: string,
): Promise<void> {
  const at = 'at' in ending ? String(ending.at) : null
  await sql`
    update forwards set status = ${ending.status}, lease_until = null,
      raw = case when ${ending.status} = 'sent' then null else raw end,
      reason = ${'reason' in ending ? ending.reason : null},
      sent_at = case when ${ending.status} = 'sent' then ${at}::timestamptz end,
      try_at = case when ${ending.status} = 'waiting' then ${at}::timestamptz else try_at end
    where id = ${id} and status = 'sending' and worker = ${worker}`.execute(db)
}

/** Deletes those received before `before` that no longer wait. */
export const purge = (db: Db, before: Temporal.Instant) =>
  db
    .deleteFrom('forwards')
    .where('received_at', '<', instant(before))
    .where('status', 'in', ['sent', 'failed'])
    .execute()
