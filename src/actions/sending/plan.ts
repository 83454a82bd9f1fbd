import type { Series } from '../../domain/course.ts'
import { nextStep, type Step } from '../../domain/plan.ts'
import { messageOf } from '../../domain/problem.ts'
import { NIL_UUID } from '../../domain/uuid.ts'
import type { Logger } from '../../platform/log.ts'
import type { Trace } from '../../platform/tracing.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { withNews } from '../shared/news.ts'
import {
  type Deps as CompanionDeps,
  companionsOf,
  coursesOf,
  EXPIRED,
  openLessonLookup,
  ownerOf,
  type PlannedMail,
  type Planning,
  planCompanions,
} from './companions.ts'
import {
  type PlanDeps as AnswersDeps,
  type CarrierMail,
  planMergedAnswers,
} from './merged-answers.ts'

export interface Deps extends CompanionDeps {
  readonly db: Db
  readonly log: Logger
  readonly stores: CompanionDeps['stores'] &
    Pick<typeof stores, 'due' | 'deliveries' | 'setAside' | 'letters'> &
    AnswersDeps['stores']
  /** Brings `series` up to date, and keeps it so until the transaction ends. */
  readonly lockCourses: (tx: Db) => Promise<void>
  readonly enqueue: (ids: readonly string[]) => Promise<void>
  /** Which lineage of the database this process knows, and how far. */
  readonly lineage: { readonly seen: () => stores.lineage.KnownLineage }
  readonly resends: number
  readonly trace: Trace
}

/**
 * Enrollments planned in one transaction; fewer at first, so that senders can start immediately.
 */
const [FIRST_BATCH, BATCH] = [200, 500]
/** When an enrollment that cannot be planned is tried again. */
const SET_ASIDE_DURATION = { hours: 1 }

/**
 * Plans everything that is due at `now`, and after `since` unless that is null: writes the ledger
 * rows, moves each enrollment on to its next morning, and enqueues the mails after the commit. Any
 * number of planners may run concurrently. An enrollment that cannot be planned is logged and set
 * aside for an hour; it does not hold up the others.
 *
 * Courses come first: a lesson takes the inspiration of its reader's morning, or the letter of new
 * articles, along in one mail. If its lesson comes a little later, the companion waits for it.
 *
 * @returns the number of mails planned.
 */
export async function plan(
  now: Temporal.Instant,
  since: Temporal.Instant | null,
  deps: Deps,
): Promise<number> {
  const courses = coursesOf(deps)
  const wanted = { except: [], begin: since && { dueAt: since, id: NIL_UUID } }
  const lessons = await planAll(now, { ...wanted, series: courses, after: [] }, deps)
  return (
    lessons + (await planAll(now, { ...wanted, series: companionsOf(deps), after: courses }, deps))
  )
}

interface PlanScope {
  readonly series: readonly string[]
  /** Series that are planned before these. */
  readonly after: readonly string[]
  /** Enrollments that cannot be planned; grows during the run. */
  readonly except: string[]
  /** Everything before this place is skipped. */
  readonly begin: stores.due.DuePosition | null
}

async function planAll(now: Temporal.Instant, wanted: PlanScope, deps: Deps): Promise<number> {
  let planned = 0
  let limit = FIRST_BATCH
  let beyond = wanted.begin
  for (;;) {
    const batch = await deps.trace({ name: 'plan' }, async (span) => {
      const tried = await tryBatch(now, { ...wanted, limit, beyond }, deps)
      await deps.enqueue(tried.ids)
      if (tried.taken.length === 0) span.forget()
      span.set({ 'dawnpost.due': tried.taken.length, 'dawnpost.mails': tried.ids.length })
      return tried
    })
    planned += batch.ids.length
    // After a failure the batch is halved until the enrollment at fault is alone; those before it
    // are planned on the way.
    if (batch.failed) limit = Math.ceil(batch.taken.length / 2)
    else if (batch.taken.length === limit) {
      beyond = batch.taken.at(-1) ?? null
      limit = Math.min(limit === FIRST_BATCH ? BATCH : limit * 2, BATCH)
    } else if (beyond === wanted.begin) return planned
    // Something may have become due before that place in the meantime.
    else beyond = wanted.begin
  }
}

interface PlannedBatch {
  readonly taken: readonly stores.due.DuePosition[]
  readonly ids: readonly string[]
  readonly failed: boolean
}

type Options = PlanScope & Pick<stores.due.ClaimOptions, 'limit' | 'beyond'>

