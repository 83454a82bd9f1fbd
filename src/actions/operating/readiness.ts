import { isMailFlowing, type OverdueMail, secondsBehind } from '../../domain/readiness.ts'
import { SECOND } from '../../domain/time.ts'
import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import type { ExpectedWorkers, Heartbeat } from './heartbeat.ts'
import { pauses } from './pauses.ts'
import { haltedServers, statesBy } from './servers.ts'
import { ALARM_HOURS, type Deps as StatusDeps } from './status.ts'

export interface Deps extends Pick<StatusDeps, 'now' | 'series' | 'resends' | 'queueDepth'> {
  readonly db: Db
  readonly log: Logger
  readonly stores: Pick<
    typeof stores,
    | 'lineage'
    | 'behind'
    | 'unknowns'
    | 'uncomposed'
    | 'courses'
    | 'blockedArticles'
    | 'processes'
    | 'refusingServers'
    | 'notices'
    | 'pausedSeries'
  >
  /** Rejects when the queue takes no writes. */
  readonly proveQueue: () => Promise<void>
  readonly heartbeat: Pick<Heartbeat, 'name' | 'expected' | 'beat'>
  /** How many minutes mail may be behind. */
  readonly mayBeBehind: number
}

/** How long an answer may take before it counts as missing. */
const ANSWER_TIMEOUT_MS = 5 * SECOND
/** How long a proven write counts, so that frequent requests do not cause frequent writes. */
const PROOF_TTL_MS = SECOND

export type Readiness = Awaited<ReturnType<ReturnType<typeof openReadiness>>>

/**
 * Returns a function that checks whether database and queue answer and take writes, whether planner
 * and senders are alive where this process relies on them, whether an SMTP server is up, whether a
 * backup was restored so that nothing is sent, and how long the oldest overdue mail has waited: due
 * and not planned, planned, or deferred. Everything else is for an operator to know. The cost does
 * not depend on the backlog; concurrent requests share one answer. Causes of missing answers are
 * logged.
 */
export function openReadiness(deps: Deps) {
  const ask = queryWithTimeout(deps.log)
  const proofs = {
    database: cachedProof(PROOF_TTL_MS, () => deps.stores.processes.checkWritable(deps.db)),
    queue: cachedProof(PROOF_TTL_MS, deps.proveQueue),
  }
  const look = async () => {
    const [backlog, wrote, queue] = await Promise.all([
      ask('the database does not respond', () => backlogOf(deps)),
      ask('the database takes no writes', proofs.database),
      ask('the queue does not respond, or takes no writes', async () => {
        await deps.queueDepth()
        return proofs.queue()
      }),
    ])
    return toReadiness(
      backlog,
      { database: backlog !== null && wrote !== null, queue: queue !== null },
      deps,
    )
  }
  let looking: ReturnType<typeof look> | null = null
  return () => {
    looking ??= look().finally(() => {
      looking = null
    })
    return looking
  }
}

/** Half of the time goes into how long mail has waited, which is queried alongside the rest. */
async function backlogOf(deps: Deps) {
  const { db, now, stores, series, resends } = deps
  const at = now()
  const [behind, rest] = await Promise.all([
    stores.behind.oldest(db, [...series.keys()], { now: at, resends }),
    attentionOf(at, deps),
  ])
  return { at, behind, ...rest }
}

/**
 * What needs an operator's attention; queried one after another, since a pool has few connections.
 */
const attentionOf = async (at: Temporal.Instant, { db, now, stores }: Deps) => ({
  unknown: await stores.unknowns.count(db),
  blockedCourses: (await stores.courses.blocked(db)).length,
  blockedArticles: (await stores.blockedArticles.list(db)).length,
  halted: await haltedServers({ db, stores }),
  pauses: await pauses({ db, now, stores }),
  uncomposed: await stores.uncomposed.bySeries(db, at.subtract({ hours: ALARM_HOURS })),
  processes: await stores.processes.alive(db),
  notices: await stores.notices.all(db),
  heldSince: (await stores.lineage.read(db)).heldSince,
})

