/** Reports that came back about mails: see domain/report.ts. */
import { sql } from 'kysely'
import type { Report, ReportSource, StoredReportKind } from '../domain/report.ts'
import type { DeliveryOutcome } from '../domain/suppression.ts'
import { idsOf as enrollmentsOf } from './enrollments.ts'
import { messageIdOf } from './message-id.ts'
import { type Db, instant, newId } from './postgres/sql.ts'

export interface NewReport {
  /** Digest of everything that it came in. */
  readonly digest: Buffer
  /** Its position in that, from 0. */
  readonly place: number
  readonly source: ReportSource
  readonly report: Report & { readonly kind: StoredReportKind }
  /** Without addresses. */
  readonly diagnostic: string
  readonly deliveryId: string | null
  readonly series: string | null
  readonly addressHash: Buffer | null
  /** When the mail was sent. */
  readonly mailedAt: Temporal.Instant | null
}

/** Stores a report and returns its id; null if it is known already. */
export async function add(
  db: Db,
  { report, ...given }: NewReport,
  now: Temporal.Instant,
): Promise<string | null> {
  const row = await db
    .insertInto('reports')
    .values({
      id: newId(now),
      digest: given.digest,
      place: given.place,
      kind: report.kind,
      class: report.class,
      reason: report.reason,
      source: given.source,
      delivery_id: given.deliveryId,
      series: given.series,
      address_hash: given.addressHash,
      status: report.status,
      diagnostic: given.diagnostic,
      reported_by: report.reportedBy,
      mailed_at: given.mailedAt && String(given.mailedAt),
      received_at: String(now),
    })
    .onConflict((conflict) => conflict.columns(['digest', 'place']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id ?? null
}

/** A mail that a report is about. */
export interface ReportedMail {
  readonly id: string
  readonly series: string
  readonly kind: string
  readonly item: string
  readonly messageId: string | null
  /** When it was handed over, or else first tried. */
  readonly at: Temporal.Instant | null
  /** Set if it went to an address other than its subscriber's own. */
  readonly recipientHash: Buffer | null
}

const mailsOf = (db: Db) =>
  db
    .selectFrom('deliveries as d')
    .select(['d.id', 'd.series', 'd.kind', 'd.item', messageIdOf.as('messageId')])
    .select(['d.recipient_hash as recipientHash'])
    .select(({ fn }) => fn.coalesce('d.sent_at', 'd.first_tried_at').as('at'))

/** Returns all mails of an enrollment that have been tried. */
export const mailsOfEnrollment = (db: Db, enrollmentId: string): Promise<ReportedMail[]> =>
  mailsOf(db)
    .where('d.enrollment_id', '=', enrollmentId)
    .where('d.first_tried_at', 'is not', null)
    .execute()

/** Returns the mail to a subscriber with this Message-ID; undefined if there is none. */
export const mailByMessageId = (
  db: Db,
  { subscriberId, messageId }: { subscriberId: string; messageId: string },
) =>
  mailsOf(db)
    .select('d.enrollment_id as enrollmentId')
    .where('d.enrollment_id', 'in', enrollmentsOf(db, { subscriberId }))
    .where(messageIdOf, '=', messageId)
    .executeTakeFirst()

/** Returns the mail with this provider's id, and whose it is; undefined if there is none. */
export const mailByProviderId = (db: Db, providerId: string) =>
  mailsOf(db)
    .innerJoin('enrollments as e', 'e.id', 'd.enrollment_id')
    .select(['d.enrollment_id as enrollmentId', 'e.subscriber_id as subscriberId'])
    .where('d.provider_id', '=', providerId)
    .executeTakeFirst()

/** Days. Mails further back say nothing about how an address fares. */
const HISTORY_DAYS = 120
const MAX_MAILS = 400

/**
 * Returns how the mails to a subscriber have fared, in the order they were sent: those handed over
 * or refused, and the one being counted.
 */
export async function deliveryHistoryOf(
  db: Db,
  { subscriberId, deliveryId }: { subscriberId: string; deliveryId: string },
  now: Temporal.Instant,
): Promise<DeliveryOutcome[]> {
  const since = instant(now.subtract({ hours: 24 * HISTORY_DAYS }))
  const { rows } = await sql<DeliveryOutcome>`
    select d.id, coalesce(d.sent_at, d.first_tried_at) as at, (
      select r.class from reports r
      where r.delivery_id = d.id and r.kind = 'bounce' and r.class in ('hard', 'disabled', 'soft')
      order by r.received_at desc limit 1
    ) as bounced
    from enrollments e join deliveries d on d.enrollment_id = e.id
    where e.subscriber_id = ${subscriberId} and (d.status in ('sent', 'bounced', 'refused')
      or d.id = ${deliveryId})
      and d.recipient is null and d.first_tried_at >= ${since}
    order by coalesce(d.sent_at, d.first_tried_at) desc, d.id desc limit ${MAX_MAILS}`.execute(db)
  return rows.toReversed()
}

/** Returns the last bounces and complaints of an address, newest first. */
export const ofAddress = (db: Db, hashes: readonly Buffer[], limit: number) =>
  db
    .selectFrom('reports')
    .selectAll()
    .where('address_hash', 'in', [...hashes])
    .orderBy('received_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

/** Deletes older reports. A suppression stays when the report behind it is deleted. */
export const purge = (db: Db, before: Temporal.Instant) =>
  db.deleteFrom('reports').where('received_at', '<', instant(before)).execute()
