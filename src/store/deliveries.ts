/**
 * The ledger. Every change of status is a move of domain/delivery.ts, from which the statements
 * take their statuses.
 */
import { type Selectable, sql } from 'kysely'
import { type DeliveryKind, ON_REQUEST, type Transition, transitionOf } from '../domain/delivery.ts'
import type { FieldValues } from '../domain/own-fields.ts'
import type { SendWindow } from '../domain/schedule.ts'
import { countSendingTo } from './comment-mails.ts'
import { isEligible, isSentSeparately, isTriedAutomatically } from './eligibility.ts'
import { type EnrollmentFilter, idsOf as enrollmentsOf } from './enrollments.ts'
import type { Lease } from './leases.ts'
import * as lineage from './lineage.ts'
import { messageIdOf } from './message-id.ts'
import { entryOf, type Result, triesWith } from './outcomes.ts'
import { type Db, literals, prepared } from './postgres/sql.ts'
import type { Tables } from './postgres/tables.ts'
import { countSent } from './sent-counts.ts'

export type Delivery = Selectable<Tables['deliveries']>

export { add, type NewDelivery, write } from './new-deliveries.ts'

/** A delivery claimed for sending, with the personal data that its mail needs. */
export interface ClaimedDelivery {
  readonly id: string
  readonly enrollmentId: string
  readonly subscriberId: string
  readonly series: string
  readonly kind: DeliveryKind
  readonly item: string
  readonly day: number | null
  readonly afterPause: boolean
  readonly localDate: Temporal.PlainDate
  readonly attempts: number
  readonly messageId: string
  readonly firstTriedAt: Temporal.Instant
  readonly until: Temporal.Instant
  /** Hash of the text of an earlier attempt; null if there was none. */
  readonly edition: string | null
  readonly address: string
  readonly firstName: string
  /** Language of mails that belong to no series; null uses the language of the series. */
  readonly language: string | null
  /** Their answers to own fields, as of the first attempt. */
  readonly fields: FieldValues
  /** Epoch of its links. */
  readonly epoch: number
  readonly zone: string
  readonly enrolledAt: Temporal.Instant
  /** When the enrollment's next mail is due. */
  readonly nextAt: Temporal.Instant | null
  /** The inspiration that goes in the same mail. */
  readonly companion: ClaimedCompanion | null
  /** Id of the mail about answers to their comments that goes in the same mail. */
  readonly answers: string | null
}

export interface ClaimedCompanion {
  readonly id: string
  readonly enrollmentId: string
  readonly series: string
  readonly localDate: Temporal.PlainDate
  readonly attempts: number
}

export interface ClaimTerms {
  readonly now: Temporal.Instant
  readonly lease: Lease
  /** How many times a delivery whose outcome is unknown may be resent. */
  readonly resends: number
  /** Domain of the Message-IDs of mails that no earlier attempt has named. */
  readonly domain: string
  /** Nothing is claimed from a database whose past is in question. */
  readonly seen: lineage.KnownLineage
}

/**
 * Claims deliveries for sending, in the one statement that precedes SMTP: each is ready, its window
 * is open (I7), and the person still wants it (I2). What another worker has, or may not leave, is
 * passed over.
 *
 * The enrollment is share-locked until this is committed, so that somebody who leaves meanwhile
 * either comes first, and the delivery is passed over, or sees that it is being sent: see
 * actions/readers/unsubscribe.ts. An inspiration in a lesson's mail is claimed with the lesson,
 * under the same conditions, or not at all.
 */
