/** Adds to the ledger: every mail is a row before it is sent. */
import { sql } from 'kysely'
import { type DeliveryKind, PASSING, type ReasonCode } from '../domain/delivery.ts'
import type { SendWindow } from '../domain/schedule.ts'
import { ensureItems, type NumberOf } from './ledger-items.ts'
import { type Db, literals, newId, prepared } from './postgres/sql.ts'

export interface NewDelivery {
  /** Generated if not given. */
  readonly id?: string
  readonly enrollmentId: string
  readonly series: string
  readonly kind: DeliveryKind
  readonly item: string
  readonly day: number | null
  readonly morning: SendWindow
  readonly status?: 'planned' | 'expired' | 'skipped'
  /** The reader asked for it now, so it may share its date with a regular one. */
  readonly asked?: true
  /** The first after a pause that ended by itself. */
  readonly afterPause?: boolean
  /** An address other than the subscriber's own. */
  readonly recipient?: string
  /** Keyed hash of `recipient`, by which its suppressions are found. */
  readonly recipientHash?: Buffer
  /** The delivery whose mail includes this one. */
  readonly mergedInto?: string
  /** No job exists for it yet: the next sweep queues it. */
  readonly unqueued?: true
}

/** Recorded for a mail that its reader did not want. */
export const SKIPPED_BY_READER = {
  reason: 'skipped by the reader',
  reason_code: 'skipped_by_reader',
} as const satisfies { reason: string; reason_code: ReasonCode }

const REASONS = {
  planned: { reason: null, reason_code: null },
  expired: { reason: 'its time had passed', reason_code: null },
  skipped: SKIPPED_BY_READER,
} as const

/** How long a row is kept once it has ended: see migrations 0056 and 0064. */
export const RETENTION = { kept: 3, passing: 4 } as const
/** The same of rows that are not in their months yet: see old-ledger.ts. */
export const OLD_RETENTIONS = [0, 1, 2] as const
/** Whether an ended row d is one of those. */
export const isOld = sql.raw<boolean>(`d.retention in (${OLD_RETENTIONS.join()})`)

/**
 * Adds rows to the ledger; those it already has are left alone. Returns the ids of the new ones
 * that are to be sent as mails of their own.
 */
export const add = (
  db: Db,
  mails: readonly NewDelivery[],
  now: Temporal.Instant,
): Promise<string[]> => (mails.length === 0 ? Promise.resolve([]) : write(db, mails, now))

/**
 * Like `add`, but runs the same statements when there is nothing to add: for work that must not
 * reveal whether there was.
 */
export async function write(
  db: Db,
  mails: readonly NewDelivery[],
  now: Temporal.Instant,
): Promise<string[]> {
  const numberOf = await ensureItems(db, mails)
  const ended = mails.filter(({ status = 'planned' }) => status !== 'planned')
  const planned = ended.length > 0 ? mails.filter((mail) => !ended.includes(mail)) : mails
  if (ended.length > 0) await insert(db, 'ledger', ended, { now, numberOf })
  const added = await insert(db, 'deliveries_outstanding', planned, { now, numberOf })
  const again = await deleteDuplicates(db, added)
  return added.filter(({ id, merged_into }) => !merged_into && !again.has(id)).map(({ id }) => id)
}

interface Added {
  readonly id: string
  readonly enrollment_id: string
  readonly kind: DeliveryKind
  readonly item: string
  readonly item_id: number | null
  readonly local_date: Temporal.PlainDate
  readonly merged_into: string | null
}

/** Whether m has the key of an ended delivery d, and the same for what is not shared. */
const isSame = sql`d.enrollment_id = m.enrollment_id and d.item_id = m.item_id`
const isSameOwn = sql`m.item_id is null and d.item_id is null
  and d.enrollment_id = m.enrollment_id and d.kind = m.kind and d.item = m.item`

/**
 * A key taken by an ended delivery (I1) does not conflict in the part for outstanding ones. It is
 * checked once the rows are inserted: a delivery that ends meanwhile either conflicts or is seen
 * here.
 */
