import type { Batch } from '../batch.ts'
import { lessonBy, type Series } from '../domain/course.ts'
import { type Tried, UNCOMPOSED } from '../domain/delivery.ts'
import { messageOf } from '../domain/problem.ts'
import { keptReply } from '../domain/reply.ts'
import { HOUR, MINUTE, SECOND } from '../domain/time.ts'
import type { Logger } from '../log.ts'
import type { Edition, Editions, editionOf } from '../mail/compile.ts'
import type { Mail, Reader, Stamp } from '../mail/compose.ts'
import type { Courier, Receipt } from '../mail/courier.ts'
import type { judge } from '../mail/judge.ts'
import type { Seldom } from '../seldom.ts'
import type * as stores from '../store/index.ts'
import type { Alarm } from './alarm.ts'
import { LEVEL, tellFault, triedBy } from './failed.ts'
import { contentOf, type Deps as MailDeps, readerOf } from './mail-of.ts'
import { TAKEN_OUT } from './take-up.ts'

export interface Deps extends MailDeps {
  readonly now: () => Temporal.Instant
  readonly log: Logger
  readonly stores: MailDeps['stores'] &
    Pick<typeof stores, 'deliveries' | 'personal' | 'suppressions' | 'editions'>
  readonly editions: Editions
  /** Brings `series` up to date. */
  readonly refreshCourses: () => Promise<void>
  /** The edition of a text that was kept. */
  readonly revive: typeof editionOf
  readonly compose: (edition: Edition, reader: Reader, stamp: Stamp) => Mail
  readonly courier: Courier
  readonly judge: typeof judge
  readonly lease: stores.leases.Lease
  /** How often a delivery of unknown outcome is sent again. */
  readonly resends: number
  /** When one that was put off now is tried again; null: it is given up. */
  readonly nextTry: (tried: Tried, now: Temporal.Instant) => Temporal.Instant | null
  /** What this process has claimed and not finished: its leases are renewed meanwhile. */
  readonly held: Set<string>
  readonly messageIdFor: (deliveryId: string) => string
  /** The editions this process has kept, or is keeping, by hash. */
  readonly kept: Map<string, Promise<unknown>>
  /** Tells the log why the mails of a series cannot be composed, each cause once. */
  readonly alarm: Alarm
  /** Whether a fault of the program is to be told now. */
  readonly mayTell: Seldom
  /** Takes what became of each delivery; written to the ledger in batches. */
  readonly results: Batch<stores.deliveries.Result>
}

type Claimed = stores.deliveries.Claimed

/**
 * Sends deliveries, passing over what another worker has, what has gone out already, and what the person no
 * longer wants. The only way to SMTP. Claims no more than can be sent at once, so that what is claimed is in
 * SMTP's hands. Stops between groups when `signal` says so.
 *
 * @returns the ids it did not get to, or could not claim: if they may still leave, they are to be queued again.
 */
export async function deliver(
  ids: readonly string[],
  signal: AbortSignal,
  deps: Deps,
): Promise<readonly string[]> {
  const { db, now, stores, courier, lease, resends, held, messageIdFor, results } = deps
  const unclaimed: string[] = []
  const sending: Promise<void>[] = []
  const taken: string[] = []
  let rest = ids
  try {
    while (rest.length > 0) {
      const room = await courier.reserve(rest.length, signal)
      if (room === 0) break
      // A slow database stops the claims: a worker that is killed leaves little that nobody knows of.
      await results.caughtUp()
      const group = rest.slice(0, room)
      rest = rest.slice(room)
      const wanted = group.map((id) => ({ id, messageId: messageIdFor(id) }))
      const claimed = await stores.deliveries
        .claim(db, wanted, { now: now(), lease, resends })
        .catch((error) => {
          courier.free(room)
          throw error
        })
      courier.free(room - claimed.length)
      // Not waited for here: a mail that takes its time keeps none of the others.
      for (const delivery of claimed) {
        taken.push(...idsOf(delivery))
        for (const id of idsOf(delivery)) held.add(id)
        const one = send(delivery, deps).finally(() => courier.free(1))
        // What goes wrong is told at the end; until then nobody else may.
        one.catch(() => {})
        sending.push(one)
      }
      const got = new Set(claimed.map(({ id }) => id))
      unclaimed.push(...group.filter((id) => !got.has(id)))
    }
  } finally {
    await Promise.allSettled(sending)
    await results.flush()
    for (const id of taken) held.delete(id)
  }
  await Promise.all(sending)
  return [...unclaimed, ...rest]
}

