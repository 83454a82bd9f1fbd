/** The ledger. Every change of status is a move of domain/delivery.ts: the statements take theirs from it. */
import { type Expression, type Selectable, type SqlBool, sql } from 'kysely'
import { type Kind, type Move, moveOf, OPEN, RESENDS, type Status } from '../domain/delivery.ts'
import type { Morning } from '../domain/schedule.ts'
import { type Db, instant, newId } from './sql.ts'
import type { Tables } from './tables.ts'

export type Delivery = Selectable<Tables['deliveries']>

export interface NewDelivery {
  readonly enrollmentId: string
  readonly subscriberId: string
  readonly series: string
  readonly kind: Kind
  readonly item: string
  readonly day: number | null
  readonly morning: Morning
  readonly status?: 'planned' | 'expired'
}

/** Adds rows to the ledger; one that stands there already is left alone. Returns the ids of those to send. */
export async function add(db: Db, mails: readonly NewDelivery[], now: Temporal.Instant): Promise<string[]> {
  if (mails.length === 0) return []
  const rows = mails.map(({ morning, status = 'planned', ...mail }) => ({
    id: newId(now),
    enrollment_id: mail.enrollmentId,
    subscriber_id: mail.subscriberId,
    series: mail.series,
    kind: mail.kind,
    item: mail.item,
    day: mail.day,
    local_date: String(morning.on),
    due_at: String(morning.at),
    until: String(morning.until),
    try_at: String(morning.at),
    status,
    reason: status === 'expired' ? 'its morning had passed' : null,
    created_at: String(now),
  }))
  const added = await db
    .insertInto('deliveries')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['enrollment_id', 'kind', 'item']).doNothing())
    .returning(['id', 'status'])
    .execute()
  return added.filter((row) => row.status === 'planned').map((row) => row.id)
}

/** How long a worker may hold a delivery: longer than SMTP's longest silence (standards.md D13). */
const LEASE = '15 minutes'

/**
 * May this delivery leave? Its enrollment is what the kind of mail needs, and nobody has suppressed the
 * address. Someone who unsubscribed from everything may still be asked to confirm a fresh enrollment.
 */
const mayLeave: Expression<SqlBool> = sql`
  e.status = any (case d.kind
    when 'confirm' then array['pending']
    when 'completion' then array['completed']
    else array['active', 'completed'] end)
  and not exists (
    select from suppressions x where x.address_hash = s.address_hash
      and not (d.kind = 'confirm' and x.reason = 'unsubscribe')
  )`

/** A delivery taken for sending, with what its mail says of the person. */
export interface Claimed {
  readonly id: string
  readonly enrollmentId: string
  readonly subscriberId: string
  readonly series: string
  readonly kind: Kind
  readonly day: number | null
  readonly localDate: Temporal.PlainDate
  readonly attempts: number
  readonly messageId: string
  readonly firstTriedAt: Temporal.Instant
  readonly until: Temporal.Instant
  readonly address: string
  readonly firstName: string
  readonly zone: string
  readonly enrolledAt: Temporal.Instant
  /** When the enrollment's next mail is due. */
  readonly nextAt: Temporal.Instant | null
}

export interface Wanted {
  readonly id: string
  /** What the mail will be called, unless an earlier attempt has named it. */
  readonly messageId: string
}

/**
 * Takes deliveries for sending, in the one statement that precedes SMTP: each is ready, its window is open
 * (I7), and the person still wants it (I2). What another worker has, or may not leave, is passed over.
 *
 * The enrollment is held by a share lock until this is committed, so that whoever leaves meanwhile either
 * comes first, and the delivery is passed over, or sees that it is being sent: see actions/unsubscribe.ts. The lease
 * runs on the database's own clock, which no sandbox moves.
 */
export async function claim(db: Db, wanted: readonly Wanted[], now: Temporal.Instant): Promise<Claimed[]> {
  const { from, to } = moveOf('claim')
  const at = String(now)
  const { rows } = await sql<Claimed>`
    with ready as (
      select d.id, w.message_id, s.address, s.first_name, e.zone, e.created_at as enrolled_at, e.due_at as next_at
      from unnest(${wanted.map(({ id }) => id)}::uuid[], ${wanted.map(({ messageId }) => messageId)}::text[])
        as w (id, message_id)
      join deliveries d on d.id = w.id
      join enrollments e on e.id = d.enrollment_id
      join subscribers s on s.id = d.subscriber_id
      where d.status = any (${[...from]}::text[]) and (d.status <> 'unknown' or d.resends < ${RESENDS})
        and d.try_at <= ${at} and d.until > ${at}
        and ${mayLeave}
      for update of d skip locked for share of e skip locked
    )
    update deliveries d set
      status = ${to},
      attempts = attempts + 1,
      resends = resends + case when d.status = 'unknown' then 1 else 0 end,
      lease_until = now() + ${LEASE}::interval,
      first_tried_at = coalesce(first_tried_at, ${at}),
      message_id = coalesce(d.message_id, ready.message_id)
    from ready where d.id = ready.id
    returning d.id, d.enrollment_id as "enrollmentId", d.subscriber_id as "subscriberId", d.series, d.kind, d.day,
      d.local_date as "localDate", d.attempts, d.message_id as "messageId", d.first_tried_at as "firstTriedAt",
      d.until, ready.address, ready.first_name as "firstName", ready.zone, ready.enrolled_at as "enrolledAt",
      ready.next_at as "nextAt"`.execute(db)
  return rows
}

