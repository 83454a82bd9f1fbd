/**
 * Mails about comments, to moderators and members: one a day per kind and address, each a row
 * before it is sent. One whose outcome is unknown is not resent: what it told is in the next one,
 * or on the page.
 */
import { sql } from 'kysely'
import { type Lease, leaseEnd } from './leases.ts'
import * as lineage from './lineage.ts'
import { commentMessageIdAt } from './message-id.ts'
import { isAllPaused, isPaused } from './paused-series.ts'
import { type Db, instant, newId } from './postgres/sql.ts'

export const KINDS = ['moderation', 'answers'] as const
export type MailKind = (typeof KINDS)[number]

export interface NewMail {
  readonly kind: MailKind
  readonly subscriberId: string | null
  /** Keyed hashes of the address, the current key's first. */
  readonly hashes: readonly [Buffer, ...Buffer[]]
  readonly on: Temporal.PlainDate
  readonly at: Temporal.Instant
  readonly until: Temporal.Instant
  /** The delivery whose mail includes it. */
  readonly mergedInto?: string
}

/**
 * Plans a mail, unless there is one of its kind for the address and the date. If that has not been
 * tried yet, it is merged into the mail given by `mergedInto`.
 */
export const plan = (
  db: Db,
  { kind, subscriberId, hashes: [hash, ...old], on, at, until, mergedInto }: NewMail,
  now: Temporal.Instant,
) =>
  sql`
    insert into comment_mails (id, kind, subscriber_id, address_hash, on_date, due_at, until,
      try_at, created_at, merged_into)
    select ${newId(now)}::uuid, ${kind}, ${subscriberId}::uuid, ${hash}::bytea, ${String(on)}::date,
      ${instant(at)}, ${instant(until)}, ${instant(at)}, ${instant(now)},
      ${mergedInto ?? null}::uuid
    where not exists (
      select from comment_mails where kind = ${kind} and address_hash = any (${old}::bytea[])
        and on_date = ${String(on)}::date
    )
    on conflict (kind, address_hash, on_date) do update set merged_into = excluded.merged_into
      where excluded.merged_into is not null and comment_mails.status = 'planned'
        and comment_mails.told is null`.execute(db)

/**
 * Whether it is a mail of its own at `now`. One that goes in a morning's mail is not as long as
 * that may leave on its date, or if it has left with it.
 */
const isSentSeparately = (now: Temporal.Instant) => sql`(merged_into is null or not exists (
    select from deliveries d
    where d.id = comment_mails.merged_into and d.local_date = comment_mails.on_date and (
      (d.status in ('planned', 'retry', 'sending', 'unknown') and d.try_at < d.until
      and d.until > ${instant(now)} and not ${isPaused()})
      or (d.status = 'sent' and cardinality(comment_mails.told) > 0)
    )))`

export async function isAnyDue(db: Db, now: Temporal.Instant): Promise<boolean> {
  const { rows } = await sql`
    select from comment_mails
    where status in ('planned', 'retry') and try_at <= ${instant(now)} and until > ${instant(now)}
      and ${isSentSeparately(now)}
      and not ${isAllPaused} limit 1`.execute(db)
  return rows.length > 0
}

export interface ClaimedMail {
  readonly id: string
  readonly kind: MailKind
  readonly subscriberId: string | null
  readonly addressHash: Buffer
  readonly dueAt: Temporal.Instant
  readonly attempts: number
  readonly messageId: string
  readonly firstTriedAt: Temporal.Instant
}

export interface ClaimTerms {
  readonly now: Temporal.Instant
  readonly lease: Lease
  readonly domain: string
  readonly seen: lineage.KnownLineage
}

/**
 * Whether it is wanted. Answers are, while their recipient still wishes to be mailed and is not
 * suppressed.
 */
const isWanted = sql`(kind = 'moderation' or (
    exists (select from comment_answers w where w.subscriber_id = comment_mails.subscriber_id)
    and not exists (
      select from suppressions x join subscribers s on s.address_hash = x.address_hash
      where s.id = comment_mails.subscriber_id
    )))`

/**
 * Claims a mail that is due and wanted; null if there is none. What another worker has is passed
 * over.
 */
export async function claim(
  db: Db,
  { now, lease, domain, seen }: ClaimTerms,
): Promise<ClaimedMail | null> {
  const { rows } = await sql<ClaimedMail>`
    update comment_mails d set status = 'sending', attempts = attempts + 1,
      worker = ${lease.worker}, lease_until = ${leaseEnd(lease)},
      first_tried_at = coalesce(first_tried_at, ${instant(now)}),
      message_id = coalesce(message_id, ${commentMessageIdAt(domain)})
    where d.id = (
      select id from comment_mails
      where status in ('planned', 'retry') and try_at <= ${instant(now)} and until > ${instant(now)}
        and ${isSentSeparately(now)} and ${isWanted} and ${lineage.isSound(seen)}
        and not ${isAllPaused}
      order by try_at, id limit 1 for update skip locked
    )
    returning d.id, d.kind, d.subscriber_id as "subscriberId", d.address_hash as "addressHash",
      d.due_at as "dueAt",
      d.attempts, d.message_id as "messageId", d.first_tried_at as "firstTriedAt"`.execute(db)
  return rows[0] ?? null
}

