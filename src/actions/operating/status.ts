import type { Series } from '../../domain/course.ts'
import { isNotice, NOTICES } from '../../domain/notices.ts'
import { english } from '../../locales/locale.ts'
import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { type ReceiverSummary, receiverSummaries } from '../shared/receiver-summary.ts'
import { type Deps as LedgerDeps, type LedgerStatus, ledgerStatus } from './ledger-status.ts'
import { type Pauses, pauses } from './pauses.ts'
import { type Servers, servers } from './servers.ts'

export interface Deps extends Pick<LedgerDeps, 'retention'> {
  readonly db: Db
  readonly log: Logger
  readonly now: () => Temporal.Instant
  readonly series: ReadonlyMap<string, Series>
  readonly stores: Pick<
    typeof stores,
    | 'blockedArticles'
    | 'commentDecisions'
    | 'lineage'
    | 'totals'
    | 'due'
    | 'backlog'
    | 'uncomposed'
    | 'courses'
    | 'refusingServers'
    | 'processes'
    | 'setAside'
    | 'notices'
    | 'pausedSeries'
    | 'receiverReports'
  > &
    LedgerDeps['stores']
  readonly resends: number
  readonly queueDepth: () => Promise<number>
}

export interface StatusReport {
  readonly now: string
  readonly enrollments: Readonly<Record<string, number>>
  readonly deliveries: Readonly<Record<string, number>>
  /**
   * Names of the numbers here that are the database's estimates, like `deliveries.sent`, because
   * there are too many to count.
   */
  readonly estimated: readonly string[]
  /** Deliveries that could leave but have not, among the first thousand that have a try left. */
  readonly ready: number
  /** When the next enrollment is due, or null. */
  readonly nextDueAt: string | null
  /** Jobs in the queue; null if it cannot be reached. */
  readonly queued: number | null
  /** What is live, by slug. */
  readonly courses: Readonly<Record<string, { readonly version: number; readonly since: string }>>
  /**
   * Changes that have not been published: those of courses by slug, those of articles by
   * `articles/` and slug.
   */
  readonly blocked: Readonly<Record<string, { readonly reason: string; readonly since: string }>>
  /**
   * Courses and articles that are being written, which readers do not get, named in the same way.
   */
  readonly drafts: Readonly<Record<string, { readonly reason: string; readonly since: string }>>
  /** Enrollments that cannot be planned, at most a hundred; tried again every hour. */
  readonly setAside: readonly {
    enrollment: string
    series: string
    reason: string
    since: string
  }[]
  /** Mails that could not be composed, by slug: how many wait or expired within a day, and why. */
  readonly uncomposed: Readonly<Record<string, Omit<stores.uncomposed.Uncomposed, 'series'>>>
  /** Series that are paused, by slug, `*` for all; then those that may be soon. */
  readonly paused: Pauses['paused']
  readonly warned: Pauses['warned']
  /** What is dropped from the ledger, and when. */
  readonly ledger: LedgerStatus
  /** What receivers have reported about mail in our name, and about TLS, within a week. */
  readonly receivers: readonly ReceiverSummary[]
  /** How many comments wait for a moderator, and since when the oldest of them has; or null. */
  readonly comments: { readonly waiting: number; readonly since: string | null }
  /** What a process has noticed and an operator should know, in a sentence each. */
  readonly notices: readonly string[]
  /** State of the SMTP servers. */
  readonly servers: Servers
  /**
   * Since when nothing is sent, because a backup was restored and nobody has decided yet; or null.
   */
  readonly heldSince: string | null
}

/** How long mails that expired uncomposed count as an alarm. */
export const ALARM_HOURS = 24
const MAX_SET_ASIDE = 100
const REPORTED_HOURS = 7 * 24