/** What became of a delivery that was being sent. */
export interface Result {
  readonly id: string
  readonly move: 'accept' | 'defer' | 'release' | 'refuse' | 'lose'
  /** For `accept`: when. */
  readonly sentAt?: Temporal.Instant
  /** For `accept`: the text that was sent. */
  readonly edition?: string
  /** For `defer` and `release`: when to try again. */
  readonly tryAt?: Temporal.Instant
  readonly reason?: string
}

/** Writes what became of a batch of deliveries, in one statement. A `release` gives the attempt back. */
export async function finish(db: Db, results: readonly Result[]): Promise<void> {
  if (results.length === 0) return
  const text = (time: Temporal.Instant | undefined) => (time ? String(time) : null)
  await sql`
    update deliveries d set
      status = r.status,
      sent_at = r.sent_at,
      edition = coalesce(r.edition, d.edition),
      reason = r.reason,
      try_at = coalesce(r.try_at, d.try_at),
      attempts = d.attempts - case when r.status = 'planned' then 1 else 0 end,
      lease_until = null,
      queued_at = case when r.status in ('planned', 'retry', 'unknown') then null else d.queued_at end
    from unnest(
      ${results.map(({ id }) => id)}::uuid[],
      ${results.map(({ move: name }) => moveOf(name).to)}::text[],
      ${results.map(({ sentAt }) => text(sentAt))}::timestamptz[],
      ${results.map(({ edition }) => edition ?? null)}::text[],
      ${results.map(({ tryAt }) => text(tryAt))}::timestamptz[],
      ${results.map(({ reason }) => reason ?? null)}::text[]
    ) as r (id, status, sent_at, edition, try_at, reason)
    where d.id = r.id and d.status = 'sending'`.execute(db)
}

