/** Joins what comes back about mails to what follows from it. */

import { ofDmarc, ofTls, takeReceiverReport } from '../actions/bounces/receiver-reports.ts'
import { openSuppressing } from '../actions/bounces/suppress.ts'
import { type Incoming, takeReports } from '../actions/bounces/take-reports.ts'
import { afterLeaving, leave } from '../actions/readers/unsubscribe.ts'
import { receiverReports } from '../actions/shared/receiver-summary.ts'
import type { ReportSource } from '../domain/report.ts'
import { HOUR } from '../domain/time.ts'
import type { ReportFile } from '../mail/inbound/reading.ts'
import { openInTurn } from '../platform/in-turn.ts'
import { itemMarkOf } from '../security/return-paths.ts'
import type { Db } from '../store/postgres/sql.ts'
import type { Deps } from './deps.ts'

/** On record for somebody who leaves at their mailbox's or the provider's own button. */
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
    /** The domain that mails come back to; null: they do not. */
    domain: given.bounceDomain,
    /** Whether a local part is a return path of ours: asks nobody. */
    isReturnPath: (localPart: string) => given.returnPaths.read(localPart) !== null,
    take: (incoming: Incoming) => takeReports(incoming, deps),
    /** Keeps what receivers report of a day in the files of a mail: see Reading in mail/inbound. */
    takeReceiverFiles: openReceiverFiles(given),
    /** What they have reported since, summed up. */
    receiverReports: (since: Temporal.Instant) => receiverReports(since, given),
    ...openSuppressing(deps),
  }
}

/** Files of a mail that are read: a report is one. */
const MOST_FILES = 1
/** Anybody can send one, and reading one takes as long as sending a few mails. */
const MOST_AN_HOUR = 200

/**
 * Says what became of each report in the files of a mail. One mail at a time is read, and so many
 * an hour: what comes beyond is passed over.
 */
function openReceiverFiles(deps: Deps) {
  const inTurn = openInTurn()
  let hour = 0
  let read = 0
  const mayRead = () => {
    const current = Math.floor(deps.now().epochMilliseconds / HOUR)
    read = current === hour ? read + 1 : 1
    hour = current
    if (read === MOST_AN_HOUR + 1)
      deps.log.warn({ most: MOST_AN_HOUR }, 'more reports of receivers came than an hour may have')
    return read <= MOST_AN_HOUR
  }
  return (files: readonly ReportFile[]) =>
    inTurn('receiver files', async () => {
      const taken = []
      for (const { kind, bytes } of files.slice(0, MOST_FILES).filter(mayRead))
        for (const report of await reportsIn(kind, bytes))
          taken.push(await takeReceiverReport(report, deps))
      return taken
    })
}

/** Readers are loaded with the first report, as in receiving.ts. */
async function reportsIn(kind: ReportFile['kind'], bytes: Uint8Array) {
  if (kind === 'tls_report') {
    const { readTlsReport } = await import('../mail/inbound/tls-report.ts')
    const report = await readTlsReport(bytes)
    return report ? ofTls(report) : []
  }
  const { readDmarcReport } = await import('../mail/inbound/dmarc-report.ts')
  const report = await readDmarcReport(bytes)
  return report ? [ofDmarc(report)] : []
}
