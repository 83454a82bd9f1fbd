/**
 * Daily reports of receivers: whose mail in our name they saw (DMARC, RFC 9990), and how often mail
 * to us came over TLS (TLS-RPT, RFC 8460). Anybody can send one, so they are shown but never acted
 * on.
 */
export type ReceiverReportKind = 'dmarc' | 'tls'

export interface ReceiverReport {
  readonly kind: ReceiverReportKind
  /** Who reports, and their id of the report. */
  readonly org: string
  readonly reportId: string
  /** Our domain that it is about. */
  readonly domain: string
  readonly from: Temporal.Instant
  readonly until: Temporal.Instant
  /** Mails that were aligned, and that were not; sessions with TLS, and without. */
  readonly good: number
  readonly bad: number
  /** Highest counts first, at most a hundred. */
  readonly details: readonly ReceiverDetail[]
}

export interface ReceiverDetail {
  /** For DMARC the sending address; for TLS what failed, such as `certificate-expired`. */
  readonly source: string
  readonly count: number
  readonly isGood: boolean
  /** For DMARC what was aligned, or what became of the mail; for TLS the server to receive it. */
  readonly how: string
}

/** Details kept per report, and reports kept per day. */
const MAX_DETAILS = 100
export const MAX_REPORTS_PER_DAY = 2_000
const MAX_TEXT_LENGTH = 255

/** Returns a stranger's text in one line, without characters that reorder or hide it. */
const plain = (text: string) =>
  text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, '')
    .trim()
    .slice(0, MAX_TEXT_LENGTH)
    // Last, because the cut may leave half a character, which no database accepts.
    .toWellFormed()

const EARLIEST = Temporal.Instant.from('2000-01-01T00:00:00Z')
const LATEST = Temporal.Instant.from('9999-12-31T23:59:59Z')

/** Whether a report's time is plausible; a database cannot store every other one. */
export const isStorableTime = (at: Temporal.Instant): boolean =>
  Temporal.Instant.compare(at, EARLIEST) >= 0 && Temporal.Instant.compare(at, LATEST) <= 0

/** Returns a report as it is stored: bounded, and without details that say nothing. */
export function storableReport(report: ReceiverReport): ReceiverReport {
  const details = report.details
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count)
    .slice(0, MAX_DETAILS)
    .map(({ source, how, ...rest }) => ({ ...rest, source: plain(source), how: plain(how) }))
  return {
    ...report,
    org: plain(report.org),
    reportId: plain(report.reportId),
    domain: plain(report.domain).toLowerCase(),
    details,
  }
}

/** Whether a report about `domain` concerns one of ours: the same, a parent or a subdomain. */
export const isAboutOurDomain = (domain: string, domains: readonly string[]): boolean =>
  domains.some(
    (ourDomain) =>
      ourDomain === domain || ourDomain.endsWith(`.${domain}`) || domain.endsWith(`.${ourDomain}`),
  )