async function tryBatch(
  now: Temporal.Instant,
  options: Options,
  deps: Deps,
): Promise<PlannedBatch> {
  const taken: stores.due.DuePosition[] = []
  try {
    const ids = await deps.db
      .transaction()
      .execute((tx) => planBatch(tx, now, options, taken, deps))
    return { taken, ids, failed: false }
  } catch (error) {
    if (taken.length === 0 || !deps.stores.setAside.isCausedByEnrollment(error)) throw error
    const enrollment = taken[0]?.id ?? ''
    if (taken.length > 1) return { taken, ids: [], failed: true }
    // Its companion may be the one that cannot be planned.
    if (deps.oneMailWithinMs > 0) return tryBatch(now, options, { ...deps, oneMailWithinMs: 0 })
    deps.log.error(
      { err: error, enrollment },
      'an enrollment cannot be planned; it is set aside for an hour',
    )
    await deps.stores.setAside.add(deps.db, enrollment, {
      reason: messageOf(error),
      now,
      tryAt: now.add(SET_ASIDE_DURATION),
    })
    options.except.push(enrollment)
    return { taken, ids: [], failed: true }
  }
}

async function planBatch(
  tx: Db,
  now: Temporal.Instant,
  options: Options,
  taken: stores.due.DuePosition[],
  deps: Deps,
): Promise<string[]> {
  const { stores, series } = deps
  const claimed = await stores.due.claim(tx, options.series, now, {
    ...options,
    resends: deps.resends,
    seen: deps.lineage.seen(),
  })
  taken.push(...claimed)
  if (claimed.length === 0) return []
  await deps.lockCourses(tx)
  const known = claimed.filter((row) => series.has(row.series))
  const due = await withNews(tx, { rows: known, now }, deps)
  // Their series has just ended.
  options.except.push(...claimed.filter((row) => !series.has(row.series)).map(({ id }) => id))
  const lessonFor = await openLessonLookup(tx, now, due, deps)
  const mails: PlannedMail[] = []
  const advances: stores.due.Advance[] = []
  const departures = new Map<string, CarrierMail>()
  for (const row of due) {
    const { id } = row
    const step = nextStep(series.get(row.series) as Series, row, now)
    const mail = 'mail' in step ? step.mail : null
    const lesson =
      step.do === 'send' && mail && mail.kind !== 'lesson' && lessonFor(row, mail.morning)
    if (lesson) {
      advances.push({ id, next: { ...lesson, on: mail.morning.on } })
      continue
    }
    const delivery = step.do === 'redate' ? step.delivery : deps.newId(now)
    const afterPause = row.pausedUntil !== null
    if (mail)
      mails.push({
        ...mail,
        ...ownerOf(row),
        id: delivery,
        afterPause,
        ...(step.do === 'drop' && EXPIRED),
      })
    if (step.do === 'redate') await stores.deliveries.redate(tx, delivery, step.morning, afterPause)
    const morning =
      step.do === 'redate' ? step.morning : mail?.kind === 'lesson' ? mail.morning : null
    if (morning) departures.set(row.subscriberId, { delivery, morning })
    advances.push({ id, next: nextOfStep(step) })
  }
  const answerCarriers = answerCarriersAmong(due, { departures, mails })
  await planCompanions(tx, now, { departures, mails, advances }, deps)
  await stores.due.advance(tx, advances, now)
  await stores.setAside.remove(
    tx,
    taken.map(({ id }) => id),
  )
  const ids = await stores.deliveries.add(tx, mails, now)
  await stores.letters.add(tx, lettersIn(mails))
  await planMergedAnswers(tx, now, answerCarriers, deps)
  return ids
}

/** Returns the mails being planned for readers with new answers, by reader. */
function answerCarriersAmong(
  due: readonly stores.due.DueEnrollment[],
  { departures, mails }: Pick<Planning, 'departures' | 'mails'>,
): Map<string, CarrierMail> {
  const answered = new Map(
    due.filter((row) => row.hasAnswers).map((row) => [row.id, row.subscriberId]),
  )
  if (answered.size === 0) return new Map()
  const leaving = mails.flatMap(({ id, enrollmentId, kind, morning, status }) => {
    const reader = answered.get(enrollmentId)
    const tells = reader !== undefined && status === undefined && kind !== 'completion'
    return tells ? [[reader, { delivery: id, morning }] as const] : []
  })
  const lessons = [...answered.values()].flatMap((reader) => {
    const departure = departures.get(reader)
    return departure ? [[reader, departure] as const] : []
  })
  return new Map([...leaving, ...lessons])
}

const lettersIn = (mails: readonly PlannedMail[]) =>
  mails.flatMap(({ id, announced }) => (announced ? [{ id, announced }] : []))

const nextOfStep = (step: Step): stores.due.Advance['next'] => {
  if (step.do === 'finish') return null
  return step.do === 'rest' ? { on: step.from, at: null } : step.next
}