/** How many mails to a subscriber are in SMTP's hands. */
export async function countSending(db: Db, subscriberId: string): Promise<number> {
  const row = await db
    .selectFrom('deliveries')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('subscriber_id', '=', subscriberId)
    .where('status', '=', 'sending')
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** Moves one delivery, when its status allows it. Says whether it did. */
async function move(db: Db, id: string, name: Move, set: Record<string, unknown>): Promise<boolean> {
  const { from, to } = moveOf(name)
  const { numUpdatedRows } = await db
    .updateTable('deliveries')
    .set({ ...set, status: to, lease_until: null })
    .where('id', '=', id)
    .where('status', 'in', [...from])
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export const bounce = (db: Db, id: string, reason: string) => move(db, id, 'bounce', { reason })
/** Gives a lesson that has not left a new morning. */
export const redate = (db: Db, id: string, morning: Morning) =>
  move(db, id, 'redate', {
    local_date: String(morning.on),
    due_at: String(morning.at),
    try_at: String(morning.at),
    until: String(morning.until),
    queued_at: null,
  })

/**
 * Ends what is still to be sent to a subscriber, of one series or of all: a mail in SMTP's hands is past
 * that, and one of unknown outcome is not sent again.
 */
export async function skipOpen(
  db: Db,
  which: { subscriberId: string; series?: string | undefined },
  reason: string,
) {
  const theirs = db
    .updateTable('deliveries')
    .where('subscriber_id', '=', which.subscriberId)
    .$if(which.series !== undefined, (query) => query.where('series', '=', which.series as string))
  const { from, to } = moveOf('skip')
  await theirs
    .set({ status: to, reason })
    .where('status', 'in', [...from])
    .execute()
  await theirs.set({ resends: RESENDS }).where('status', '=', 'unknown').execute()
}

/** Deliveries whose worker is gone become unknown. Returns how many. */
export async function loseLeases(db: Db): Promise<number> {
  const { from, to } = moveOf('lose')
  const { numUpdatedRows } = await db
    .updateTable('deliveries')
    .set({
      status: to,
      lease_until: null,
      queued_at: null,
      reason: 'its worker stopped while it was being sent',
    })
    .where('status', 'in', [...from])
    .where('lease_until', '<', sql<Temporal.Instant>`now()`)
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

/** Ends what can no longer leave: its window has closed, or the person has left. Lessons keep their place. */
export async function settle(db: Db, now: Temporal.Instant): Promise<number> {
  const expire = moveOf('expire')
  const skip = moveOf('skip')
  const expired = await sql`
    update deliveries d set status = ${expire.to}, reason = 'its window closed'
    where d.status = any (${[...expire.from]}::text[]) and d.until <= ${String(now)} and d.kind <> 'lesson'`.execute(
    db,
  )
  const skipped = await sql`
    update deliveries d set status = ${skip.to}, reason = 'left or suppressed'
    from enrollments e, subscribers s
    where e.id = d.enrollment_id and s.id = d.subscriber_id
      and d.status = any (${[...skip.from]}::text[]) and d.try_at <= ${String(now)}
      and not (${mayLeave})`.execute(db)
  return Number(expired.numAffectedRows ?? 0n) + Number(skipped.numAffectedRows ?? 0n)
}

/** How long a queued delivery may stay unclaimed before its job is taken for lost. */
const QUEUE_PATIENCE = '5 minutes'

/** Deliveries that are ready and that no job stands for; marks them as queued. Most urgent first. */
export async function takeUnqueued(db: Db, now: Temporal.Instant, limit: number): Promise<string[]> {
  const at = String(now)
  const { rows } = await sql<{ id: string }>`
    update deliveries set queued_at = now() where id in (
      select id from deliveries
      where status in ('planned', 'retry', 'unknown') and (status <> 'unknown' or resends < ${RESENDS})
        and try_at <= ${at} and due_at <= ${at} and until > ${at}
        and (queued_at is null or queued_at < now() - ${QUEUE_PATIENCE}::interval)
      order by due_at limit ${limit} for update skip locked
    ) returning id`.execute(db)
  return rows.map((row) => row.id)
}

/** Notes that jobs stand for these deliveries. */
export const markQueued = (db: Db, ids: readonly string[]) =>
  db
    .updateTable('deliveries')
    .set({ queued_at: sql<string>`now()` })
    .where('id', 'in', [...ids])
    .execute()

/** Notes that no job stands for these deliveries any more: the next sweep queues them again. */
export const markUnqueued = (db: Db, ids: readonly string[]) =>
  ids.length === 0
    ? Promise.resolve([])
    : db
        .updateTable('deliveries')
        .set({ queued_at: null })
        .where('id', 'in', [...ids])
        .where('status', 'in', ['planned', 'retry'])
        .execute()

/** Confirmation mails a subscriber has been sent for the enrollments that still wait, newest first. */
export const confirmations = (db: Db, subscriberId: string) =>
  db
    .selectFrom('deliveries as d')
    .innerJoin('enrollments as e', 'e.id', 'd.enrollment_id')
    .select(['d.created_at', 'e.status'])
    .where('d.subscriber_id', '=', subscriberId)
    .where('d.kind', '=', 'confirm')
    .orderBy('d.created_at', 'desc')
    .execute()

/** When a worker next has something to do with the ledger, or null. */
export async function nextTryAt(db: Db): Promise<Temporal.Instant | null> {
  const row = await db
    .selectFrom('deliveries')
    .select('try_at')
    .where('status', 'in', ['planned', 'retry'])
    .orderBy('try_at')
    .limit(1)
    .executeTakeFirst()
  return row?.try_at ?? null
}

/** How many deliveries could leave at `now` but have not. */
export async function countReady(db: Db, now: Temporal.Instant): Promise<number> {
  const row = await db
    .selectFrom('deliveries')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where(({ eb, and, or }) =>
      or([eb('status', 'in', OPEN), and([eb('status', '=', 'unknown'), eb('resends', '<', RESENDS)])]),
    )
    .where('try_at', '<=', instant(now))
    .where('until', '>', instant(now))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

export async function countByStatus(db: Db): Promise<Partial<Record<Status, number>>> {
  const rows = await db
    .selectFrom('deliveries')
    .select(({ fn }) => ['status', fn.countAll<string>().as('count')])
    .groupBy('status')
    .execute()
  return Object.fromEntries(rows.map((row) => [row.status, Number(row.count)]))
}

/** The last local date of a lesson or inspiration planned for an enrollment, or null. */
export async function lastMorning(db: Db, enrollmentId: string): Promise<Temporal.PlainDate | null> {
  const row = await db
    .selectFrom('deliveries')
    .select('local_date')
    .where('enrollment_id', '=', enrollmentId)
    .where('kind', 'in', ['lesson', 'inspiration'])
    .orderBy('local_date', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.local_date ?? null
}
