/** Paused series: what is known about them, and pauses by an operator. */
import type { Series } from '../../domain/course.ts'
import {
  ALL_SERIES,
  type Evidence,
  LOOKBACK_HOURS,
  type PauseReason,
} from '../../domain/guard-rails.ts'
import { Problem } from '../../domain/problem.ts'
import { isAfter } from '../../domain/time.ts'
import type { Key } from '../../locales/locale.ts'
import { english } from '../../locales/locale.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly series: ReadonlyMap<string, Series>
  readonly stores: Pick<typeof stores, 'pausedSeries'>
}

export interface Pause {
  readonly reason: PauseReason
  readonly since: string
  readonly evidence: Evidence | null
  /** Why, and what to do, in English. */
  readonly sentence: string
}

export interface Pauses {
  /** By series; `*` is all of them. */
  readonly paused: Readonly<Record<string, Pause>>
  /** Warnings of the last day that led to no pause, by series. */
  readonly warned: Readonly<Record<string, Omit<Pause, 'reason'>>>
}

type State = stores.pausedSeries.SeriesState

export async function pauses({ db, now, stores }: Omit<Deps, 'series'>): Promise<Pauses> {
  const states = await stores.pausedSeries.all(db)
  const recent = now().subtract({ hours: LOOKBACK_HOURS })
  return {
    paused: Object.fromEntries(states.flatMap((state) => pausedEntry(state))),
    warned: Object.fromEntries(
      states.flatMap(({ series, since, warned, warned_at }) =>
        since === null && warned && warned_at && isAfter(warned_at, recent)
          ? [[series, { since: String(warned_at), evidence: warned, sentence: warning(warned) }]]
          : [],
      ),
    ),
  }
}

function pausedEntry({ series, since, reason, evidence }: State): [string, Pause][] {
  if (since === null || reason === null) return []
  const sentence = sentenceFor({ reason, evidence })
  return [[series, { reason, since: String(since), evidence, sentence }]]
}

/** Returns why a series is paused, in a sentence or two. */
export function sentenceFor({
  reason,
  evidence,
}: {
  readonly reason: PauseReason
  readonly evidence: Evidence | null
}): string {
  if (evidence === null) return english.t('operator.paused.operator')
  if (reason !== 'sender')
    return english.t(
      reason === 'bounces' ? 'operator.paused.bounces' : 'operator.paused.complaints',
      figures(evidence),
    )
  const { fault = 'sender', said = '' } = evidence
  const key: Key = `operator.paused.sender.${fault}`
  return `${english.t(key)} ${english.t('operator.paused.said', { ...figures(evidence), said })}`
}

function warning(evidence: Evidence): string {
  const { fault, said = '' } = evidence
  if (!fault) return english.t('operator.warned.complaints', figures(evidence))
  const key: Key = `operator.paused.sender.${fault}`
  return `${english.t(key)} ${english.t('operator.warned.said', { ...figures(evidence), said })}`
}

const figures = ({ count, of }: Evidence) => ({
  count,
  of,
  percent: of > 0 ? ((100 * count) / of).toFixed(2) : '100',
})

/**
 * Pauses a series, or all. Nothing is lost: lessons wait. Returns whether it was not paused before.
 */
async function pauseSeries(series: string, deps: Deps): Promise<boolean> {
  const { db, now, stores } = deps
  await ensureKnown(series, deps)
  return stores.pausedSeries.pause(db, { series, reason: 'operator', evidence: null }, now())
}

/** Ends the pause of a series; with null, of all that are paused. Returns which were. */
async function resumeSeries(which: string | null, deps: Deps): Promise<string[]> {
  const { db, now, stores } = deps
  const paused = Object.keys((await pauses(deps)).paused)
  const resumed: string[] = []
  for (const series of which === null ? paused : [which])
    if (await stores.pausedSeries.resume(db, series, now())) resumed.push(series)
  if (which !== null && resumed.length === 0) await ensureKnown(which, deps)
  return resumed
}

async function ensureKnown(series: string, { series: seriesBySlug }: Deps): Promise<void> {
  if (series === ALL_SERIES || seriesBySlug.has(series)) return
  throw new Problem('invalid', 'operator.courses.unknown-among', {
    params: { course: series, known: [...seriesBySlug.keys()].join(', ') },
  })
}

export const openPauses = (deps: Deps) => ({
  list: () => pauses(deps),
  pause: (series: string) => pauseSeries(series, deps),
  resume: (which: string | null) => resumeSeries(which, deps),
})
