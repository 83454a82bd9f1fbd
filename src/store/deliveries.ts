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

/** Minutes a worker may hold a delivery: longer than SMTP's longest silence (standards.md D13). */
const LEASE = '15 minutes'

/**
 * May this delivery leave? Its enrollment is what the kind of mail needs, and nobody has suppressed the
 * address. Someone who unsubscribed from everything may still be asked to confirm a fresh enrollment.
 */
const mayLeave: Expression<SqlBool> = sql`
  exists (
    select from enrollments e join subscribers s on s.id = e.subscriber_id
    where e.id = d.enrollment_id
      and e.status = any (case d.kind
        when 'confirm' then array['pending']
        when 'completion' then array['completed']
        when 'welcome' then array['active', 'completed']
        else array['active', 'completed'] end)
      and not exists (
        select from suppressions x where x.address_hash = s.address_hash
          and not (d.kind = 'confirm' and x.reason = 'unsubscribe')
      )
  )`

/**
 * Takes a delivery for sending, in the one statement that precedes SMTP: it is ready, its window is open
 * (I7), and the person still wants it (I2). Null when another worker has it or it may not leave.
 * The lease runs on the database's own clock, which no sandbox moves.
 */
export async function claim(db: Db, id: string, now: Temporal.Instant, messageId: string) {
  const { from, to } = moveOf('claim')
  const at = String(now)
  const { rows } = await sql<
    Delivery & { address: string; first_name: string; enrolled_at: Temporal.Instant }
  >`
    update deliveries d set
      status = ${to},
      attempts = attempts + 1,
      resends = resends + case when d.status = 'unknown' then 1 else 0 end,
      lease_until = now() + ${LEASE}::interval,
      first_tried_at = coalesce(first_tried_at, ${at}),
      message_id = coalesce(message_id, ${messageId})
    from subscribers s, enrollments en
    where d.id = ${id} and s.id = d.subscriber_id and en.id = d.enrollment_id
      and d.status = any (${[...from]}::text[]) and (d.status <> 'unknown' or d.resends < ${RESENDS})
      and d.due_at <= ${at} and d.try_at <= ${at} and d.until > ${at}
      and ${mayLeave}
    returning d.*, s.address, s.first_name, en.created_at as enrolled_at`.execute(db)
  return rows[0] ?? null
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

export const accept = (db: Db, id: string, edition: string, now: Temporal.Instant) =>
  move(db, id, 'accept', { sent_at: String(now), edition, reason: null })

export const defer = (db: Db, id: string, until: Temporal.Instant, reason: string) =>
  move(db, id, 'defer', { try_at: String(until), reason, queued_at: null })

export const release = (db: Db, id: string) =>
  move(db, id, 'release', { queued_at: null, attempts: sql`attempts - 1` })

export const bounce = (db: Db, id: string, reason: string) => move(db, id, 'bounce', { reason })
export const refuse = (db: Db, id: string, reason: string) => move(db, id, 'refuse', { reason })
export const lose = (db: Db, id: string, reason: string) => move(db, id, 'lose', { reason, queued_at: null })

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
    where d.status = any (${[...skip.from]}::text[]) and d.try_at <= ${String(now)} and not ${mayLeave}`.execute(
    db,
  )
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