/** Returns what an operator wants to know at a glance. */
export async function status(deps: Deps): Promise<StatusReport> {
  const at = deps.now()
  const figures = await queryFigures(at, deps)
  const { enrollments, ready, nextDueAt, queued, smtp, lineage } = figures
  const { deliveries, uncomposed, months } = figures.ofLedger
  return {
    now: String(at),
    enrollments: enrollments.counts,
    deliveries: deliveries.counts,
    estimated: [
      ...enrollments.estimated.map((name) => `enrollments.${name}`),
      ...deliveries.estimated.map((name) => `deliveries.${name}`),
      ...(ready.orMore ? ['ready'] : []),
    ],
    ready: ready.count,
    nextDueAt: nextDueAt && String(nextDueAt),
    queued,
    courses: bySlug(
      figures.live.map(({ slug, version, since }) => [slug, { version, since: String(since) }]),
    ),
    blocked: reasons([...figures.blockedCourses, ...figures.blockedArticles.map(inFolder)]),
    drafts: reasons([...figures.drafts, ...figures.draftArticles.map(inFolder)]),
    setAside: figures.aside.map(({ enrollment, series, reason, since }) => {
      return { enrollment, series, reason, since: String(since) }
    }),
    uncomposed: bySlug(uncomposed.map(({ series: slug, ...of }) => [slug, of])),
    comments: {
      waiting: figures.comments.count,
      since: figures.comments.since && String(figures.comments.since),
    },
    servers: smtp,
    ...figures.pauses,
    ledger: months,
    receivers: figures.receivers,
    notices: figures.notices.map(({ name }) => (isNotice(name) ? english.t(NOTICES[name]) : name)),
    heldSince: lineage.heldSince && String(lineage.heldSince),
  }
}

const queryFigures = (at: Temporal.Instant, deps: Deps) => {
  const { db, log, stores, series, resends, queueDepth } = deps
  return allOf({
    enrollments: stores.totals.ofEnrollments(db),
    ofLedger: queryLedger(at, deps),
    ready: stores.backlog.countReady(db, at, resends),
    nextDueAt: stores.due.nextAt(db, [...series.keys()]),
    queued: queueDepth().catch((error) => {
      log.warn({ err: error }, 'the queue does not respond')
      return null
    }),
    live: stores.courses.live(db),
    blockedCourses: stores.courses.blocked(db),
    blockedArticles: stores.blockedArticles.list(db),
    drafts: stores.courses.drafts(db),
    draftArticles: stores.blockedArticles.drafts(db),
    comments: stores.commentDecisions.waitingSummary(db),
    smtp: servers({ db, stores }),
    receivers: receiverSummaries(at.subtract({ hours: REPORTED_HOURS }), { db, stores }),
    pauses: pauses({ db, now: () => at, stores }),
    aside: stores.setAside.list(db, MAX_SET_ASIDE),
    notices: stores.notices.all(db),
    lineage: stores.lineage.read(db),
  })
}

/**
 * Uses one connection: each one that queries all months of the ledger loads all their indexes
 * first, which takes longer than the answer.
 */
const queryLedger = (at: Temporal.Instant, deps: Deps) =>
  deps.db.connection().execute(async (db) => ({
    deliveries: await deps.stores.totals.ofDeliveries(db),
    uncomposed: await deps.stores.uncomposed.bySeries(db, at.subtract({ hours: ALARM_HOURS })),
    months: await ledgerStatus({ ...deps, db }),
  }))

type Awaiteds<T> = { readonly [Name in keyof T]: Awaited<T[Name]> }

/** Awaits all of them concurrently, and returns each value under its name. */
async function allOf<T extends Readonly<Record<string, unknown>>>(asked: T): Promise<Awaiteds<T>> {
  const values = await Promise.all(Object.values(asked))
  return Object.fromEntries(Object.keys(asked).map((name, at) => [name, values[at]])) as Awaiteds<T>
}

type Blocked = Awaited<ReturnType<typeof stores.courses.blocked>>

/** An article may have the slug of a course. */
const inFolder = <T extends { readonly slug: string }>(article: T): T => ({
  ...article,
  slug: `articles/${article.slug}`,
})

const reasons = (blocked: Blocked) =>
  bySlug(blocked.map(({ slug, reason, since }) => [slug, { reason, since: String(since) }]))

const bySlug = <T>(entries: readonly (readonly [string, T])[]) => Object.fromEntries(entries)