async function deleteDuplicates(db: Db, added: readonly Added[]): Promise<ReadonlySet<string>> {
  const column = <T>(value: (row: Added) => T) => added.map(value)
  const { rows } = await sql<{ id: string }>`
    ${prepared('take-back-repeated')} with repeated as (
      select m.id from unnest(
        ${column(({ id }) => id)}::uuid[],
        ${column((row) => row.enrollment_id)}::uuid[],
        ${column(({ kind }) => kind)}::text[],
        ${column(({ item }) => item)}::text[],
        ${column((row) => row.item_id)}::int[],
        ${column((row) => String(row.local_date))}::date[]
      ) as m (id, enrollment_id, kind, item, item_id, local_date), lateral (
        select from deliveries_kept d
        where m.kind not in (${literals(PASSING)}) and ${isSame}
        union all
        select from deliveries_kept d
        where m.kind not in (${literals(PASSING)}) and ${isSameOwn}
        union all
        select from deliveries_passing d
        where m.kind in (${literals(PASSING)}) and d.local_date = m.local_date and ${isSame}
        union all
        select from deliveries_passing d
        where m.kind in (${literals(PASSING)}) and d.local_date = m.local_date and ${isSameOwn}
        union all
        select from deliveries_ended d
        where ${isOld}
          and d.enrollment_id = m.enrollment_id and d.kind = m.kind and d.item = m.item
      ) as there
    )
    delete from deliveries_outstanding d using repeated r where d.id = r.id returning d.id`.execute(
    db,
  )
  return new Set(rows.map(({ id }) => id))
}

/**
 * Whole columns instead of rows: the statement is the same for one mail and for five hundred. What
 * is planned counts as queued: its jobs are added as soon as this is committed.
 */
async function insert(
  db: Db,
  table: 'ledger' | 'deliveries_outstanding',
  mails: readonly NewDelivery[],
  { now, numberOf }: { readonly now: Temporal.Instant; readonly numberOf: NumberOf },
): Promise<readonly Added[]> {
  const column = <T>(value: (mail: NewDelivery) => T) => mails.map(value)
  const { rows } = await sql<Added>`
    ${prepared(table === 'ledger' ? 'add-ended' : 'add-deliveries')} insert into
    ${sql.table(table)} (id, enrollment_id, series, kind, item, day, local_date, due_at, until,
    try_at,
      status, queued_at, reason, reason_code, asked, after_pause, recipient, recipient_hash,
      merged_into, created_at, retention, item_id)
    select m.id, m.enrollment_id, m.series, m.kind, m.item, m.day, m.local_date, m.due_at, m.until,
      m.due_at, m.status, case when m.status = 'planned' and m.merged_into is null
      and not m.unqueued then now() end, m.reason, m.reason_code, m.asked,
      m.after_pause, m.recipient, m.recipient_hash, m.merged_into,
      ${String(now)}::timestamptz, case when m.kind in (${literals(PASSING)})
      then ${sql.lit(RETENTION.passing)} else ${sql.lit(RETENTION.kept)} end, m.item_id
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
      ${column(({ asked = false }) => asked)}::boolean[],
      ${column(({ afterPause = false }) => afterPause)}::boolean[],
      ${column(({ recipient = null }) => recipient)}::text[],
      ${column(({ recipientHash = null }) => recipientHash)}::bytea[],
      ${column(({ mergedInto = null }) => mergedInto)}::uuid[],
      ${column(({ unqueued = false }) => unqueued)}::boolean[],
      ${column(numberOf)}::int[]
    ) as m (id, enrollment_id, series, kind, item, day, local_date, due_at, until, status, reason,
      reason_code, asked,
      after_pause, recipient, recipient_hash, merged_into, unqueued, item_id)
    on conflict ${table === 'ledger' ? sql`` : sql`(enrollment_id, kind, item)`} do nothing
    returning id, enrollment_id, kind, item, item_id, local_date, merged_into`.execute(db)
  return rows
}