const idsOf = ({ id, passenger }: Claimed) => (passenger ? [id, passenger.id] : [id])

/**
 * Only the handing over stands in the `try`: a result that cannot be written down is never taken for a
 * failed mail. A worker that dies in between leaves the row `sending`, and its lease makes it `unknown`.
 */
async function send(delivery: Claimed, deps: Deps): Promise<void> {
  const { now, courier, log } = deps
  const { id, kind, series, day } = delivery
  const prepared = await prepare(delivery, deps)
  if (!prepared) return
  const said = saidBy(prepared.edition, delivery)
  let receipt: Receipt
  try {
    receipt = await courier.send(prepared.mail, delivery.subscriberId)
  } catch (thrown) {
    await recordFailure(delivery, said, thrown, deps)
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

type Said = Pick<stores.deliveries.Result, 'edition' | 'day'>
type Outcome = Omit<stores.deliveries.Result, 'id' | 'attempt'>

/**
 * Notes what became of a delivery, and of the inspiration in its mail: the same, save that a message refused for its
 * own sake gives it free to go alone. `together`: it would fare no better.
 */
function record(
  { id, attempts, passenger }: Claimed,
  outcome: Outcome,
  { now, results }: Deps,
  together = outcome.move !== 'refuse',
) {
  results.add({ id, attempt: attempts, ...outcome })
  if (!passenger) return
  const own = { id: passenger.id, attempt: passenger.attempts }
  const { move } = outcome
  if (!together) results.add({ ...own, move: 'release', tryAt: now() })
  else results.add({ ...outcome, ...own, day: undefined, move: move === 'accept' ? 'merge' : move })
}

/** Composes the mail. One that cannot be composed is kept for later: the fault is ours, and can be mended. */
async function prepare(delivery: Claimed, deps: Deps): Promise<{ edition: Edition; mail: Mail } | null> {
  const { messageId, firstTriedAt: date } = delivery
  try {
    const edition = await editionFor(delivery, deps)
    if (!edition) {
      record(delivery, { move: 'refuse', reason: TAKEN_OUT }, deps)
      return null
    }
    await keep(edition, deps)
    const reader = await readerOf(delivery, edition.series, deps)
    return { edition, mail: deps.compose(edition, reader, { messageId, date }) }
  } catch (fault) {
    const reason = UNCOMPOSED + messageOf(fault)
    const tryAt = deps.now().add({ milliseconds: PATIENCE.unfit })
    record(delivery, { move: 'release', tryAt, reason }, deps)
    deps.alarm(delivery.series, fault)
    return null
  }
}

/**
 * The text of a delivery; null when its lesson was taken out of the course. What an earlier attempt sent is sent again
 * as it was, though the course has been edited since (I5).
 */
async function editionFor(delivery: Claimed, deps: Deps): Promise<Edition | null> {
  const { db, stores, revive, series } = deps
  const { id, edition, passenger } = delivery
  let content = contentOf(delivery, series)
  if (!content) {
    // It may be new, and this process not know it yet.
    await deps.refreshCourses()
    content = contentOf(delivery, series)
  }
  const today = content && (await deps.editions(content))
  if (edition === null || today?.hash === edition) return today
  const kept = await stores.editions.ofAttempt(db, { id, edition, passenger })
  const about = today ?? { kind: delivery.kind, series: series.get(delivery.series) as Series }
  return kept ? revive(about, edition, kept) : today
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
  transport: 5 * SECOND,
  slow: MINUTE,
  halt: 5 * MINUTE,
  unfit: 5 * MINUTE,
  unknown: 5 * MINUTE,
} as const

async function recordFailure(delivery: Claimed, said: Said, thrown: unknown, deps: Deps) {
  const { now, log } = deps
  const judgment = deps.judge(thrown)
  const { verdict } = judgment
  const reason = keptReply(judgment.reason)
  const of = { ...said, ...triedBy(judgment, reason, now()) }
  const later = (milliseconds: number) => now().add({ milliseconds })
  const outcome = (what: Outcome, together?: boolean) =>
    record(delivery, { ...what, ...of, reason: what.reason ?? reason }, deps, together)
  if (verdict === 'later') return outcome({ move: 'release', tryAt: later(judgment.inMs) })
  const disabled = verdict === 'disabled'
  if (verdict === 'bounced' || (disabled && (await wasDisabled(delivery, deps)))) {
    await bounce(delivery, { ...of, reason }, deps)
  } else if (disabled) outcome({ move: 'refuse', reason: DISABLED + reason }, true)
  else if (verdict === 'refused') outcome({ move: 'refuse' })
  else if (verdict === 'unknown') outcome({ move: 'lose', tryAt: later(PATIENCE.unknown) })
  else if (verdict === 'retry' || verdict === 'ours' || verdict === 'fault') {
    const tryAt = deps.nextTry(delivery, now())
    if (tryAt) outcome({ move: 'defer', tryAt })
    else outcome({ move: 'refuse', reason: `given up: ${reason}` })
  } else outcome({ move: 'release', tryAt: later(PATIENCE[verdict]) })
  if (verdict === 'fault') return tellFault(thrown, deps)
  const { server, code, smtp } = judgment
  log[LEVEL[verdict] ?? 'warn'](
    { delivery: delivery.id, verdict, server, code, smtp, reply: reason },
    'not sent',
  )
}

/** Begins the reason of a refusal by a mailbox that is disabled. */
const DISABLED = 'the mailbox is disabled: '
/** What happens to several mails of one morning has happened once. */
const APART = 12 * HOUR

/** Whether the address has been found disabled on an earlier morning, and nothing has come since. */
function wasDisabled({ subscriberId, kind }: Claimed, { db, now, stores }: Deps): Promise<boolean> {
  if (isElsewhere(kind)) return Promise.resolve(false)
  const before = now().subtract({ milliseconds: APART })
  return stores.personal.keepsBeingRefused(db, subscriberId, { reason: DISABLED, before })
}

/** Mails to an address that is not the subscriber's, or is so no longer. */
const isElsewhere = (kind: Claimed['kind']) => kind === 'change' || kind === 'changed'

/** The address does not exist: it gets no mail any more. One that was only asked, or is left, was nobody's. */
function bounce({ id, subscriberId, kind, passenger }: Claimed, why: stores.deliveries.Bounce, deps: Deps) {
  const { db, now, stores, results } = deps
  if (passenger) {
    results.add({
      id: passenger.id,
      attempt: passenger.attempts,
      move: 'release',
      tryAt: now(),
      reason: why.reason,
    })
  }
  return db.transaction().execute(async (tx) => {
    const at = now()
    const subscriber = await stores.subscribers.byId(tx, subscriberId)
    if (!(await stores.deliveries.bounce(tx, id, why)) || !subscriber) return
    if (isElsewhere(kind)) return
    await stores.suppressions.add(tx, subscriber.address_hash, 'bounce', at)
    await stores.enrollments.end(tx, { subscriberId }, 'stopped', at)
    await stores.deliveries.skipOpen(tx, { subscriberId }, 'the address bounced')
  })
}
