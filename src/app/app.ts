/** The composition root: the only file that joins adapters to actions, and the only one that makes a clock. */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Span, shownOf, todaysInspiration } from '../actions/courses/shown.ts'
import { type Asking, admit, proofWanted } from '../actions/enrolling/admit.ts'
import { confirm } from '../actions/enrolling/confirm.ts'
import { type Enrollment, enroll } from '../actions/enrolling/enroll.ts'
import { openFormLimits } from '../actions/enrolling/form-limits.ts'
import { requestEnrollment } from '../actions/enrolling/request-enrollment.ts'
import { requestLink } from '../actions/enrolling/request-link.ts'
import { takeRequests } from '../actions/enrolling/take-requests.ts'
import { openMonitoring, openReports } from '../actions/operating/monitoring.ts'
import { recognizeKeys } from '../actions/operating/recognize-keys.ts'
import { openRestored } from '../actions/operating/restored.ts'
import { openServers } from '../actions/operating/servers.ts'
import { status } from '../actions/operating/status.ts'
import { openUnknowns } from '../actions/operating/unknowns.ts'
import { openControls } from '../actions/readers/controls.ts'
import { openLookups } from '../actions/readers/lookups.ts'
import { openReading } from '../actions/readers/reading.ts'
import { openRights } from '../actions/readers/rights.ts'
import { standingBy, standingOf } from '../actions/readers/standing.ts'
import { type Scope, unsubscribe } from '../actions/readers/unsubscribe.ts'
import { openAlarm } from '../actions/sending/alarm.ts'
import { deliver } from '../actions/sending/deliver.ts'
import { openDue } from '../actions/sending/due.ts'
import { openInFlight } from '../actions/sending/in-flight.ts'
import { nextMorning } from '../actions/sending/next-morning.ts'
import { nudgeAndTell, openNudge } from '../actions/sending/nudge.ts'
import { plan } from '../actions/sending/plan.ts'
import { prepare } from '../actions/sending/prepare.ts'
import { sendTest, type TestMail } from '../actions/sending/send-test.ts'
import { purge, sweep } from '../actions/sending/sweep.ts'
import { openThrottle } from '../actions/sending/throttle.ts'
import type { Address } from '../domain/address.ts'
import type { Daily } from '../domain/course.ts'
import { nextTry, RESENDS, type Tried } from '../domain/delivery.ts'
import type { Notice } from '../domain/notices.ts'
import { MINUTE, SECOND } from '../domain/time.ts'
import { compose, type Reader, rawOf, type Stamp } from '../mail/message/compose.ts'
import { domainOf } from '../mail/message/headers.ts'
import { type Edition, editionOf, openEditions, subjectFor } from '../mail/render/compile.ts'
import { readable } from '../mail/render/readable.ts'
import { loadTemplates } from '../mail/render/templates.ts'
import { openCourier } from '../mail/smtp/courier.ts'
import { judge } from '../mail/smtp/judge.ts'
import { notOurs } from '../mail/smtp/not-now.ts'
import { openSandbox } from '../mail/smtp/sandbox.ts'
import { openSandboxClock, type SandboxClock, systemClock } from '../platform/clock.ts'
import type { Config } from '../platform/config.ts'
import { openErrand } from '../platform/errand.ts'
import { handedOverBy, openHandovers } from '../platform/handovers.ts'
import { openInTurn } from '../platform/in-turn.ts'
import { type Logger, openLog } from '../platform/log.ts'
import { openOutdated } from '../platform/outdated.ts'
import { openSeldom } from '../platform/seldom.ts'
import { type Tracing, UNTRACED } from '../platform/tracing.ts'
import { openQueue } from '../queue/queue.ts'
import { openLinks } from '../security/links.ts'
import { openProofs, PROOF_LIFETIME, type Work } from '../security/proofs.ts'
import { openSeals } from '../security/seals.ts'
import { openSecrets } from '../security/secrets.ts'
import { openStamps } from '../security/stamps.ts'
import * as stores from '../store/index.ts'
import { openCounters } from '../store/postgres/counters.ts'
import { openLimits } from '../store/postgres/rate-limits.ts'
import { shown } from '../store/postgres/server.ts'
import { openSite, placeFor, queuePrefixAt } from '../store/postgres/site.ts'
import { isBadValue, newId } from '../store/postgres/sql.ts'
import { openResults } from '../store/results.ts'
import { openCourses } from './courses.ts'
import { existingKeys, exitsTo, masterKeys } from './keys.ts'
import { openPast } from './lineage.ts'

const CAUGHT = 'caught in the outbox; no email leaves this machine'
/** Long enough for a worker that waits for its database, or whose process was held up. */
const LEASE_SECONDS = 60
const NEVER = new AbortController().signal
const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export type App = Awaited<ReturnType<typeof openApp>>

