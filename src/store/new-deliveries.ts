/** What is added to the ledger: every mail is a row before it is sent. */
import { sql } from 'kysely'
import type { DeliveryStatus, Kind, ReasonCode } from '../domain/delivery.ts'
import type { SendWindow } from '../domain/schedule.ts'
import { type Db, newId, prepared } from './postgres/sql.ts'

export interface NewDelivery {
  /** Made up when it is not given. */
  readonly id?: string
  readonly enrollmentId: string
  readonly series: string
  readonly kind: Kind
  readonly item: string
  readonly day: number | null
  readonly morning: SendWindow
  readonly status?: 'planned' | 'expired' | 'skipped'
  /** The reader asked for it now: it may share its date with a regular one. */
  readonly asked?: true
  /** The first after a pause that ended by itself. */
  readonly afterPause?: boolean
  /** Another address than the subscriber's own. */
  readonly recipient?: string
  /** Its keyed hash: whoever wants no mail there is asked by it. */
  readonly recipientHash?: Buffer
  /** The delivery whose mail this goes into. */
  readonly mergedInto?: string
  /** No job stands for it yet: the next sweep queues it. */
  readonly unqueued?: true
}

/** What stands of a mail that its reader did not want. */
export const SKIPPED_BY_READER = {
  reason: 'skipped by the reader',
  reason_code: 'skipped_by_reader',
} as const satisfies { reason: string; reason_code: ReasonCode }

const REASONS = {
  planned: { reason: null, reason_code: null },
  expired: { reason: 'its time had passed', reason_code: null },
  skipped: SKIPPED_BY_READER,
} as const

/**
 * Adds rows to the ledger; one that stands there already is left alone. Returns the ids of those to
 * send by themselves.
 */
export const add = (
  db: Db,
  mails: readonly NewDelivery[],
  now: Temporal.Instant,
): Promise<string[]> => (mails.length === 0 ? Promise.resolve([]) : write(db, mails, now))

/**
 * The same, by the same statement when there is nothing to add: for work that must not show whether
 * there was.
 */
export async function write(
  db: Db,
  mails: readonly NewDelivery[],
  now: Temporal.Instant,
): Promise<string[]> {
  const column = <T>(value: (mail: NewDelivery) => T) => mails.map(value)
  // Whole columns instead of rows: the statement is the same for one mail and for five hundred. A
  // job will stand for what is planned as soon as this is committed.
  const { rows } = await sql<{ id: string; status: DeliveryStatus; merged_into: string | null }>`
    ${prepared('add-deliveries')} insert into deliveries (id, enrollment_id, series, kind, item, day, local_date, due_at, until, try_at,
      status, queued_at, reason, reason_code, asked, after_pause, recipient, recipient_hash, merged_into, created_at)
    select m.id, m.enrollment_id, m.series, m.kind, m.item, m.day, m.local_date, m.due_at, m.until,
      m.due_at, m.status, case when m.status = 'planned' and m.merged_into is null and not m.unqueued then now() end, m.reason, m.reason_code, m.asked,
      m.after_pause, m.recipient, m.recipient_hash, m.merged_into,
      ${String(now)}::timestamptz
    from unnest(
      ${column(({ id }) => id ?? newId(now))}::uuid[],
      ${column((mail) => mail.enrollmentId)}::uuid[],
      ${column((mail) => mail.series)}::text[],
      ${column((mail) => mail.kind)}::text[],
      ${column((mail) => mail.item)}::text[],
      ${column((mail) => mail.day)}::int[],
      ${column(({ morning }) => String(morning.on))}::date[],
      ${column(({ morning }) => String(morning.at))}::timestamptz[],
      ${column(({ morning }) => String(morning.until))}::timestamptz[],
      ${column(({ status = 'planned' }) => status)}::text[],
      ${column(({ status = 'planned' }) => REASONS[status].reason)}::text[],
      ${column(({ status = 'planned' }) => REASONS[status].reason_code)}::text[],
      ${column(({ asked = false }) => asked)}::boolean[], ${column(({ afterPause = false }) => afterPause)}::boolean[],
      ${column(({ recipient = null }) => recipient)}::text[],
      ${column(({ recipientHash = null }) => recipientHash)}::bytea[],
      ${column(({ mergedInto = null }) => mergedInto)}::uuid[],
      ${column(({ unqueued = false }) => unqueued)}::boolean[]
    ) as m (id, enrollment_id, series, kind, item, day, local_date, due_at, until, status, reason, reason_code, asked,
      after_pause, recipient, recipient_hash, merged_into, unqueued)
    on conflict (enrollment_id, kind, item) do nothing
    returning id, status, merged_into`.execute(db)
  return rows
    .filter(({ status, merged_into }) => status === 'planned' && !merged_into)
    .map(({ id }) => id)
}
