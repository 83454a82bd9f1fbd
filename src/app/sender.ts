import { compileAhead } from '../actions/sending/compile-ahead.ts'
import { deliver } from '../actions/sending/deliver.ts'
import { openDue } from '../actions/sending/due.ts'
import { enqueueAndNotify } from '../actions/sending/enqueue.ts'
import { openInFlight } from '../actions/sending/in-flight.ts'
import { maintainLedger, moveOldLedger } from '../actions/sending/maintain-ledger.ts'
import { plan } from '../actions/sending/plan.ts'
import { purge, sweep } from '../actions/sending/sweep.ts'
import { SECOND } from '../domain/time.ts'
import { openIntervalLimiter } from '../platform/interval-limiter.ts'
import { openOutdated } from '../platform/outdated.ts'
import type { Deps } from './deps.ts'
import type { Infrastructure } from './infrastructure.ts'

const NEVER = new AbortController().signal

function openPlanning(deps: Deps, { clock }: Infrastructure) {
  const { now, heartbeat, lineage } = deps
  // A large morning takes a while: each batch is a heartbeat.
  const planning = { ...deps, enqueue: enqueueAndNotify(deps.enqueue, heartbeat.planned) }
  const due = openDue({ ...deps, mayLookAtAll: openIntervalLimiter(10 * SECOND) })
  const planSince = async (begin: () => Temporal.Instant | null) => {
    await clock?.refresh()
    const since = begin()
    // Checked first, since usually nothing is due: it is one statement.
    const planned = (await due.isDue(since)) ? await plan(now(), since, planning) : 0
    if (planned > 0) await lineage.advance()
    heartbeat.planned()
    return planned
  }
  return {
    /** Plans everything that is due. */
    plan: () => planSince(() => null),
    /** Plans what has become due since the last call, and everything every ten seconds. */
    planNewlyDue: () => planSince(due.since),
    isDue: due.isDue,
    nextDueInMs: due.nextDueInMs,
    idle: due.idle,
  }
}

/** What a worker does. */
export function openSender(deps: Deps, infrastructure: Infrastructure) {
  const { clock, database, queue, log } = infrastructure
  const { now, heartbeat, lineage, taking } = deps
  return {
    queue,
    heartbeat,
    lineage,
    /** Jobs that a worker process runs at a time: while one waits for SMTP, another claims. */
    concurrency: 3,
    isOutdated: openOutdated(database.newer, log),
    ...openPlanning(deps, infrastructure),
    sweep: async () => {
      await clock?.refresh()
      return (await lineage.heldSince()) === null ? sweep(now(), deps) : 0
    },
    purge: () => purge(now(), deps),
    /** Creates the ledger's month partitions ahead of time, and drops those that are over. */
    maintainLedger: async () => {
      await clock?.refresh()
      return maintainLedger(now(), deps)
    },
    /** Moves rows written by earlier versions, until that is done. */
    moveOldLedger: () => moveOldLedger(now(), deps),
    /** Checks bounces and complaints, and pauses the series they implicate. */
    guard: async () => {
      await clock?.refresh()
      return deps.guard()
    },
    compileAhead: (signal: AbortSignal) => compileAhead(signal, deps),
    /** Carries out what forms have requested, and waits for it. */
    processRequests: () => {
      taking.trigger()
      return taking.settle()
    },
    ...openInFlight(deps),
    deliver: async (
      ids: readonly string[],
      signal = NEVER,
      drainTimeoutMs: number | null = null,
    ) => {
      await clock?.refresh()
      const done = heartbeat.sending()
      return deliver(ids, { signal, drainTimeoutMs }, deps).finally(done)
    },
  }
}
