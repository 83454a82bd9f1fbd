/** Connects reports about mails to what follows from them. */

import { type IncomingReports, processReports } from '../actions/bounces/process-reports.ts'
import { fromDmarc, fromTls, storeReceiverReport } from '../actions/bounces/receiver-reports.ts'
import { openSuppressions } from '../actions/bounces/suppress.ts'
import { afterLeaving, leave } from '../actions/readers/unsubscribe.ts'
import { receiverSummaries } from '../actions/shared/receiver-summary.ts'
import type { ReportSource } from '../domain/report.ts'
import { HOUR } from '../domain/time.ts'
import type { ReportFile } from '../mail/inbound/read-result.ts'
import { openKeyedMutex } from '../platform/keyed-mutex.ts'
import { itemMarkOf } from '../security/return-paths.ts'
import type { Db } from '../store/postgres/sql.ts'
import type { Deps } from './deps.ts'

/** The consent record of somebody who leaves by a button of their mailbox or of the provider. */
const leftBy = (source: ReportSource) => ({
  wording: `left by way of ${source}`,
  language: 'en',
  version: '1',
  source,
  network: 'none',
})

/** What is done about bounces, complaints and suppressed addresses. */
export function openBounces(given: Deps) {
  const deps = {
    ...given,
    itemMarkOf,
    leaveSeries: async (tx: Db, enrollmentId: string, source: ReportSource) => {
      const terms = { enrollmentId, scope: 'series', consent: leftBy(source) } as const
      const left = await leave(tx, terms, given)
      return left && (() => afterLeaving(left, given))
    },
  }
  return {
    /** The domain that mails come back to; null if there is none. */
    domain: given.bounceDomain,
    /** Returns whether a local part is one of our return paths, without asking the database. */
    isReturnPath: (localPart: string) => given.returnPaths.read(localPart) !== null,
    take: (incoming: IncomingReports) => processReports(incoming, deps),
    /**
     * Stores the daily reports that receivers send as files in a mail: see Reading in mail/inbound.
     */
    takeReceiverFiles: openReceiverFiles(given),
    /** Summarizes what receivers have reported since an instant. */
    receiverReports: (since: Temporal.Instant) => receiverSummaries(since, given),
    ...openSuppressions(deps),
  }
}

/** Files read per mail: a report is one file. */
const MAX_FILES = 1
/** Anybody can send a report, and reading one takes as long as sending a few mails. */
const MAX_REPORTS_PER_HOUR = 200

/**
 * Returns a function that reports what became of each report in a mail's files. Mails are read one
 * at a time; files over the hourly limit are ignored.
 */
function openReceiverFiles(deps: Deps) {
  const inTurn = openKeyedMutex()
  let hour = 0
  let read = 0
  const mayRead = () => {
    const current = Math.floor(deps.now().epochMilliseconds / HOUR)
    read = current === hour ? read + 1 : 1
    hour = current
    if (read === MAX_REPORTS_PER_HOUR + 1)
      deps.log.warn(
        { most: MAX_REPORTS_PER_HOUR },
        'more receiver reports came than are read in an hour; the rest is not read',
      )
    return read <= MAX_REPORTS_PER_HOUR
  }
  return (files: readonly ReportFile[]) =>
    inTurn('receiver files', async () => {
      const taken = []
      for (const { kind, bytes } of files.slice(0, MAX_FILES).filter(mayRead))
        for (const report of await reportsIn(kind, bytes))
          taken.push(await storeReceiverReport(report, deps))
      return taken
    })
}

/** Parsers are loaded with the first report, as in receiving.ts. */
async function reportsIn(kind: ReportFile['kind'], bytes: Uint8Array) {
  if (kind === 'tls_report') {
    const { readTlsReport } = await import('../mail/inbound/tls-report.ts')
    const report = await readTlsReport(bytes)
    return report ? fromTls(report) : []
  }
  const { readDmarcReport } = await import('../mail/inbound/dmarc-report.ts')
  const report = await readDmarcReport(bytes)
  return report ? [fromDmarc(report)] : []
}
