import { setTimeout as pause } from 'node:timers/promises'
import { lessonBy, type Series } from '../../domain/course.ts'
import { TAKEN_OUT, type Tried, UNCOMPOSED } from '../../domain/delivery.ts'
import { messageOf } from '../../domain/problem.ts'
import { keptReply } from '../../domain/reply.ts'
import { MINUTE, SECOND } from '../../domain/time.ts'
import type { Edition, Editions, Reader } from '../../mail/edition.ts'
import type { Mail, Stamp } from '../../mail/mail.ts'
import type { editionOf } from '../../mail/render/compile.ts'
import type { Courier, Receipt } from '../../mail/smtp/courier.ts'
import type { Judgment } from '../../mail/smtp/judge.ts'
import type { Handovers, Hold } from '../../platform/handovers.ts'
import type { Trace } from '../../platform/tracing.ts'
import type * as stores from '../../store/index.ts'
import { contentOf } from '../shared/contents.ts'
import { type Deps as MailDeps, readerOf } from '../shared/mail-of.ts'
import type { Alarm } from './alarm.ts'
import { type Failed, type Deps as FailedDeps, failedBy, tellFailure } from './failed.ts'
import { type Claimed, type Outcome, record, type Said } from './record.ts'
import { endForGood, isForGood, type Deps as RefusedDeps } from './refused.ts'

export interface Deps extends MailDeps, FailedDeps, RefusedDeps {
  readonly stores: MailDeps['stores'] & RefusedDeps['stores'] & Pick<typeof stores, 'editions'>
  readonly editions: Editions
  /** Brings `series` up to date. */
  readonly refreshCourses: () => Promise<void>
  /** The edition of a text that was kept. */
  readonly revive: typeof editionOf
  readonly compose: (edition: Edition, reader: Reader, stamp: Stamp) => Mail
  readonly courier: Courier
  readonly lease: stores.leases.Lease
  /** How often a delivery of unknown outcome is sent again. */
  readonly resends: number
  /** When one that was put off now is tried again; null: it is given up. */
  readonly nextTry: (tried: Tried, now: Temporal.Instant) => Temporal.Instant | null
  /** Of Message-IDs. */
  readonly domain: string
  /** Which past of the database this process knows. */
  readonly lineage: { readonly seen: () => stores.lineage.Seen }
  /** Ends of what is on its way. */
  readonly inFlight: Set<Promise<void>>
  /** The editions this process has kept, or is keeping, by hash. */
  readonly kept: Map<string, Promise<unknown>>
  /** Tells the log why the mails of a series cannot be composed, each cause once. */
  readonly alarm: Alarm
  /** What this process has claimed and not finished, and what of it SMTP may have: its leases are renewed meanwhile. */
  readonly handovers: Handovers
  readonly trace: Trace
}

export interface Terms {
  readonly signal: AbortSignal
  /** How long mails that are on their way are waited for; then `inFlight` holds their end. Null: until they are through. */
  readonly heldUpMs: number | null
}

/**
 * Sends deliveries, passing over what another worker has, what has gone out already, and what the person no
 * longer wants. The only way to SMTP. Claims no more than can be sent at once, so that what is claimed is in
 * SMTP's hands. Stops between groups when `signal` says so.
 *
 * @returns the ids it did not get to, or could not claim: if they may still leave, they are to be queued again.
 */
export const deliver = (ids: readonly string[], terms: Terms, deps: Deps): Promise<readonly string[]> =>
  deps.trace({ name: 'deliver', attributes: { 'dawnpost.mails': ids.length } }, () =>
    deliverAll(ids, terms, deps),
  )

