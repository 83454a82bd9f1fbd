/** Applies the consequences of a report about a mail; nothing else suppresses because of one. */

import type { Report, ReportSource, StoredReportKind } from '../../domain/report.ts'
import { redactedReply } from '../../domain/smtp-reply.ts'
import {
  type SoftBounceLimit,
  type SuppressionReason,
  suppressionReasonFor,
} from '../../domain/suppression.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly stores: Pick<
    typeof stores,
    'reports' | 'suppressions' | 'enrollments' | 'deliveries' | 'subscribers'
  >
  readonly softLimit: SoftBounceLimit
}

export interface ReportToCount {
  /** Identifies the piece that the report came in; `place` is its position there. */
  readonly digest: Buffer
  readonly place: number
  readonly source: ReportSource
  readonly report: Report & { readonly kind: StoredReportKind }
  /** Whose mail it is; null if no known subscriber's. */
  readonly subscriberId: string | null
  /** The address that the mail went to. */
  readonly addressHash: Buffer | null
  /** Whether that is the subscriber's current address. */
  readonly isTheirs: boolean
  readonly mail: Pick<stores.reports.ReportedMail, 'id' | 'series' | 'at'> | null
}

export interface CountResult {
  readonly id: string
  /** Why the address gets no mail from now on; null if it still does, or did not before. */
  readonly suppressed: SuppressionReason | null
}

/**
 * Stores a report and applies its consequences, within the caller's transaction. Returns null if
 * the report is already known, so that nothing counts twice.
 */
export async function countReport(
  tx: Db,
  counted: ReportToCount,
  now: Temporal.Instant,
  deps: Deps,
): Promise<CountResult | null> {
  const { stores } = deps
  const { report, source, digest, place, addressHash, subscriberId, isTheirs, mail } = counted
  // Reports about one person are processed one after another, so that each sees what the others
  // counted.
  if (subscriberId) await stores.subscribers.lock(tx, subscriberId)
  const id = await stores.reports.add(
    tx,
    {
      digest,
      place,
      source,
      report,
      diagnostic: redactedReply(report.diagnostic),
      deliveryId: mail?.id ?? null,
      series: mail?.series ?? null,
      addressHash,
      mailedAt: mail?.at ?? null,
    },
    now,
  )
  if (!id) return null
  const reason = isTheirs ? await reasonFor(tx, counted, now, deps) : null
  if (!reason || !addressHash) return { id, suppressed: null }
  const why = { reason, source, reportId: id }
  const isNew = await stores.suppressions.add(tx, addressHash, why, now)
  if (subscriberId) {
    await stores.enrollments.end(tx, { subscriberId }, 'stopped', now)
    await stores.deliveries.skipUnsent(tx, { subscriberId }, SKIP_REASONS[reason])
  }
  return { id, suppressed: isNew ? reason : null }
}

type ReportSuppressionReason = Extract<
  SuppressionReason,
  'bounce' | 'soft_bounce' | 'complaint' | 'provider'
>

/** The ledger's reason for skipping their deliveries. */
const SKIP_REASONS: Readonly<Record<ReportSuppressionReason, string>> = {
  bounce: 'the address bounced',
  soft_bounce: 'the address refused mail for too long',
  complaint: 'its reader called our mail spam',
  provider: "the address is on the provider's own list",
}

async function reasonFor(
  tx: Db,
  { report, subscriberId, mail }: ReportToCount,
  now: Temporal.Instant,
  { stores, softLimit }: Deps,
): Promise<ReportSuppressionReason | null> {
  if (report.kind === 'complaint') return 'complaint'
  if (report.kind !== 'bounce') return null
  if (report.reason === 'suppressed') return 'provider'
  if (report.class === 'hard') return 'bounce'
  if (report.class !== 'soft' && report.class !== 'disabled') return null
  if (!subscriberId || !mail) return null
  const history = await stores.reports.deliveryHistoryOf(
    tx,
    { subscriberId, deliveryId: mail.id },
    now,
  )
  return suppressionReasonFor(history, mail.id, softLimit)
}
