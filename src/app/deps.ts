/** The dependencies of actions; each action declares those it uses. */
import type { LiveArticles } from '../actions/articles/live-articles.ts'
import { openFormLimits } from '../actions/enrolling/form-limits.ts'
import { processFormRequests } from '../actions/enrolling/process-form-requests.ts'
import { processSignInRequests } from '../actions/members/process-sign-in-requests.ts'
import { openAlarm } from '../actions/sending/alarm.ts'
import { openEnqueue } from '../actions/sending/enqueue.ts'
import { openMaintenanceState } from '../actions/sending/maintain-ledger.ts'
import { openWorkerLease } from '../actions/sending/worker-lease.ts'
import { type AttemptHistory, MAX_RESENDS, nextAttemptAt } from '../domain/delivery.ts'
import { MINUTE, SECOND } from '../domain/time.ts'
import type { Edition, Reader } from '../mail/edition.ts'
import type { Stamp } from '../mail/mail.ts'
import { compose } from '../mail/message/compose.ts'
import { domainOf } from '../mail/message/headers.ts'
import { type CommentAnswers, renderAnswers } from '../mail/render/comment-answers.ts'
import { openBackgroundTask } from '../platform/background-task.ts'
import { handedOverBy, openHandovers } from '../platform/handovers.ts'
import { openIntervalLimiter } from '../platform/interval-limiter.ts'
import { openKeyedMutex } from '../platform/keyed-mutex.ts'
import { openClickTokens } from '../security/click-tokens.ts'
import { CHALLENGE_LIFETIME_MS, openProofOfWork } from '../security/proof-of-work.ts'
import { type EnrollmentMail, openReturnPaths } from '../security/return-paths.ts'
import { openTokens } from '../security/tokens.ts'
import * as stores from '../store/index.ts'
import { openLimits } from '../store/postgres/rate-limits.ts'
import { newId } from '../store/postgres/sql.ts'
import { openResultBatch } from '../store/result-batch.ts'
import type { openCourses } from './courses.ts'
import { openGuard } from './guard.ts'
import type { Infrastructure } from './infrastructure.ts'
import { openDatabaseLineage } from './lineage.ts'
import type { MailSetup } from './mail.ts'

export type Deps = Awaited<ReturnType<typeof openDeps>>

interface DepsParts {
  readonly infrastructure: Infrastructure
  readonly mailSetup: MailSetup
  readonly courses: Awaited<ReturnType<typeof openCourses>>
  readonly articles: LiveArticles
}

/** Connects adapters to what actions need; `opened` closes what has to be closed. */
export async function openDeps(parts: DepsParts, opened: AsyncDisposableStack) {
  const { infrastructure, mailSetup, courses, articles } = parts
  const { config, db, log, now, trace, lease, secrets, locales, languages } = infrastructure
  const { series } = courses.live
  const base = {
    db,
    now,
    log,
    trace,
    stores,
    series,
    lease,
    locales,
    languages,
    articles,
    articleOf: articles.byId,
    renderAnswers: (answers: CommentAnswers, edition: Edition) =>
      renderAnswers(answers, edition, locales),
    clickTokens: openClickTokens(secrets),
    newId,
    ...mailSetup,
  }
  const sending = await openSending(parts, opened)
  const guarding = openGuard({ ...base, ...sending }, config, opened)
  const deps = {
    ...base,
    ...sending,
    ...guarding,
    addressHashes: secrets.addressHashes,
    tokens: openTokens(secrets),
    ...returnPathDeps(infrastructure),
    proofs: openProofOfWork(secrets, infrastructure.options.proofWork),
    mayBeBehind: config.mayBeBehind,
    retention: config.retention,
    keeping: openMaintenanceState(),
    oneMailWithinMs: config.mail.oneMailWithinMs,
    ...openFormLimits(
      config,
      openLimits(infrastructure.database.pool),
      CHALLENGE_LIFETIME_MS / SECOND,
    ),
    inTurn: openKeyedMutex(),
  }
  const taking = openBackgroundTask(
    async () => {
      // Usually nothing waits: this is one statement instead of three transactions.
      if (!(await stores.requests.isAnyWaiting(deps.db, deps.now()))) return
      await processFormRequests(deps)
      await processSignInRequests(deps)
    },
    (error) => log.error({ err: error }, 'form requests failed; they wait until the next turn'),
  )
  opened.defer(() => taking.settle())
  return { ...deps, taking, trigger: taking.trigger }
}

/** The envelope senders that mails come back to; none without a domain for them. */
function returnPathDeps({ config, secrets, monitoring }: Infrastructure) {
  const { bounceDomain, softLimit } = config.mail
  const returnPaths = openReturnPaths(secrets)
  const at = (localPart: string) => `${localPart}@${bounceDomain}`
  return {
    bounceDomain,
    softLimit,
    returnPaths,
    returnPathFor: (mail: EnrollmentMail) =>
      bounceDomain === null ? null : at(returnPaths.ofEnrollment(mail)),
    returnPathForComment: (id: string) =>
      bounceDomain === null ? null : at(returnPaths.ofCommentMail(id)),
    counted: monitoring.metrics.reported,
  }
}

/** The further dependencies of planning and sending. */
async function openSending(
  { infrastructure, mailSetup, courses }: DepsParts,
  opened: AsyncDisposableStack,
) {
  const { config, db, log, now, queue, monitoring, sandbox, workerLease, where } = infrastructure
  const { live } = courses
  const resends = MAX_RESENDS[config.mail.unknown]
  const past = { where, db, now, log, stores, series: live.series, resends, sandbox }
  const noting = infrastructure.options.queueWhenNeeded ? null : queue
  const lineage = await openDatabaseLineage({ ...past, noting }, config)
  const heartbeat = monitoring.begin({
    db,
    stores,
    transport: mailSetup.transport,
    queueDepth: queue.depth,
  })
  const handovers = opened.adopt(openHandovers(config.dataDir, workerLease), (handovers) =>
    handovers.close(),
  )
  const leasing = openWorkerLease({ db, log, now, stores, workerLease, handovers })
  opened.defer(() => leasing.leave().catch(() => {}))
  // Other processes see it gone immediately, if the database can still be reached.
  opened.defer(() => heartbeat.leave().catch(() => {}))
  const results = openResultBatch(db, log)
  opened.defer(() => results.flush())
  return {
    enqueue: openEnqueue({ db, log, stores, addJobs: queue.enqueue }),
    inFlight: new Set<Promise<void>>(),
    keptEditions: new Map<string, Promise<unknown>>(),
    lockCourses: live.lock,
    refreshCourses: live.refresh,
    resends,
    lineage,
    place: lineage.place,
    domain: domainOf(config.mail.from),
    nextTry: (tried: AttemptHistory, at: Temporal.Instant) =>
      nextAttemptAt(config.mail.retryMinutes, tried, at),
    alarm: openAlarm(live.series, log),
    mayTell: openIntervalLimiter(MINUTE),
    results,
    handovers,
    workerLease,
    leasing,
    mayLook: openIntervalLimiter(MINUTE),
    handedOverBy: (worker: string) => handedOverBy(config.dataDir, worker),
    addJobs: queue.enqueue,
    queueDepth: queue.depth,
    oldestJob: queue.oldest,
    proveQueue: queue.checkWritable,
    round: { after: null },
    heartbeat,
    compose: (edition: Edition, reader: Reader, stamp: Stamp) =>
      compose(edition, reader, stamp, config.mail.from),
  }
}