export interface Options {
  /** Where the courses are; by default the `courses` folder beside `src`. */
  readonly coursesDir?: string
  /** Stands in for the sandbox's own clock: a simulation or a test moves it by hand. */
  readonly clock?: SandboxClock
  /** Another name for its queue on Redis than the one that follows the database: a throw-away app's. */
  readonly queuePrefix?: string
  /** Opens the queue when it is first needed, so that what needs none works while its Redis is down. */
  readonly queueWhenNeeded?: true | undefined
  readonly log?: Logger
  /** What it does is told there. Whoever opened it closes it. */
  readonly tracing?: Tracing
  /** How long a delivery, and a job, stays with a worker that shows no sign of life. */
  readonly leaseSeconds?: number
  /** Opens what is there and makes nothing, neither database nor key: for what only asks. */
  readonly existing?: true | undefined
  /** How much work a browser has to show where proof of it is asked for. */
  readonly proofWork?: Partial<Work>
}

/**
 * Opens everything, in order; what was opened is closed again when a later step fails, and by `close`,
 * backwards. Throws a Problem or a ContentError that a person can act on.
 */
export async function openApp(config: Config, options: Options = {}) {
  await using opened = new AsyncDisposableStack()
  const { existing, log = openLog(config.log.level), tracing = UNTRACED } = options
  const { trace } = tracing
  const lease = {
    worker: `${hostname()}:${process.pid}:${randomBytes(3).toString('hex')}`,
    seconds: options.leaseSeconds ?? LEASE_SECONDS,
  }
  const monitoring = openMonitoring(lease.worker, tracing)
  const onStatement = monitoring.metrics.statement
  const database = opened.adopt(await openSite(config, { existing, log, onStatement }), (one) => one.close())
  const { db, url: databaseUrl, queueSchema: schema } = database
  const where = await placeFor(db)
  const prefix = options.queuePrefix || queuePrefixAt(where)
  const lock = options.leaseSeconds && { lockMs: options.leaseSeconds * SECOND }
  const queue = opened.adopt(
    await openQueue({ redisUrl: config.redisUrl, databaseUrl, schema, prefix, ...lock }, log, {
      whenNeeded: options.queueWhenNeeded,
    }),
    (one) => one.close(),
  )
  const sandbox = config.mail.servers === null
  const clock =
    options.clock ??
    (sandbox
      ? await openSandboxClock({
          read: () => stores.sandbox.clockAhead(db),
          write: (aheadMs) => stores.sandbox.moveClock(db, aheadMs),
        })
      : null)
  const now = clock?.now ?? systemClock
  const throttle = openThrottle({
    ...{ db, now, log, stores },
    counters: openCounters(database.pool),
    providerLimits: config.mail.providerLimits,
  })
  const secrets = openSecrets(await (existing ? existingKeys : masterKeys)(config))
  await recognizeKeys(secrets.fingerprints, { db, now, stores })
  const courier = opened.adopt(
    config.mail.servers === null
      ? openSandbox((mail) =>
          stores.sandbox.keep(db, { ...mail, recipient: mail.envelope.to, raw: rawOf(mail) }, now()),
        )
      : openCourier(await exitsTo(config.mail.servers, monitoring.observer), throttle, log),
    (one) => one.close(),
  )
  const siteUrl = config.http.publicUrl ?? `http://localhost:${config.http.port}`
  const links = openLinks(secrets, siteUrl)
  const letterhead = {
    siteName: config.mail.from.name || 'Dawnpost',
    siteUrl,
    postalAddress: config.mail.postalAddress,
  }
  const editions = openEditions(await loadTemplates(join(ROOT, 'templates/mail')), letterhead)

  const courses = await openCourses(options.coursesDir ?? join(ROOT, 'courses'), { db, now, log, editions })
  const { series } = courses.live

  const nudge = openNudge({ db, log, stores, enqueue: queue.enqueue })
  const resends = RESENDS[config.mail.unknown]
  const noting = options.queueWhenNeeded ? null : queue
  const lineage = await openPast({ where, db, now, log, stores, series, resends, sandbox, noting }, config)
  const heartbeat = monitoring.begin({ db, stores, courier, queueDepth: queue.depth })
  const handovers = opened.adopt(openHandovers(config.dataDir, lease, notOurs), (one) => one.close())
  const deps = {
    ...{ db, now, log, trace, stores, series, nudge, links, editions, courier, judge, lease },
    ...{ inFlight: new Set<Promise<void>>(), kept: new Map<string, Promise<unknown>>() },
    ...{ holdCourses: courses.live.hold, refreshCourses: courses.live.refresh },
    ...{ resends, lineage, place: lineage.place, domain: domainOf(config.mail.from) },
    nextTry: (tried: Tried, at: Temporal.Instant) => nextTry(config.mail.retryMinutes, tried, at),
    ...{ revive: editionOf, readable, subjectFor, siteUrl },
    ...{ newId, oneMailWithinMs: config.mail.oneMailWithinMs },
    ...{ addressHashes: secrets.addressHashes, isBadValue, proofs: openProofs(secrets, options.proofWork) },
    alarm: openAlarm(series, log),
    mayTell: openSeldom(MINUTE),
    results: openResults(db, log),
    ...{ handovers, handedOverBy: (worker: string) => handedOverBy(config.dataDir, worker) },
    enqueue: queue.enqueue,
    ...{ queueDepth: queue.depth, oldestJob: queue.oldest, round: { after: null } },
    proveQueue: queue.prove,
    ...{ heartbeat, mayBeBehind: config.mayBeBehind },
    ...openFormLimits(config, openLimits(database.pool), PROOF_LIFETIME / SECOND),
    inTurn: openInTurn(),
    compose: (edition: Edition, reader: Reader, stamp: Stamp) =>
      compose(edition, reader, stamp, config.mail.from),
  }
  // A large morning takes a while: each batch is a sign of life.
  const planning = { ...deps, nudge: nudgeAndTell(nudge, heartbeat.planned) }
  const taking = openErrand(
    () => takeRequests(deps),
    (error) => log.error({ err: error }, 'what forms have asked for waits until the next turn'),
  )
  const app = {
    ...{ config, log, trace, now, series, links, siteUrl, letterhead },
    descriptions: {
      database: config.databaseUrl ? shown(config.databaseUrl) : `embedded PostgreSQL in ${config.dataDir}`,
      queue: queue.backend,
      mail: config.mail.servers?.map(({ name }) => name).join(', ') ?? CAUGHT,
    },
    stamps: openStamps(secrets),
    seals: openSeals(secrets),
    /** Jobs a worker process works on at a time: while one waits for SMTP, another claims. */
    concurrency: 3,
    ...{ queue, databaseUrl },

    enroll: (request: Enrollment) => enroll(request, deps),
    /** Takes down what a form asks for, and has it carried out behind the answer. */
    requestEnrollment: (request: stores.requests.Request) => {
      monitoring.metrics.enrollmentAsked()
      return requestEnrollment(request, { ...deps, poke: taking.poke })
    },
    requestLink: (to: Address, how: { slowly?: boolean } = {}) =>
      requestLink(to, how, { ...deps, poke: taking.poke }),
    /** Carries out what forms have asked for, and waits for it. */
    takeRequests: () => {
      taking.poke()
      return taking.settle()
    },
    confirm: async (subscriberId: string, consent: stores.consents.Consent, only?: readonly string[]) => {
      const confirmed = await confirm(subscriberId, consent, deps, only)
      if (confirmed.length > 0) monitoring.metrics.confirmed()
      return confirmed
    },
    unsubscribe: (enrollmentId: string, scope: Scope, consent: stores.consents.Consent) =>
      unsubscribe(enrollmentId, scope, consent, deps),
    ...openControls(deps),
    ...openReading(deps),
    ...openRights(deps),
    sendTest: (mail: TestMail) => sendTest(mail, deps),
    admit: (asking: Asking) => admit(asking, deps),
    proofWanted: (form: string) => proofWanted(form, deps),
    challenge: (form: string) => deps.proofs.challenge(form, now()),
    inspirationOn: (date: Temporal.PlainDate) => todaysInspiration(date, deps),
    shownOf: (daily: Daily, span: Span) => shownOf(daily, span, deps),
    standingOf: (subscriberId: string) => standingOf(subscriberId, deps),
    standingBy: (enrollmentId: string) => standingBy(enrollmentId, deps),
    ...openLookups(deps),

    courses,
    isOutdated: openOutdated(database.newer, log),
    plan: async () => {
      await clock?.refresh()
      const planned = await plan(now(), planning)
      if (planned > 0) await lineage.advance()
      heartbeat.planned()
      return planned
    },
    ...openDue(deps),
    sweep: async () => {
      await clock?.refresh()
      return (await lineage.heldSince()) === null ? sweep(now(), deps) : 0
    },
    purge: () => purge(now(), deps),
    prepare: (signal: AbortSignal) => prepare(signal, deps),
    ...openInFlight(deps),
    deliver: async (ids: readonly string[], signal = NEVER, heldUpMs: number | null = null) => {
      await clock?.refresh()
      const done = heartbeat.sending()
      return deliver(ids, { signal, heldUpMs }, deps).finally(done)
    },
    status: () => status(deps),
    unknowns: openUnknowns(deps),
    /** SMTP servers that are halted or down, and having mail sent by those that were halted. */
    servers: openServers(deps),
    notice: (name: Notice) => stores.notices.note(db, name),
    settleNotice: (name: Notice) => stores.notices.settle(db, name),
    ...openReports(deps),
    heartbeat,
    lineage,
    /** After a backup was put back: what was due since, and what becomes of it. */
    restored: openRestored(deps),

    /** Null when mail really leaves. */
    sandbox:
      sandbox && clock
        ? {
            list: (limit: number) => stores.sandbox.list(db, limit),
            since: (after: string) => stores.sandbox.since(db, after),
            one: (id: string) => stores.sandbox.one(db, id),
            version: () => stores.sandbox.version(db),
            nextMorning: () => nextMorning(clock, { ...deps, plan: () => plan(now(), deps) }),
          }
        : null,
    close: () => open.disposeAsync(),
  }
  // Gone at once for the others, when the database still hears it.
  opened.defer(() => heartbeat.leave().catch(() => {}))
  opened.defer(() => deps.results.flush())
  opened.defer(() => taking.settle())
  const open = opened.move()
  return app
}