async function deliverAll(ids: readonly string[], terms: Terms, deps: Deps): Promise<string[]> {
  const { courier, handovers, results, inFlight } = deps
  const unclaimed: string[] = []
  const sending: Promise<void>[] = []
  const taken: Hold[] = []
  const refused: Failed[] = []
  let rest = ids
  try {
    while (rest.length > 0) {
      const room = await courier.reserve(rest.length, terms.signal)
      if (room === 0) break
      // A slow database stops the claims: a worker that is killed leaves little that nobody knows of.
      await results.caughtUp()
      const group = rest.slice(0, room)
      rest = rest.slice(room)
      const since = handovers.claiming()
      const claimed = await claim(group, deps).catch((error) => {
        courier.free(room)
        throw error
      })
      courier.free(room - claimed.length)
      // Not waited for here: a mail that takes its time keeps none of the others.
      for (const delivery of claimed) {
        const hold = handovers.hold(idsOf(delivery), since)
        taken.push(hold)
        const one = send({ delivery, hold }, refused, deps).finally(() => courier.free(1))
        // What goes wrong is told at the end; until then nobody else may.
        one.catch(() => {})
        sending.push(one)
      }
      const got = new Set(claimed.map(({ id }) => id))
      unclaimed.push(...group.filter((id) => !got.has(id)))
    }
  } finally {
    const end = settle({ sending, refused, taken }, deps)
    inFlight.add(end)
    end.catch(() => {}).finally(() => inFlight.delete(end))
    await unlessHeldUp(end, terms, deps)
  }
  return [...unclaimed, ...rest]
}

interface Run {
  readonly sending: readonly Promise<void>[]
  readonly refused: readonly Failed[]
  readonly taken: readonly Hold[]
}

/** Resolves when all has been sent or has failed, and stands in the ledger. */
async function settle({ sending, refused, taken }: Run, deps: Deps): Promise<void> {
  await Promise.allSettled(sending)
  const ends = refused.map((one) => endForGood(one, deps))
  await Promise.allSettled(ends)
  await deps.results.flush()
  for (const hold of taken) hold.letGo()
  await Promise.all([...sending, ...ends])
}

async function unlessHeldUp(end: Promise<void>, { heldUpMs }: Terms, { log }: Deps): Promise<void> {
  if (heldUpMs === null) return end
  const over = new AbortController()
  const late = pause(heldUpMs, 'late', { ref: false, signal: over.signal }).catch(() => null)
  const first = await Promise.race([end, late]).finally(() => over.abort())
  if (first !== 'late') return
  end.catch((err) => log.error({ err }, 'what became of a mail that was held up could not be written down'))
}

/** The part of the work whose failure leaves nothing claimed. */
const claim = (group: readonly string[], deps: Deps) =>
  deps.trace({ name: 'claim', attributes: { 'dawnpost.mails': group.length } }, async (span) => {
    const { db, now, stores, lease, resends, domain, lineage } = deps
    const terms = { now: now(), lease, resends, domain, seen: lineage.seen() }
    const claimed = await stores.deliveries.claim(db, group, terms)
    span.set({ 'dawnpost.claimed': claimed.length })
    return claimed
  })

interface Taken {
  readonly delivery: Claimed
  readonly hold: Hold
}

const idsOf = ({ id, passenger }: Claimed) => (passenger ? [id, passenger.id] : [id])

/**
 * Only the handing over stands in the `try`: a result that cannot be written down is never taken for a
 * failed mail. A worker that dies in between leaves the row `sending`, and its lease makes it `unknown`.
 */
async function send({ delivery, hold }: Taken, refused: Failed[], deps: Deps): Promise<void> {
  const { now, courier, log } = deps
  const { id, kind, series, day } = delivery
  const attributes = { 'dawnpost.delivery': id, 'dawnpost.kind': kind, 'dawnpost.series': series }
  const prepared = await deps.trace({ name: 'compose', attributes }, () => prepare(delivery, deps))
  if (!prepared) return
  const said = saidBy(prepared.edition, delivery)
  let receipt: Receipt
  try {
    receipt = await courier.send(prepared.mail, delivery.subscriberId, hold.begin)
  } catch (thrown) {
    const failed = failedBy({ delivery, said, thrown }, deps)
    if (isForGood(failed)) refused.push(failed)
    else recordFailure(failed, deps)
    return
  }
  const { server } = receipt
  const reply = keptReply(receipt.reply)
  record(delivery, { move: 'accept', sentAt: now(), server, reply, ...said }, deps)
  log.debug({ delivery: id, kind, series, day, server, reply }, 'sent')
}

/** What stands in the mail, for the ledger. A text of an earlier attempt was noted with the day it told. */
function saidBy({ hash, series }: Edition, { kind, item, edition }: Claimed): Said {
  const day = kind === 'lesson' && edition !== hash ? lessonBy(series, item)?.day : undefined
  return { edition: hash, ...(day && { day }) }
}