export async function claim(
  db: Db,
  wanted: readonly string[],
  { now, lease, resends, domain, seen }: ClaimTerms,
): Promise<ClaimedDelivery[]> {
  const { from, to } = transitionOf('claim')
  const at = String(now)
  const isReady = sql`d.status in (${literals(from)}) and ${isTriedAutomatically(resends)}
    and d.try_at <= ${at} and d.until > ${at} and ${isEligible}`
  const { rows } = await sql<ClaimedDelivery & { with: string | null }>`
    ${prepared('claim')} with alone as (
      select d.id, e.subscriber_id, coalesce(d.recipient, s.address) as address, s.first_name,
        s.language, s.epoch, e.zone,
        e.created_at as enrolled_at, e.due_at as next_at, nullif(e.fields, '{}') as fields,
        d.local_date
      from unnest(${[...wanted]}::uuid[]) as w (id)
      join ledger d on d.id = w.id
      join enrollments e on e.id = d.enrollment_id
      join subscribers s on s.id = e.subscriber_id
      where ${lineage.isSound(seen)} and ${isReady} and ${isSentSeparately(now)}
      for update of d skip locked for share of e skip locked
    ), companions as (
      select d.id, alone.id as "with", s.epoch
      from alone
      join ledger d on d.merged_into = alone.id and d.local_date = alone.local_date
      join enrollments e on e.id = d.enrollment_id
      join subscribers s on s.id = e.subscriber_id
      where ${isReady}
      for update of d skip locked for share of e skip locked
    ), ready as (
      select id, null::uuid as "with", subscriber_id, address, first_name, language, epoch, zone,
        enrolled_at, next_at, fields from alone
      union all
      select id, "with", null, null, null, null, epoch, null, null, null, null from companions
    )
    update ledger d set
      status = ${to},
      attempts = attempts + 1,
      resends = resends + case when d.status = 'unknown' then 1 else 0 end,
      worker = ${lease.worker},
      first_tried_at = coalesce(first_tried_at, ${at}),
      message_id = coalesce(d.message_id, case when ready."with" is null
      then '@' || ${domain}::text end),
      first_name = coalesce(d.first_name, ready.first_name),
      fields = case when d.first_tried_at is null then ready.fields else d.fields end,
      -- One that was tried before there were epochs has the first.
      epoch = coalesce(d.epoch, case when d.first_tried_at is null then ready.epoch else 0 end)
    from ready where d.id = ready.id and d.status in (${literals(from)})
    returning d.id, d.enrollment_id as "enrollmentId", ready.subscriber_id as "subscriberId",
      d.series, d.kind, d.item, d.day, d.after_pause as "afterPause",
      d.local_date as "localDate", d.attempts, ${messageIdOf} as "messageId",
      d.first_tried_at as "firstTriedAt",
      d.until, d.edition, ready.address, d.first_name as "firstName",
      coalesce(d.fields, '{}') as fields, ready.language, d.epoch, ready.zone,
      ready.enrolled_at as "enrolledAt",
      ready.next_at as "nextAt", ready."with", (
        select m.id from comment_mails m
        where m.merged_into = d.id and m.on_date = d.local_date and m.status in ('planned', 'retry')
          limit 1
      ) as answers`.execute(db)
  const companions = new Map(rows.map((row) => [row.with, row]))
  return rows
    .filter((row) => row.with === null)
    .map((row) => ({ ...row, companion: companions.get(row.id) ?? null }))
}

/** Counts the mails to a subscriber that are being sent, including those about comments. */
export async function countSending(db: Db, subscriberId: string): Promise<number> {
  const row = await db
    .selectFrom('deliveries')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('enrollment_id', 'in', enrollmentsOf(db, { subscriberId }))
    .where('status', '=', 'sending')
    .executeTakeFirstOrThrow()
  return Number(row.count) + (await countSendingTo(db, subscriberId))
}

/** Moves one delivery if its status allows it. Returns whether it did. */
export async function move(
  db: Db,
  id: string,
  name: Transition,
  set: Record<string, unknown>,
): Promise<boolean> {
  const { from, to } = transitionOf(name)
  const { numUpdatedRows } = await db
    .updateTable('ledger')
    .set({ ...set, status: to })
    .where('id', '=', id)
    .where('status', 'in', [...from])
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Why an address counts as nonexistent, with what `finish` records of a failure. */
export type Bounce = Pick<Result, 'server' | 'failure'> & { readonly reason: string }

export async function bounce(
  db: Db,
  id: string,
  { reason, server, failure }: Bounce,
): Promise<boolean> {
  const { from, to } = transitionOf('bounce')
  const { rows } = await sql`
    with done as (
    update ledger d set status = ${to}, worker = null, queued_at = null, reason = ${reason},
      reason_code = null,
      server = coalesce(${server ?? null}, d.server),
      tries = ${triesWith(sql`${failure ? entryOf(failure) : null}`)}
    where d.id = ${id} and d.status in (${literals(from)})
    returning d.series, d.kind, d.item_id, d.first_tried_at
    ), counted as (
      ${countSent(sql`select series, kind, item_id, first_tried_at as at from done`)}
    )
    select from done`.execute(db)
  return rows.length > 0
}

/** Gives a lesson that has not left a new morning. */
export const redate = (db: Db, id: string, morning: SendWindow, afterPause: boolean) =>
  move(db, id, 'redate', {
    local_date: String(morning.on),
    due_at: String(morning.at),
    try_at: String(morning.at),
    until: String(morning.until),
    held: false,
    queued_at: null,
    asked: false,
    ...(afterPause && { after_pause: true }),
  })

/**
 * Ends a subscriber's mails that have yet to be sent, of one series or of all, except those asked
 * for by a form. A mail that is being sent cannot be stopped, and one of unknown outcome is not
 * resent.
 */
export async function skipUnsent(db: Db, whose: EnrollmentFilter, reason: string) {
  const courseMails = db
    .updateTable('ledger')
    .where('enrollment_id', 'in', enrollmentsOf(db, whose))
    .where('kind', 'not in', [...ON_REQUEST])
  const { from, to } = transitionOf('skip')
  await courseMails
    .set({ status: to, reason, reason_code: null })
    .where('status', 'in', [...from])
    .execute()
  await courseMails.set({ resends_ended: true }).where('status', '=', 'unknown').execute()
}

/**
 * Returns the confirmation mails sent to a subscriber, newest first, each with the status of its
 * enrollment.
 */
export const confirmations = (db: Db, subscriberId: string) =>
  db
    .selectFrom('deliveries as d')
    .innerJoin('enrollments as e', 'e.id', 'd.enrollment_id')
    .select(['d.created_at', 'e.status'])
    .where('e.subscriber_id', '=', subscriberId)
    .where('d.kind', '=', 'confirm')
    .orderBy('d.created_at', 'desc')
    .orderBy('d.id', 'desc')
    .execute()