export type CommentMailOutcome =
  | { readonly status: 'sent'; readonly at: Temporal.Instant }
  | { readonly status: 'retry'; readonly at: Temporal.Instant; readonly reason: string }
  | { readonly status: 'refused' | 'skipped' | 'unknown'; readonly reason: string }

/** Records the outcome of a mail, even after its lease has ended. Returns whether it did. */
export async function finish(
  db: Db,
  id: string,
  ending: CommentMailOutcome,
  worker: string,
): Promise<boolean> {
  const at = 'at' in ending ? String(ending.at) : null
  const { numAffectedRows } = await sql`
    update comment_mails set status = ${ending.status}, lease_until = null,
      reason = ${'reason' in ending ? ending.reason : null},
      sent_at = case when ${ending.status} = 'sent' then ${at}::timestamptz end,
      try_at = case when ${ending.status} = 'retry' then ${at}::timestamptz else try_at end
    where id = ${id} and status in ('sending', 'unknown') and worker = ${worker}`.execute(db)
  return (numAffectedRows ?? 0n) > 0n
}

/**
 * Whether the mail that includes it told any of it. For statements with deliveries as d and
 * comment_mails as m.
 */
const WAS_ANNOUNCED = sql`d.id = m.merged_into and d.local_date = m.on_date
  and m.status in ('planned', 'retry') and cardinality(m.told) > 0`

/**
 * Ends what nobody sends any more: mails that left in a morning's mail; those whose worker is gone,
 * which may have left; and those whose time is over, which have not. Returns those of which nothing
 * must be told again.
 */
export async function endAbandoned(db: Db, now: Temporal.Instant) {
  const { rows: merged } = await sql<EndedMail>`
    update comment_mails m set status = 'merged', sent_at = d.sent_at, reason = null
    from deliveries d where ${WAS_ANNOUNCED} and d.status = 'sent'
    returning m.subscriber_id as "subscriberId", m.due_at as "dueAt"`.execute(db)
  const { rows: doubtful } = await sql<EndedMail>`
    update comment_mails m set status = 'unknown',
      reason = 'what became of the mail that it went in is unknown'
    from deliveries d where ${WAS_ANNOUNCED} and d.status = 'unknown' and m.until <= ${instant(now)}
    returning m.subscriber_id as "subscriberId", m.due_at as "dueAt"`.execute(db)
  await sql`
    update comment_mails m set status = 'expired', reason = 'its time had passed'
    where m.status in ('planned', 'retry') and m.until <= ${instant(now)}
      and not exists (select from deliveries d where ${WAS_ANNOUNCED}
        and d.status in ('sending', 'sent', 'unknown'))`.execute(db)
  const { rows: lost } = await sql<EndedMail>`
    update comment_mails set status = 'unknown', lease_until = null,
      reason = 'its worker stopped while it was being sent'
    where status = 'sending' and lease_until < now()
    returning subscriber_id as "subscriberId", due_at as "dueAt"`.execute(db)
  return [...merged, ...doubtful, ...lost]
}

type EndedMail = Pick<ClaimedMail, 'subscriberId' | 'dueAt'>

/** A mail about comments that goes in a morning's mail. */
export interface MergedMail {
  /** It tells what was published before this. */
  readonly until: Temporal.Instant
  /** The comments that an earlier attempt told; null if there was none. */
  readonly told: readonly string[] | null
}

export async function mergedMail(db: Db, id: string): Promise<MergedMail | null> {
  const { rows } = await sql<MergedMail>`
    select due_at as until, told from comment_mails where id = ${id}`.execute(db)
  return rows[0] ?? null
}

/** Records which comments the mail tells, before it is sent. */
export const recordAnnounced = (db: Db, id: string, comments: readonly string[]) =>
  sql`update comment_mails set told = ${[...comments]}::uuid[] where id = ${id}
    and told is null`.execute(db)

/** Returns the mails about comments sent to somebody, for themselves. */
export async function ofSubscriber(db: Db, subscriberId: string) {
  const { rows } = await sql<{
    kind: MailKind
    status: string
    date: Temporal.PlainDate
    sentAt: Temporal.Instant | null
    messageId: string | null
  }>`
    select kind, status, on_date as date, sent_at as "sentAt", message_id as "messageId"
      from comment_mails
    where subscriber_id = ${subscriberId} order by on_date, id`.execute(db)
  return rows
}

/** Counts those to somebody that are being sent. */
export async function countSendingTo(db: Db, subscriberId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from comment_mails where subscriber_id = ${subscriberId}
      and status = 'sending'`.execute(db)
  return rows[0]?.count ?? 0
}

/** Returns whom a mail went to, by its id. */
export async function recipientOf(db: Db, id: string) {
  const { rows } = await sql<{ subscriber_id: string | null; address_hash: Buffer }>`
    select subscriber_id, address_hash from comment_mails where id = ${id}`.execute(db)
  return rows[0]
}
