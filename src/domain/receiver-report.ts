/**
 * What receivers sum up of a day: whose mail in our name they saw (DMARC, RFC 9990), and how often
 * mail to us came by TLS (TLS-RPT, RFC 8460). Anybody can send one, so it is shown and nothing is
 * done about it.
 */
export type ReceiverReportKind = 'dmarc' | 'tls'

export interface ReceiverReport {
  readonly kind: ReceiverReportKind
  /** Who reports, and what they call the report. */
  readonly org: string
  readonly reportId: string
  /** The domain of ours that it is about. */
  readonly domain: string
  readonly from: Temporal.Instant
  readonly until: Temporal.Instant
  /** Mails that were aligned, and that were not; sessions with TLS, and without. */
  readonly good: number
  readonly bad: number
  /** The most first, a hundred at most. */
  readonly details: readonly ReceiverDetail[]
}

export interface ReceiverDetail {
  /** Of DMARC the address that sent; of TLS what failed, as `certificate-expired`. */
  readonly source: string
  readonly count: number
  readonly isGood: boolean
  /**
   * Of DMARC what was aligned, or what became of the mail; of TLS the server that was to take it.
   */
  readonly how: string
}

/** Details that are kept of a report, and reports that are kept of a day. */
const MOST_DETAILS = 100
export const MOST_REPORTS_A_DAY = 2_000
const LONGEST = 255

/** What a stranger wrote, in one line without what turns or hides it. */
const plain = (text: string) =>
  text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, '')
    .trim()
    .slice(0, LONGEST)
    // Last: half a character, which no database keeps, may have been cut off.
    .toWellFormed()

const EARLIEST = Temporal.Instant.from('2000-01-01T00:00:00Z')
const LATEST = Temporal.Instant.from('9999-12-31T23:59:59Z')

/** Whether a report may be of that time: no other year can be kept in a database. */
export const isOfOurTime = (at: Temporal.Instant): boolean =>
  Temporal.Instant.compare(at, EARLIEST) >= 0 && Temporal.Instant.compare(at, LATEST) <= 0

/** The same, as it may be kept: bounded, and without details that say nothing. */
export function keptReport(report: ReceiverReport): ReceiverReport {
  const details = report.details
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count)
    .slice(0, MOST_DETAILS)
    .map(({ source, how, ...rest }) => ({ ...rest, source: plain(source), how: plain(how) }))
  return {
    ...report,
    org: plain(report.org),
    reportId: plain(report.reportId),
    domain: plain(report.domain).toLowerCase(),
    details,
  }
}

/** Whether a report about `domain` is about one of ours: it, one above it, or one below it. */
export const isAboutOurs = (domain: string, domains: readonly string[]): boolean =>
  domains.some(
    (ourDomain) =>
      ourDomain === domain || ourDomain.endsWith(`.${domain}`) || domain.endsWith(`.${ourDomain}`),
  )