/**
 * Composes the mail. One that cannot be composed is kept for later: the fault is ours, and can be mended. So is one whose
 * reader the database does not tell now, which says nothing of its text.
 */
async function prepare(delivery: Claimed, deps: Deps): Promise<{ edition: Edition; mail: Mail } | null> {
  const { messageId, firstTriedAt: date } = delivery
  const later = (patience: keyof typeof PATIENCE) => deps.now().add({ milliseconds: PATIENCE[patience] })
  try {
    const edition = await editionFor(delivery, deps)
    if (!edition) {
      record(delivery, { move: 'refuse', reason: TAKEN_OUT }, deps)
      return null
    }
    await keep(edition, deps)
    const reader = await readerOf(delivery, edition.series, deps)
    return { edition, mail: await composed(() => deps.compose(edition, reader, { messageId, date })) }
  } catch (fault) {
    if (fault instanceof Unfit) {
      const reason = UNCOMPOSED + messageOf(fault.cause)
      record(delivery, { move: 'release', tryAt: later('unfit'), reason }, deps)
      deps.alarm(delivery.series, fault.cause)
    } else {
      record(delivery, { move: 'release', tryAt: later('transport'), reason: messageOf(fault) }, deps)
      deps.log.warn({ err: fault, delivery: delivery.id }, 'the database did not tell what a mail needs')
    }
    return null
  }
}

/** What cannot be made into a mail, by the fault of a text or of the program. */
class Unfit extends Error {}

async function composed<T>(make: () => T | Promise<T>): Promise<T> {
  try {
    return await make()
  } catch (cause) {
    throw new Unfit('', { cause })
  }
}

/**
 * The text of a delivery; null when its lesson was taken out of the course. What an earlier attempt sent is sent again
 * as it was, though the course has been edited since (I5).
 */
async function editionFor(delivery: Claimed, deps: Deps): Promise<Edition | null> {
  const { db, stores, revive, series } = deps
  const { id, edition, passenger } = delivery
  const find = () => composed(() => contentOf(delivery, series))
  const known = await find()
  // It may be new, and this process not know it yet.
  if (!known) await deps.refreshCourses()
  const content = known ?? (await find())
  const today = content && (await composed(() => deps.editions(content)))
  if (edition === null || today?.hash === edition) return today
  const kept = await stores.editions.ofAttempt(db, { id, edition, passenger })
  const of = today ?? { kind: delivery.kind, series: series.get(delivery.series) as Series }
  return kept ? composed(() => revive(of, edition, kept)) : today
}

/** Keeps a text before it is first sent, so that it can be read again. */
function keep({ hash, source }: Edition, { db, now, stores, kept }: Deps): Promise<unknown> {
  const known = kept.get(hash)
  if (known) return known
  const keeping = stores.editions.keep(db, { hash, ...source }, now())
  kept.set(hash, keeping)
  keeping.catch(() => kept.delete(hash))
  return keeping
}

/** Milliseconds until a mail is tried again that failed through no fault of its own. */
const PATIENCE = {
  transport: SECOND,
  slow: MINUTE,
  halt: 5 * MINUTE,
  unfit: 5 * MINUTE,
  unknown: 5 * MINUTE,
} as const

function recordFailure(failed: Failed, deps: Deps): void {
  const { delivery, judgment, reason, of } = failed
  const { now } = deps
  const verdict = judgment.verdict as Exclude<
    Judgment['verdict'],
    'later' | 'bounced' | 'disabled' | 'refused'
  >
  const later = (milliseconds: number) => now().add({ milliseconds })
  const outcome = (what: Outcome) => record(delivery, { ...what, ...of, reason: what.reason ?? reason }, deps)
  if ('inMs' in judgment) outcome({ move: 'release', tryAt: later(judgment.inMs) })
  else if (verdict === 'unknown')
    outcome({ move: 'lose', tryAt: deps.nextTry(delivery, now()) ?? later(PATIENCE.unknown) })
  else if (verdict === 'retry' || verdict === 'ours' || verdict === 'fault') {
    const tryAt = deps.nextTry(delivery, now())
    if (tryAt) outcome({ move: 'defer', tryAt })
    else outcome({ move: 'refuse', reason: `given up: ${reason}` })
  } else outcome({ move: 'release', tryAt: later(PATIENCE[verdict]) })
  tellFailure(failed, deps)
}
