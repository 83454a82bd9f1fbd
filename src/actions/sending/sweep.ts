import { DRAFT } from '../../domain/comment-rules.ts'
import { aliveAt } from '../../domain/sign-in.ts'
import { DAY } from '../../domain/time.ts'
import type { Logger } from '../../platform/log.ts'
import type { Seldom } from '../../platform/seldom.ts'
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
  readonly handedOverBy: stores.leases.HandedOverBy
  /**
   * Whether it is time to look for deliveries of workers that nobody has noted, and for clicks:
   * once a minute.
   */
  readonly mayLook: Seldom
  /** How often a delivery of unknown outcome is sent again. */
  readonly resends: number
  /** Puts ids into the queue; rejects when the queue cannot be reached. */
  readonly addJobs: (ids: readonly string[]) => Promise<void>
  /** When the oldest job in the queue was added; null: it is empty. */
  readonly oldestJob: () => Promise<Temporal.Instant | null>
  /** How far this process has gone through what has a try left. */
  readonly round: { after: stores.backlog.BacklogPlace | null }
}

/**
 * Deliveries that are queued, or ended, in one statement; and that are looked at to find what was
 * lost.
 */
const [BATCH, SLICE] = [5_000, 2_000]
/** How long what may have been sent waits for its worker, where the end of that is not certain. */
const DOUBT_SECONDS = 60
/** Requests that nobody confirmed are forgotten after this (standards.md H2). */
const UNCONFIRMED = 14 * DAY
/** How long the link of a mail to confirm works. */
const LINK = 7 * DAY
/** No change of address can be confirmed or undone after this, however late its mails came. */
const CHANGE = 28 * DAY
/**
 * What servers found wrong with our set-up counts for an hour, and is kept for a while to be looked
 * at.
 */
const FAULTS = 7 * DAY
/** Complaints and bounces are weighed against the mails of a shorter time. */
const COUNTED = 8 * DAY
/** What came back about mails is told for so long. */
const REPORTED = 365 * DAY
/** What receivers sum up of a day is told for so long. */
const SUMMED_UP = 90 * DAY
/** A link to sign in is kept so long that it can say that its time is over. */
const SIGN_IN = 7 * DAY

/**
 * Makes up for what was lost: leases that ended, ready deliveries no job stands for (a flushed
 * queue, a retry whose time has come), and what can no longer leave. The ledger is the truth; this
 * reads it, some of what has a try left each time, and goes on where it was the next time.
 *
 * @returns how many deliveries were queued.
 */
export async function sweep(now: Temporal.Instant, deps: Deps): Promise<number> {
  const { db, log, stores, handedOverBy, resends, mayLook } = deps
  const orphans = mayLook('orphans') !== null
  const losing = { doubtSeconds: DOUBT_SECONDS, handedOverBy, orphans }
  const lost = await stores.leases.loseLeases(db, now, losing)
  if (lost.unknown > 0)
    log.warn({ lost: lost.unknown }, 'deliveries whose worker stopped are now unknown')
  if (lost.sent > 0)
    log.info(
      { sent: lost.sent },
      'deliveries that a server took before their worker stopped are sent',
    )
  if (lost.ready > 0)
    log.info(
      { ready: lost.ready },
      'deliveries whose worker stopped before SMTP had them are ready again',
    )
  if (mayLook('clicks') !== null) await stores.clicks.settle(db, now)
  if (!(await stores.backlog.isAny(db))) return 0
  while ((await stores.backlog.close(db, now, BATCH)) === BATCH);
  let queued = 0
  for (;;) {
    const ids = await stores.backlog.takeUnqueued(db, now, { resends, limit: BATCH })
    await queue(ids, deps)
    queued += ids.length
    if (ids.length < BATCH) return queued + (await goThrough(now, deps))
  }
}

/**
 * Looks at the next slice of what has a try left, and at those after it as long as there is
 * something to do.
 */
async function goThrough(now: Temporal.Instant, deps: Deps): Promise<number> {
  const { db, stores, resends, round, oldestJob } = deps
  const oldest = await oldestJob()
  let queued = 0
  for (;;) {
    const after = round.after
    const seen = await stores.backlog.look(db, now, {
      after,
      oldestJob: oldest,
      resends,
      limit: SLICE,
    })
    await stores.backlog.skipUnwanted(db, seen.unwanted)
    const ids = await stores.backlog.takeLost(db, seen.lost, oldest)
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
 * Forgets requests that were never confirmed, people of whom nothing else is known, former
 * addresses, links to sign in, sessions that have ended, bounces of the year before, who followed
 * which link, and processes that were killed.
 */
export async function purge(
  now: Temporal.Instant,
  { db, log, stores }: Pick<Deps, 'db' | 'log' | 'stores'>,
): Promise<void> {
  const purged = await stores.subscribers.purgeUnconfirmed(
    db,
    now.subtract({ milliseconds: UNCONFIRMED }),
    now.subtract({ milliseconds: LINK }),
  )
  await stores.addressChanges.purge(db, now.subtract({ milliseconds: CHANGE }))
  await stores.formMails.purge(db, now)
  await stores.signIns.purge(db, now.subtract({ milliseconds: SIGN_IN }))
  await stores.sessions.purge(db, aliveAt(now))
  await stores.guardCounts.purgeFaults(db, now.subtract({ milliseconds: FAULTS }))
  await stores.sentCounts.purge(db, now.subtract({ milliseconds: COUNTED }))
  await stores.commentDrafts.purge(db, now.subtract({ milliseconds: DRAFT }))
  await stores.receiverReports.purge(db, now.subtract({ milliseconds: SUMMED_UP }))
  await stores.reports.purge(db, now.subtract({ milliseconds: REPORTED }))
  await stores.clicks.purge(db, now)
  await stores.processes.forget(db)
  if (purged > 0) log.info({ purged }, 'forgot requests that were never confirmed')
}
