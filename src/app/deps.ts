/** The dependencies of actions; each action declares those it uses. */
import type { LiveArticles } from '../actions/articles/live-articles.ts'
import { openFormLimits } from '../actions/enrolling/form-limits.ts'
import { takeRequests } from '../actions/enrolling/take-requests.ts'
import { takeSignIns } from '../actions/members/take-sign-ins.ts'
import { openAlarm } from '../actions/sending/alarm.ts'
import { openEnqueue } from '../actions/sending/enqueue.ts'
import { openKeeping } from '../actions/sending/keep-ledger.ts'
import { openWorkerLease } from '../actions/sending/worker-lease.ts'
import { nextTry, RESENDS, type Tried } from '../domain/delivery.ts'
import { MINUTE, SECOND } from '../domain/time.ts'
import type { Edition, Reader } from '../mail/edition.ts'
import type { Stamp } from '../mail/mail.ts'
import { compose } from '../mail/message/compose.ts'
import { domainOf } from '../mail/message/headers.ts'
import { type AnswersBeside, renderAnswers } from '../mail/render/answers-beside.ts'
import { openBackgroundTask } from '../platform/background-task.ts'
import { handedOverBy, openHandovers } from '../platform/handovers.ts'
import { openInTurn } from '../platform/in-turn.ts'
import { openSeldom } from '../platform/seldom.ts'
import { openClickTokens } from '../security/click-tokens.ts'
import { openProofs, PROOF_LIFETIME } from '../security/proofs.ts'
import { type MailOfEnrollment, openReturnPaths } from '../security/return-paths.ts'
import { openTokens } from '../security/tokens.ts'
import * as stores from '../store/index.ts'
import { openLimits } from '../store/postgres/rate-limits.ts'
import { newId } from '../store/postgres/sql.ts'
import { openResults } from '../store/results.ts'
import type { openCourses } from './courses.ts'
import type { Ground } from './ground.ts'
import { openGuard } from './guard.ts'
import { openPast } from './lineage.ts'
import type { Mailing } from './mail.ts'

export type Deps = Awaited<ReturnType<typeof openDeps>>

interface Joined {
  readonly ground: Ground
  readonly mailing: Mailing
  readonly courses: Awaited<ReturnType<typeof openCourses>>
  readonly articles: LiveArticles
}

/** Connects adapters to what actions need; `opened` closes what has to be closed. */
export async function openDeps(joined: Joined, opened: AsyncDisposableStack) {
  const { ground, mailing, courses, articles } = joined
  const { config, db, log, now, trace, lease, secrets, locales, languages } = ground
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
    renderAnswers: (answers: AnswersBeside, edition: Edition) =>
      renderAnswers(answers, edition, locales),
    clickTokens: openClickTokens(secrets),
    newId,
    ...mailing,
  }
  const sending = await openSending(joined, opened)
  const guarding = openGuard({ ...base, ...sending }, config, opened)
  const deps = {
    ...base,
    ...sending,
    ...guarding,
    addressHashes: secrets.addressHashes,
    tokens: openTokens(secrets),
    ...returning(ground),
    proofs: openProofs(secrets, ground.options.proofWork),
    mayBeBehind: config.mayBeBehind,
    retention: config.retention,
    keeping: openKeeping(),
    oneMailWithinMs: config.mail.oneMailWithinMs,
    ...openFormLimits(config, openLimits(ground.database.pool), PROOF_LIFETIME / SECOND),
    inTurn: openInTurn(),
  }
  const taking = openBackgroundTask(
    async () => {
      // Usually nothing waits: this is one statement instead of three transactions.
      if (!(await stores.requests.isAnyWaiting(deps.db, deps.now()))) return
      await takeRequests(deps)
      await takeSignIns(deps)
    },
    (error) => log.error({ err: error }, 'what forms have asked for waits until the next turn'),
  )
  opened.defer(() => taking.settle())
  return { ...deps, taking, trigger: taking.trigger }
}

/** The envelope senders that mails come back to; none without a domain for them. */
function returning({ config, secrets, monitoring }: Ground) {
  const { bounceDomain, softLimit } = config.mail
  const returnPaths = openReturnPaths(secrets)
  const at = (localPart: string) => `${localPart}@${bounceDomain}`
  return {
    bounceDomain,
    softLimit,
    returnPaths,
    returnPathFor: (mail: MailOfEnrollment) =>
      bounceDomain === null ? null : at(returnPaths.ofEnrollment(mail)),
    returnPathForComment: (id: string) =>
      bounceDomain === null ? null : at(returnPaths.ofCommentMail(id)),
    counted: monitoring.metrics.reported,
  }
}

/** The further dependencies of planning and sending. */
async function openSending({ ground, mailing, courses }: Joined, opened: AsyncDisposableStack) {
  const { config, db, log, now, queue, monitoring, sandbox, workerLease, where } = ground
  const { live } = courses
  const resends = RESENDS[config.mail.unknown]
  const past = { where, db, now, log, stores, series: live.series, resends, sandbox }
  const noting = ground.options.queueWhenNeeded ? null : queue
  const lineage = await openPast({ ...past, noting }, config)
  const heartbeat = monitoring.begin({
    db,
    stores,
    transport: mailing.transport,
    queueDepth: queue.depth,
  })
  const handovers = opened.adopt(openHandovers(config.dataDir, workerLease), (handovers) =>
    handovers.close(),
  )
  const leasing = openWorkerLease({ db, log, now, stores, workerLease, handovers })
  opened.defer(() => leasing.leave().catch(() => {}))
  // Other processes see it gone immediately, if the database can still be reached.
  opened.defer(() => heartbeat.leave().catch(() => {}))
  const results = openResults(db, log)
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
    nextTry: (tried: Tried, at: Temporal.Instant) => nextTry(config.mail.retryMinutes, tried, at),
    alarm: openAlarm(live.series, log),
    mayTell: openSeldom(MINUTE),
    results,
    handovers,
    workerLease,
    leasing,
    mayLook: openSeldom(MINUTE),
    handedOverBy: (worker: string) => handedOverBy(config.dataDir, worker),
    addJobs: queue.enqueue,
    queueDepth: queue.depth,
    oldestJob: queue.oldest,
    proveQueue: queue.prove,
    round: { after: null },
    heartbeat,
    compose: (edition: Edition, reader: Reader, stamp: Stamp) =>
      compose(edition, reader, stamp, config.mail.from),
  }
}
