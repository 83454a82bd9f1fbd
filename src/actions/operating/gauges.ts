import { perMinuteAt } from '../../domain/pace.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import type { Readiness } from './readiness.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly series: ReadonlyMap<string, unknown>
  readonly stores: Pick<typeof stores, 'behind' | 'paces' | 'commentDecisions'>
  readonly readiness: () => Promise<Readiness>
  readonly queueDepth: () => Promise<number>
}

/** A value that is measured on request. */
export interface GaugeMetric {
  readonly name: string
  readonly help: string
  readonly samples: readonly {
    readonly labels?: Readonly<Record<string, string>>
    readonly value: number
  }[]
}

/**
 * Returns the current state of the installation, whichever process is asked. What does not answer
 * is left out, and `ready` reports it. Backlogs are counted up to a million.
 */
export async function gauges(deps: Deps): Promise<GaugeMetric[]> {
  const { db, now, series, stores } = deps
  const readiness = await deps.readiness()
  const at = now()
  const [counts, paces, comments, depth] = await Promise.all([
    readiness.database ? stores.behind.counts(db, [...series.keys()], at) : {},
    readiness.database ? stores.paces.all(db) : new Map(),
    readiness.database ? stores.commentDecisions.waitingSummary(db) : null,
    readiness.queue ? deps.queueDepth() : null,
  ])
  const slowed = [...paces].flatMap(([name, pace]) => {
    const value = perMinuteAt(pace, null, at)
    return value === null ? [] : [{ labels: { name }, value }]
  })
  return [
    ...ofReadiness(readiness),
    gauge('mails', 'Mails that have not left, by where they are.', labeled('state', counts)),
    gauge('queue_depth', 'Jobs in the queue.', depth === null ? [] : [{ value: depth }]),
    gauge(
      'comments_waiting',
      'Comments that wait for a moderator.',
      sampleOf(comments?.count ?? null),
    ),
    gauge('pace_per_minute', 'Mails a minute that go where less was asked for.', slowed),
  ]
}

function ofReadiness({
  ready,
  database,
  queue,
  behind,
  unknown,
  workers,
  uncomposed,
  ...readiness
}: Readiness): GaugeMetric[] {
  const parts = {
    database,
    queue,
    ...(readiness.planner !== null && { planner: readiness.planner, senders: readiness.senders }),
  }
  return [
    gauge('ready', 'What /readyz says.', [{ value: Number(ready) }]),
    gauge('part_ready', 'What /readyz says of each part.', labeled('part', parts)),
    gauge(
      'seconds_behind',
      'How long the oldest mail has waited that should have come.',
      labeled('of', behind ?? {}),
    ),
    gauge('mails_unknown', 'Mails that may or may not have been sent.', sampleOf(unknown)),
    gauge(
      'mails_uncomposed',
      'Mails that cannot be composed, by course.',
      labeled('series', uncomposed ?? {}),
    ),
    gauge(
      'courses_blocked',
      'Courses whose changes are blocked.',
      sampleOf(readiness.blockedCourses),
    ),
    gauge(
      'series_paused',
      'Series of which nothing is sent at present; * is all of them.',
      labeled('series', Object.fromEntries((readiness.paused ?? []).map((name) => [name, 1]))),
    ),
    gauge(
      'articles_blocked',
      'Articles whose changes are blocked.',
      sampleOf(readiness.blockedArticles),
    ),
    gauge(
      'workers_alive',
      'Processes that plan and send, and have given a sign lately.',
      sampleOf(workers),
    ),
  ]
}

const gauge = (name: string, help: string, samples: GaugeMetric['samples']): GaugeMetric => ({
  name,
  help,
  samples,
})

const sampleOf = (value: number | null) => (value === null ? [] : [{ value }])

const labeled = (label: string, values: Readonly<Record<string, number | boolean | null>>) =>
  Object.entries(values).map(([name, value]) => ({
    labels: { [label]: name },
    value: Number(value),
  }))
