/** What receivers have reported, summarized for an operator. */
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly stores: Pick<typeof stores, 'receiverReports'>
}

export interface ReceiverSummary extends stores.receiverReports.ReportTotals {
  /** Failures first; at most 100 for all domains together. */
  readonly details: readonly Pick<
    stores.receiverReports.DetailTotals,
    'source' | 'isGood' | 'how' | 'count'
  >[]
}

const MAX_DETAILS = 100

/** Returns what came since then, by kind and domain. */
export async function receiverSummaries(
  since: Temporal.Instant,
  { db, stores }: Deps,
): Promise<ReceiverSummary[]> {
  const sums = await stores.receiverReports.totals(db, since)
  if (sums.length === 0) return []
  const details = await stores.receiverReports.details(db, since, MAX_DETAILS)
  return sums.map((sum) => ({
    ...sum,
    details: details.flatMap(({ kind, domain, ...detail }) =>
      kind === sum.kind && domain === sum.domain ? [detail] : [],
    ),
  }))
}
