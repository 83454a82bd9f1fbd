/** Daily reports of receivers: each is stored once. */
import {
  isAboutOurDomain,
  type ReceiverReport,
  storableReport,
} from '../../domain/receiver-report.ts'
import type { DmarcReport } from '../../mail/inbound/dmarc-report.ts'
import type { TlsReport } from '../../mail/inbound/tls-report.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'receiverReports'>
  /** Domain of the sender; `bounceDomain` is the one that bounces come back to, if any. */
  readonly domain: string
  readonly bounceDomain: string | null
}

/**
 * `kept`: stored for the first time. `not ours`: about none of our domains, or without identity.
 */
export type StoreResult = 'kept' | 'known' | 'not ours'

/** Stores a report. A second one with the same id from the same sender changes nothing. */
export async function storeReceiverReport(
  report: ReceiverReport,
  { db, now, stores, domain, bounceDomain }: Deps,
): Promise<StoreResult> {
  const kept = storableReport(report)
  const domains = bounceDomain === null ? [domain] : [domain, bounceDomain]
  if (kept.org === '' || kept.reportId === '' || !isAboutOurDomain(kept.domain, domains))
    return 'not ours'
  return (await stores.receiverReports.add(db, kept, now())) ? 'kept' : 'known'
}

/** Converts a DMARC report for storage: which address sent how many mails, aligned or not. */
export const fromDmarc = (report: DmarcReport): ReceiverReport => {
  const details = report.sources.map((source) => {
    const aligned = [source.dkimAligned && 'DKIM', source.spfAligned && 'SPF'].filter(Boolean)
    const isGood = aligned.length > 0
    const how = isGood ? aligned.join(' and ') : source.disposition
    return { source: source.sourceIp, count: source.mails, isGood, how }
  })
  return {
    ...headOf(report),
    kind: 'dmarc',
    domain: report.domain,
    good: sumOf(details.filter(({ isGood }) => isGood)),
    bad: sumOf(details.filter(({ isGood }) => !isGood)),
    details,
  }
}

/** Converts a TLS report for storage, into one for each of our domains that it covers. */
export const fromTls = (report: TlsReport): ReceiverReport[] => {
  const byDomain = Map.groupBy(report.policies, ({ domain }) => domain)
  return [...byDomain].map(([domain, policies]) => ({
    ...headOf(report),
    // One report may cover several domains; each part gets an id of its own.
    reportId: byDomain.size > 1 ? `${report.reportId} ${domain}` : report.reportId,
    kind: 'tls',
    domain,
    good: sumOf(policies.map(({ succeeded: count }) => ({ count }))),
    bad: sumOf(policies.map(({ failed: count }) => ({ count }))),
    details: policies.flatMap(({ failures }) =>
      failures.map(({ type, sessions, receivingMx }) => {
        return { source: type, count: sessions, isGood: false, how: receivingMx ?? '' }
      }),
    ),
  }))
}

const headOf = ({ reportedBy: org, reportId, from, until }: DmarcReport | TlsReport) => ({
  org,
  reportId,
  from,
  until,
})

/** Keeps made-up numbers within safe integers. */
const sumOf = (rows: readonly { readonly count: number }[]) =>
  Math.min(
    rows.reduce((sum, { count }) => sum + count, 0),
    Number.MAX_SAFE_INTEGER,
  )
