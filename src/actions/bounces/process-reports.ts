/** The only entry point for what comes back about mails (standards.md C1 to C18). */
import { isOngoing } from '../../domain/enrollment.ts'
import {
  type Report,
  type ReportSource,
  STORED_REPORT_KINDS,
  type StoredReportKind,
} from '../../domain/report.ts'
import type { SuppressionReason } from '../../domain/suppression.ts'
import type { Logger } from '../../platform/log.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { type Deps as CountDeps, countReport } from '../shared/count-report.ts'
import { type Deps as FindDeps, findMail } from './find-mail.ts'

export interface Deps extends CountDeps, FindDeps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly log: Logger
  readonly stores: CountDeps['stores'] & FindDeps['stores']
  /**
   * Ends the series of an enrollment within the transaction, as its reader's own click does.
   * Returns what to do after the commit.
   */
  readonly leaveSeries: (
    tx: Db,
    enrollmentId: string,
    source: ReportSource,
  ) => Promise<(() => Promise<void>) | null>
  /** Requests a check of what came back: see actions/operating/guard-rails.ts. */
  readonly watch: () => void
  /** Called for each report, with its outcome. */
  readonly counted: (source: ReportSource, report: Report, became: ReportOutcome['became']) => void
}

/** One incoming piece: all it says is counted once. */
export interface IncomingReports {
  /**
   * Identifies it among everything that came in: SHA-256 of the mail's bytes, or of a provider's
   * name and its event's id.
   */
  readonly digest: Buffer
  readonly source: ReportSource
  /** The local part it was sent to, if known; trusted only once it is verified. */
  readonly envelopeTo: string | null
  readonly reports: readonly Report[]
}

export interface ReportOutcome {
  /**
   * `counted`: it is stored. `known`: it was stored before. `passed over`: its kind has no
   * consequences. `unknown mail`: it does not provably name a mail of ours.
   */
  readonly became: 'counted' | 'known' | 'passed over' | 'unknown mail'
  readonly suppressed: SuppressionReason | null
}

/** Most reports in one piece: more cannot be about one mail. */
const MAX_REPORTS = 1_000

/**
 * Takes what came in: stores bounces and complaints, suppresses addresses, ends series. Durable
 * once it resolves, and idempotent, also across processes. The order in which reports come does not
 * matter.
 */
export async function processReports(
  { digest, source, envelopeTo, reports }: IncomingReports,
  deps: Deps,
): Promise<readonly ReportOutcome[]> {
  const outcomes: ReportOutcome[] = []
  for (const [place, report] of reports.slice(0, MAX_REPORTS).entries()) {
    const outcome = isRelevant(report)
      ? await processReport({ digest, place, source, envelopeTo, report }, deps)
      : PASSED_OVER
    deps.counted(source, report, outcome.became)
    outcomes.push(outcome)
  }
  return outcomes
}

const PASSED_OVER: ReportOutcome = { became: 'passed over', suppressed: null }

type RelevantReport = Report & { readonly kind: StoredReportKind }
const isRelevant = (report: Report): report is RelevantReport =>
  STORED_REPORT_KINDS.some((kind) => kind === report.kind)

/** Whether a report may cause a series to be paused. */
const isWatched = ({ kind, class: of }: RelevantReport) =>
  kind === 'complaint' || of === 'hard' || of === 'sender'

interface Arrival extends Omit<IncomingReports, 'reports'> {
  readonly place: number
  readonly report: RelevantReport
}

async function processReport(arrival: Arrival, deps: Deps): Promise<ReportOutcome> {
  const { db, log } = deps
  const { afterwards, outcome } = await db
    .transaction()
    .execute((tx) => processReportWithin(tx, arrival, deps))
  await afterwards?.()
  const { kind, class: of, reason } = arrival.report
  if (outcome.became === 'counted' && isWatched(arrival.report)) deps.watch()
  if (outcome.suppressed)
    log.info({ kind, class: of, reason, source: arrival.source }, 'an address was suppressed')
  return outcome
}

async function processReportWithin(
  tx: Db,
  arrival: Arrival,
  deps: Deps,
): Promise<{ outcome: ReportOutcome; afterwards?: (() => Promise<void>) | null }> {
  const found = await findMail(tx, arrival, deps)
  if (!found) return { outcome: { became: 'unknown mail', suppressed: null } }
  const report = softened(arrival.report, found.isSameRecipient)
  const { digest, place, source } = arrival
  const { subscriberId, addressHash, isTheirs, mail, enrollmentId } = found
  const counted = await countReport(
    tx,
    { digest, place, source, report, subscriberId, addressHash, isTheirs, mail },
    deps.now(),
    deps,
  )
  if (!counted) return { outcome: { became: 'known', suppressed: null } }
  const afterwards =
    report.kind === 'unsubscribe' && enrollmentId !== null
      ? await unsubscribeByReport(tx, { enrollmentId, source }, deps)
      : null
  return { outcome: { became: 'counted', suppressed: counted.suppressed }, afterwards }
}

/** Leaves a series; a report about an enrollment that has ended does not end a later one. */
async function unsubscribeByReport(
  tx: Db,
  { enrollmentId, source }: { enrollmentId: string; source: ReportSource },
  { stores, leaveSeries }: Deps,
) {
  const enrollment = await stores.enrollments.byId(tx, enrollmentId)
  // After a restart, its reader is still in the series under the same consent.
  const isGoingOn =
    enrollment && (isOngoing(enrollment.status) || enrollment.status === 'restarted')
  return isGoingOn ? leaveSeries(tx, enrollmentId, source) : null
}

/**
 * An address that a reader forwards mail to may be gone while their own is not, so this counts as a
 * soft bounce.
 */
const softened = (report: RelevantReport, isSameRecipient: boolean): RelevantReport =>
  report.class === 'hard' && !isSameRecipient ? { ...report, class: 'soft' } : report
