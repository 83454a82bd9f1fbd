import { DRAFT_TTL_MS } from '../../domain/comment-rules.ts'
import { sessionCutoffs } from '../../domain/sign-in.ts'
import { DAY } from '../../domain/time.ts'
import type { IntervalLimiter } from '../../platform/interval-limiter.ts'
import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly log: Logger
  readonly stores: Pick<
    typeof stores,
    | 'backlog'
    | 'leases'
    | 'subscribers'
    | 'addressChanges'
    | 'formMails'
    | 'signIns'
    | 'sessions'
    | 'commentDrafts'
    | 'guardCounts'
    | 'sentCounts'
    | 'receiverReports'
    | 'reports'
    | 'clicks'
    | 'processes'
  >
  readonly handedOverBy: stores.leases.HandoverLookup
  /** Whether to look for deliveries of unregistered workers, and for clicks: once a minute. */
  readonly mayLook: IntervalLimiter
  /** How many times a delivery whose outcome is unknown may be resent. */
  readonly resends: number
  /** Puts ids into the queue; rejects when the queue cannot be reached. */
  readonly addJobs: (ids: readonly string[]) => Promise<void>
  /** When the oldest job in the queue was added; null if the queue is empty. */
  readonly oldestJob: () => Promise<Temporal.Instant | null>
  /** How far this process has gone through the deliveries that have a try left. */
  readonly round: { after: stores.backlog.BacklogPosition | null }
}

/**
 * Deliveries enqueued or ended per statement, and deliveries checked at a time to find lost ones.
 */
const [BATCH, SLICE] = [5_000, 2_000]
/**
 * How long a mail that may have been sent waits for its worker, if it is not certain that it ended.
 */
const LOST_WORKER_GRACE_SECONDS = 60
/** When requests that nobody confirmed are deleted (standards.md H2). */
const UNCONFIRMED_RETENTION_MS = 14 * DAY
/** How long the link in a confirmation mail works. */
const CONFIRM_LINK_LIFETIME_MS = 7 * DAY
/** When a change of address can no longer be confirmed or undone, however late its mails came. */
const ADDRESS_CHANGE_RETENTION_MS = 28 * DAY
/** Faults that servers found in our setup count for an hour, and are kept longer for inspection. */
const FAULT_RETENTION_MS = 7 * DAY
/** Complaints and bounces are weighed against the mails of a shorter time than this. */
const SENT_COUNT_RETENTION_MS = 8 * DAY
/** How long reports about mails are shown. */
const REPORT_RETENTION_MS = 365 * DAY
/** How long the daily summaries of receivers are shown. */
const RECEIVER_REPORT_RETENTION_MS = 90 * DAY
/** How long a sign-in link is kept, so that it can say that it has expired. */
const SIGN_IN_RETENTION_MS = 7 * DAY

/**
 * Repairs what was lost: ends leases that ran out, enqueues ready deliveries without a job (a
 * flushed queue, a retry whose time has come), and closes what can no longer leave. The ledger is
 * the truth; each call reads some of the deliveries that have a try left, and the next one
 * continues there.
 *
 * @returns the number of deliveries enqueued.
 */
export async function sweep(now: Temporal.Instant, deps: Deps): Promise<number> {
  const { db, log, stores, handedOverBy, resends, mayLook } = deps
  const orphans = mayLook('orphans') !== null
  const losing = { doubtSeconds: LOST_WORKER_GRACE_SECONDS, handedOverBy, orphans }
  const lost = await stores.leases.reapExpired(db, now, losing)
  if (lost.unknown > 0)
    log.warn({ lost: lost.unknown }, 'deliveries whose worker stopped have an unknown outcome')
  if (lost.sent > 0)
    log.info(
      { sent: lost.sent },
      'deliveries that a server accepted before their worker stopped count as sent',
    )
  if (lost.ready > 0)
    log.info(
      { ready: lost.ready },
      'deliveries whose worker stopped before handing them over are ready again',
    )
  if (mayLook('clicks') !== null) await stores.clicks.aggregate(db, now)
  if (!(await stores.backlog.isAny(db))) return 0
  while ((await stores.backlog.expireClosed(db, now, BATCH)) === BATCH);
  let queued = 0
  for (;;) {
    const ids = await stores.backlog.markReadyAsQueued(db, now, { resends, limit: BATCH })
    await queue(ids, deps)
    queued += ids.length
    if (ids.length < BATCH) return queued + (await sweepBacklog(now, deps))
  }
}

/**
 * Checks the next slice of the deliveries that have a try left, and further slices as long as there
 * is something to do.
 */
async function sweepBacklog(now: Temporal.Instant, deps: Deps): Promise<number> {
  const { db, stores, resends, round, oldestJob } = deps
  const oldest = await oldestJob()
  let queued = 0
  for (;;) {
    const after = round.after
    const seen = await stores.backlog.scanPage(db, now, {
      after,
      oldestJob: oldest,
      resends,
      limit: SLICE,
    })
    await stores.backlog.skipUnwanted(db, seen.unwanted)
    const ids = await stores.backlog.markLostAsQueued(db, seen.lost, oldest)
    await queue(ids, deps)
    queued += ids.length
    round.after = seen.next
    if (!seen.next || seen.unwanted.length + ids.length === 0) return queued
  }
}

async function queue(ids: readonly string[], { db, stores, addJobs }: Deps): Promise<void> {
  if (ids.length === 0) return
  try {
    await addJobs(ids)
  } catch (error) {
    await stores.backlog.markUnqueued(db, ids)
    throw error
  }
}

/**
 * Deletes what has outlived its purpose: unconfirmed requests, people about whom nothing else is
 * known, former addresses, sign-in links, ended sessions, comment drafts, old reports and counts,
 * who followed which link, and processes that were killed.
 */
export async function purge(
  now: Temporal.Instant,
  { db, log, stores }: Pick<Deps, 'db' | 'log' | 'stores'>,
): Promise<void> {
  const purged = await stores.subscribers.purgeUnconfirmed(
    db,
    now.subtract({ milliseconds: UNCONFIRMED_RETENTION_MS }),
    now.subtract({ milliseconds: CONFIRM_LINK_LIFETIME_MS }),
  )
  await stores.addressChanges.purge(db, now.subtract({ milliseconds: ADDRESS_CHANGE_RETENTION_MS }))
  await stores.formMails.purge(db, now)
  await stores.signIns.purge(db, now.subtract({ milliseconds: SIGN_IN_RETENTION_MS }))
  await stores.sessions.purge(db, sessionCutoffs(now))
  await stores.guardCounts.purgeFaults(db, now.subtract({ milliseconds: FAULT_RETENTION_MS }))
  await stores.sentCounts.purge(db, now.subtract({ milliseconds: SENT_COUNT_RETENTION_MS }))
  await stores.commentDrafts.purge(db, now.subtract({ milliseconds: DRAFT_TTL_MS }))
  await stores.receiverReports.purge(
    db,
    now.subtract({ milliseconds: RECEIVER_REPORT_RETENTION_MS }),
  )
  await stores.reports.purge(db, now.subtract({ milliseconds: REPORT_RETENTION_MS }))
  await stores.clicks.purge(db, now)
  await stores.processes.removeStale(db)
  if (purged > 0) log.info({ purged }, 'requests that were never confirmed have been deleted')
}
