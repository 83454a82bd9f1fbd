import type { Generated } from 'kysely'
import type { DeliveryKind, DeliveryStatus, ReasonCode } from '../../domain/delivery.ts'
import type { FieldValues } from '../../domain/own-fields.ts'
import type { Day, MaybeTime, Time } from './columns.ts'

/** A row of the ledger as it reads, in any state. */
interface DeliveryRow {
  id: string
  enrollment_id: string
  series: string
  kind: DeliveryKind
  item: string
  day: number | null
  local_date: Day
  due_at: Time
  until: Time
  status: Generated<DeliveryStatus>
  reason: string | null
  reason_code: ReasonCode | null
  server: string | null
  reply: string | null
  provider_id: string | null
  tries: string[] | null
  attempts: Generated<number>
  resends: Generated<number>
  resends_ended: Generated<boolean>
  /** Null once it has come. */
  try_at: MaybeTime
  held: Generated<boolean>
  worker: string | null
  queued_at: MaybeTime
  /** When its outcome was last recorded as unknown. */
  lost_at: MaybeTime
  /** See migration 0056. */
  retention: Generated<number>
  first_tried_at: MaybeTime
  message_id: string | null
  edition: string | null
  /**
   * Once it has come, replaces `edition`, `server`, `message_id` and the first words of `reply`:
   * see sendings.ts.
   */
  sending: number | null
  asked: Generated<boolean>
  after_pause: Generated<boolean>
  recipient: string | null
  recipient_hash: Buffer | null
  sent_at: MaybeTime
  merged_into: string | null
  first_name: string | null
  epoch: number | null
  created_at: Time
  fields: FieldValues | null
  /** Its series, kind and item, for a kind that many share: see migration 0064. */
  item_id: number | null
}

/** A row as it is written: once it has come, what its item and its id say is left out. */
type LedgerRow = Omit<DeliveryRow, 'series' | 'kind' | 'item' | 'until' | 'created_at'> & {
  series: string | null
  kind: DeliveryKind | null
  item: string | null
  until: MaybeTime
  created_at: MaybeTime
}

/** The ledger (migration 0056), and what is stored once for many of its rows. */
export interface LedgerTables {
  ledger: LedgerRow
  /** A view of the ledger. */
  deliveries: DeliveryRow
  ledger_items: { id: Generated<number>; series: string; kind: DeliveryKind; item: string }
  sendings: {
    id: Generated<number>
    edition: string
    server: string
    domain: string
    reply: string
  }
  workers: { name: string; lease_until: Time }
  sent_counts: { series: string; minute: Time; mails: number }
  letters: { delivery_id: string; articles: string[]; through: Time }
  editions: { hash: string; subject: string; html: string; text: string; kept_at: Time }
}
