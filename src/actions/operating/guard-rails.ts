/**
 * Stops what would damage the sender's reputation: a series with too many complaints or bounces, or
 * all mail if receivers find our setup wrong (standards.md B4, B5). Any number of processes may
 * check concurrently: a series is paused once, and reported once.
 */
import { countOwners } from '../../domain/domain-owner.ts'
import {
  ALL_SERIES,
  type Evidence,
  FAULT_LOOKBACK_HOURS,
  type GuardLimits,
  isSenderAtFault,
  LOOKBACK_HOURS,
  MIN_ADDRESSES,
  type PauseReason,
  tooManyBounces,
  verdictOnComplaints,
} from '../../domain/guard-rails.ts'
import { type SenderFault, senderFaultIn } from '../../domain/sender-fault.ts'
import { isAfter } from '../../domain/time.ts'
import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { notifyOperator, type Deps as TellDeps } from './notify-operator.ts'

export interface Deps extends TellDeps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly log: Logger
  readonly stores: TellDeps['stores'] &
    Pick<typeof stores, 'guardCounts' | 'sentCounts' | 'pausedSeries'>
  readonly guardLimits: GuardLimits
}

/** How long a warning is not repeated. */
const WARNING_INTERVAL = { hours: LOOKBACK_HOURS }

/** Checks what came back lately, pauses what has to be paused, and notifies the operator. */
export async function checkGuardRails(deps: Deps): Promise<void> {
  const { db, now, stores } = deps
  const at = now()
  const states = new Map((await stores.pausedSeries.all(db)).map((state) => [state.series, state]))
  const since = at.subtract({ hours: LOOKBACK_HOURS })
  for (const charges of bySeries(await stores.guardCounts.complaintsAndBounces(db, since)))
    await checkSeries(charges, { state: states.get(charges.series) ?? null, at }, deps)
  await checkSender({ state: states.get(ALL_SERIES) ?? null, at }, deps)
  await notifyOperator(deps)
}

type State = stores.pausedSeries.SeriesState | null

interface CheckContext {
  readonly state: State
  readonly at: Temporal.Instant
}

/** Returns the start of counting: nothing before an operator's resume counts. */
function countedFrom({ state, at }: CheckContext, hours: number): Temporal.Instant {
  const since = at.subtract({ hours })
  return state?.resumed_at && isAfter(state.resumed_at, since) ? state.resumed_at : since
}

/** Evidence against one series. */
interface Charges {
  readonly series: string
  readonly complaints: Counted
  readonly bounces: Counted
}
interface Counted {
  readonly count: number
  /** Owners of the recipients' domains: see MIN_OWNERS. */
  readonly owners: number
}

/** Returns, for each series, what came back from the domains of its recipients. */
const bySeries = (counts: readonly stores.guardCounts.ComplaintsAndBounces[]): Charges[] =>
  [...Map.groupBy(counts, ({ series }) => series)].map(([series, rows]) => ({
    series,
    complaints: complaintsIn(rows),
    bounces: countedIn(rows, ({ bounces }) => bounces),
  }))

type Rows = readonly stores.guardCounts.ComplaintsAndBounces[]

function countedIn(rows: Rows, of: (row: Rows[number]) => number): Counted {
  const some = rows.filter((row) => of(row) > 0)
  return {
    count: some.reduce((sum, row) => sum + of(row), 0),
    owners: countOwners(some.map(({ domain }) => domain)),
  }
}

/**
 * A mailbox provider does not make up a complaint that its webhook brings, so each of these
 * addresses counts as an owner.
 */
function complaintsIn(rows: Rows): Counted {
  const { count, owners } = countedIn(rows, ({ complaints }) => complaints)
  const proven = rows.reduce((sum, row) => sum + row.proven, 0)
  return { count, owners: Math.max(owners, proven) }
}

