/** What receivers report of a day: kept once each. */
import { isAboutOurs, keptReport, type ReceiverReport } from '../../domain/receiver-report.ts'
import type { DmarcReport } from '../../mail/inbound/dmarc-report.ts'
import type { TlsReport } from '../../mail/inbound/tls-report.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'receiverReports'>
  /** Of the sender; and that mails come back to, if there is one. */
  readonly domain: string
  readonly bounceDomain: string | null
}

/**
 * `kept`: for the first time. `not ours`: it is about no domain of ours, or does not name itself.
 */
export type TakenReport = 'kept' | 'known' | 'not ours'

/** Keeps what a report says. A second one of the same name from the same sender changes nothing. */
export async function takeReceiverReport(
  report: ReceiverReport,
  { db, now, stores, domain, bounceDomain }: Deps,
): Promise<TakenReport> {
  const kept = keptReport(report)
  const domains = bounceDomain === null ? [domain] : [domain, bounceDomain]
  if (kept.org === '' || kept.reportId === '' || !isAboutOurs(kept.domain, domains))
    return 'not ours'
  return (await stores.receiverReports.add(db, kept, now())) ? 'kept' : 'known'
}

/** A report of DMARC as it is kept: which address sent how many mails, aligned or not. */
export const ofDmarc = (report: DmarcReport): ReceiverReport => {
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

/** A report of TLS as it is kept, one for each domain of ours that it is about. */
export const ofTls = (report: TlsReport): ReceiverReport[] => {
  const byDomain = Map.groupBy(report.policies, ({ domain }) => domain)
  return [...byDomain].map(([domain, policies]) => ({
    ...headOf(report),
    // The same report may speak of several domains: each part has a name of its own.
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

/** Numbers that were made up stay numbers. */
const sumOf = (rows: readonly { readonly count: number }[]) =>
  Math.min(
    rows.reduce((sum, { count }) => sum + count, 0),
    Number.MAX_SAFE_INTEGER,
  )
