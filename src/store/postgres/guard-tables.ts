import type { Generated } from 'kysely'
import type { Evidence, PauseReason } from '../../domain/guard-rails.ts'
import type { ReceiverDetail, ReceiverReportKind } from '../../domain/receiver-report.ts'
import type { SenderFault } from '../../domain/sender-fault.ts'
import type { MaybeTime, Time } from './columns.ts'

/** The tables of migration 0049: what is paused and why, and what receivers report about us. */
export interface GuardTables {
  paused_series: {
    series: string
    since: MaybeTime
    reason: PauseReason | null
    evidence: Evidence | null
    is_told: Generated<boolean>
    mailed_at: MaybeTime
    resumed_at: MaybeTime
    warned_at: MaybeTime
    warned: Evidence | null
  }
  sender_faults: {
    delivery_id: string
    address_hash: Buffer
    fault: SenderFault
    said: string
    at: Time
  }
  receiver_reports: {
    id: string
    kind: ReceiverReportKind
    org: string
    report_id: string
    domain: string
    begins_at: Time
    ends_at: Time
    good: string
    bad: string
    detail: readonly ReceiverDetail[]
    received_at: Time
  }
}