type Backlog = Awaited<ReturnType<typeof backlogOf>>

function toReadiness(
  backlog: Backlog | null,
  { database, queue }: { database: boolean; queue: boolean },
  { heartbeat, mayBeBehind }: Pick<Deps, 'heartbeat' | 'mayBeBehind'>,
) {
  const processes = backlog?.processes ?? []
  const workers = processes.filter(({ plans }) => plans)
  const alive = livenessOf(workers, heartbeat)
  const servers = statesBy(workers)
  const isUp = Object.keys(servers).length === 0 || Object.values(servers).includes('up')
  const comes =
    backlog !== null &&
    isMailFlowing({
      behind: backlog.behind,
      now: backlog.at,
      mayBeBehind,
      acceptedAgoMs: acceptedAgo(workers),
    })
  return {
    ready:
      database &&
      queue &&
      alive.planner !== false &&
      alive.senders !== false &&
      isUp &&
      comes &&
      !backlog.heldSince,
    restored: backlog && backlog.heldSince !== null,
    database,
    queue,
    ...alive,
    workers: backlog && workers.length,
    servers,
    unknown: backlog?.unknown ?? null,
    uncomposed:
      backlog &&
      Object.fromEntries(
        backlog.uncomposed.map((course) => [course.series, course.waiting + course.expired]),
      ),
    blockedCourses: backlog?.blockedCourses ?? null,
    blockedArticles: backlog?.blockedArticles ?? null,
    smtpHalted: backlog && Object.keys(backlog.halted),
    notices: backlog?.notices.map(({ name }) => name) ?? null,
    paused: backlog && Object.keys(backlog.pauses.paused),
    secondsBehind: backlog && secondsBehind(duesOf(backlog.behind), backlog.at),
    behind: backlog && {
      unplanned: secondsBehind([backlog.behind.unplanned], backlog.at),
      planned: secondsBehind([backlog.behind.planned], backlog.at),
      deferred: secondsBehind([backlog.behind.deferred], backlog.at),
    },
  }
}

const duesOf = ({ unplanned, planned, deferred }: OverdueMail) => [unplanned, planned, deferred]

/** Whether the processes that this one relies on are alive; null if it relies on nobody. */
function livenessOf(
  workers: readonly stores.processes.AliveProcess[],
  { name, expected }: Deps['heartbeat'],
) {
  const expectedWorkers: ExpectedWorkers = expected()
  if (expectedWorkers === 'nobody') return { planner: null, senders: null }
  const meant =
    expectedWorkers === 'own' ? workers.filter((worker) => worker.name === name) : workers
  return {
    planner: meant.some(({ planner }) => planner),
    senders: meant.some(({ senders }) => senders),
  }
}

function acceptedAgo(workers: readonly stores.processes.AliveProcess[]): number | null {
  const known = workers.map(({ acceptedAgoMs }) => acceptedAgoMs).filter((ms) => ms !== null)
  return known.length > 0 ? Math.min(...known) : null
}

/** Asks, but not forever; returns null if there was no answer, and logs why. */
const queryWithTimeout =
  (log: Logger) =>
  async <T>(failing: string, question: () => Promise<T>): Promise<T | null> => {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(
      () => late.reject(new Error('no answer for 5 seconds')),
      ANSWER_TIMEOUT_MS,
    )
    try {
      return await Promise.race([question(), late.promise])
    } catch (error) {
      log.warn({ err: error }, failing)
      return null
    } finally {
      clearTimeout(timer)
    }
  }

/** A proof that is not repeated for a while once it has succeeded. */
function cachedProof(ms: number, prove: () => Promise<void>): () => Promise<true> {
  let provenAt = Number.NEGATIVE_INFINITY
  return async () => {
    if (performance.now() - provenAt < ms) return true
    await prove()
    provenAt = performance.now()
    return true
  }
}