async function checkSeries(
  { series, complaints, bounces }: Charges,
  context: CheckContext,
  deps: Deps,
): Promise<void> {
  const { db, stores, guardLimits: limits } = deps
  const since = countedFrom(context, LOOKBACK_HOURS)
  const evidenceOf = async (count: number): Promise<Evidence> => ({
    count,
    of: await stores.sentCounts.since(db, series, since),
  })
  if (limits.complaints !== null && complaints.count >= MIN_ADDRESSES.warn) {
    const evidence = await evidenceOf(complaints.count)
    const verdict = verdictOnComplaints({ ...complaints, ...evidence }, limits.complaints)
    if (verdict === 'pause')
      return pause({ series, reason: 'complaints', evidence, ...context }, deps)
    if (verdict === 'warn') await warn({ series, evidence, at: context.at }, deps)
  }
  if (limits.bounces === null || bounces.count < MIN_ADDRESSES.bounces) return
  const evidence = await evidenceOf(bounces.count)
  if (tooManyBounces({ ...bounces, ...evidence }, limits.bounces))
    await pause({ series, reason: 'bounces', evidence, ...context }, deps)
}

/** Anybody can write a report that says so, so what is not proven only warns. */
async function checkSender(looking: CheckContext, deps: Deps): Promise<void> {
  const { db, stores } = deps
  if (looking.state?.since) return
  const since = countedFrom(looking, FAULT_LOOKBACK_HOURS)
  const faults = await stores.guardCounts.faultsSince(db, since)
  if (faults.length < MIN_ADDRESSES.faults) return
  const sent = await stores.sentCounts.since(db, null, since)
  const evidenceOf = (some: typeof faults): Evidence | null => {
    const evidence = { count: some.length, of: sent + some.length, ...mostFrequentFault(some) }
    const owners = countOwners(some.map(({ domain }) => domain))
    return isSenderAtFault({ ...evidence, owners }) ? evidence : null
  }
  const proven = evidenceOf(faults.filter(({ isProven }) => isProven))
  if (proven)
    return pause({ series: ALL_SERIES, reason: 'sender', evidence: proven, ...looking }, deps)
  const said = evidenceOf(faults)
  if (said) await warn({ series: ALL_SERIES, evidence: said, at: looking.at }, deps)
}

/** Returns the most frequent fault, with the words of one report. */
function mostFrequentFault(faults: readonly stores.guardCounts.ReportedFault[]) {
  const counts = new Map<SenderFault, { count: number; said: string }>()
  for (const { fault, status, said } of faults) {
    const name = fault ?? senderFaultIn(said, status) ?? 'sender'
    counts.set(name, { count: (counts.get(name)?.count ?? 0) + 1, said })
  }
  const [most] = [...counts].toSorted(([, a], [, b]) => b.count - a.count)
  return most ? { fault: most[0], said: most[1].said } : {}
}

interface GuardFinding {
  readonly series: string
  readonly evidence: Evidence
  readonly at: Temporal.Instant
}

interface PauseFinding extends GuardFinding, CheckContext {
  readonly reason: PauseReason
}

async function pause({ state, at, ...finding }: PauseFinding, deps: Deps): Promise<void> {
  const { db, log, stores } = deps
  const pausing = { ...finding, resumedAt: state?.resumed_at ?? null }
  if (!(await stores.pausedSeries.pause(db, pausing, at))) return
  const { series, reason, evidence } = finding
  log.error(
    { series: series === ALL_SERIES ? 'all' : series, reason, ...evidence },
    'a series is paused: dawnpost status shows why, dawnpost resume ends the pause',
  )
}

async function warn({ series, evidence, at }: GuardFinding, deps: Deps): Promise<void> {
  const { db, log, stores } = deps
  const terms = { now: at, quietSince: at.subtract(WARNING_INTERVAL) }
  if (await stores.pausedSeries.warn(db, { series, evidence }, terms))
    log.warn(
      { series: series === ALL_SERIES ? 'all' : series, ...evidence },
      series === ALL_SERIES
        ? 'reports say that our setup is wrong; they are not proven, so nothing is paused'
        : 'readers mark the mail of a series as spam; if more do, it is paused',
    )
}
