import { setTimeout as pause } from 'node:timers/promises'
import type { AttemptHistory } from '../../domain/delivery.ts'
import type { Judgment } from '../../domain/judgment.ts'
import { redactedReply } from '../../domain/smtp-reply.ts'
import type { Receipt, Transport } from '../../mail/smtp/transport.ts'
import type { Handovers, Hold } from '../../platform/handovers.ts'
import type { Trace } from '../../platform/tracing.ts'
import type * as stores from '../../store/index.ts'
import { type Deps as ComposeDeps, composedFieldsOf, composeMail } from './compose-mail.ts'
import {
  type FailedDelivery,
  type Deps as FailedDeps,
  logFailure,
  toFailedDelivery,
} from './failed.ts'
import { type Claimed, type Outcome, RETRY_DELAYS_MS, recordOutcome } from './record.ts'
import { endPermanently, isPermanent, type Deps as RefusedDeps } from './refused.ts'
import { type Deps as FaultDeps, recordSenderFault } from './sender-faults.ts'
import type { WorkerLease } from './worker-lease.ts'

export interface Deps extends ComposeDeps, FailedDeps, RefusedDeps, FaultDeps {
  readonly stores: ComposeDeps['stores'] & RefusedDeps['stores'] & FaultDeps['stores']
  readonly transport: Transport
  readonly workerLease: stores.leases.Lease
  readonly leasing: WorkerLease
  /** How many times a delivery whose outcome is unknown may be resent. */
  readonly resends: number
  /** When a mail that is deferred now is retried; null to give it up. */
  readonly nextTry: (tried: AttemptHistory, now: Temporal.Instant) => Temporal.Instant | null
  /** Domain of Message-IDs. */
  readonly domain: string
  /** Which lineage of the database this process knows, and how far. */
  readonly lineage: { readonly seen: () => stores.lineage.KnownLineage }
  /** One promise for each run in flight. */
  readonly inFlight: Set<Promise<void>>
  /**
   * What this process has claimed and not finished, and which of it SMTP may already have. Its
   * lease is renewed until all of it has ended.
   */
  readonly handovers: Handovers
  readonly trace: Trace
}

export interface DeliverOptions {
  readonly signal: AbortSignal
  /**
   * How long to wait for mails in flight; after that, their end is only tracked in `inFlight`. Null
   * waits until all of them have finished.
   */
  readonly drainTimeoutMs: number | null
}

/**
 * Sends deliveries, except those that another worker has, that have already been sent, or that the
 * reader no longer wants. The only way to SMTP. Claims no more than can leave immediately, so that
 * a claimed mail is practically in SMTP's hands. Stops between groups once `signal` is aborted.
 *
 * @returns the ids it did not reach or could not claim, to be enqueued again if they may still
 * leave.
 */
export const deliver = (
  ids: readonly string[],
  terms: DeliverOptions,
  deps: Deps,
): Promise<readonly string[]> =>
  deps.trace({ name: 'deliver', attributes: { 'dawnpost.mails': ids.length } }, () =>
    deliverAll(ids, terms, deps),
  )

async function deliverAll(
  ids: readonly string[],
  terms: DeliverOptions,
  deps: Deps,
): Promise<string[]> {
  const { transport, handovers, results, inFlight } = deps
  const unclaimed: string[] = []
  const sending: Promise<void>[] = []
  const holds: Hold[] = []
  const refused: FailedDelivery[] = []
  let remaining = ids
  try {
    while (remaining.length > 0) {
      const room = await transport.reserve(remaining.length, terms.signal)
      if (room === 0) break
      // Claiming stops while the database is slow: a worker that is killed must not leave many
      // unwritten results.
      await results.caughtUp()
      const group = remaining.slice(0, room)
      remaining = remaining.slice(room)
      handovers.beforeClaim()
      const claimed = await claim(group, deps).catch((error) => {
        transport.free(room)
        throw error
      })
      transport.free(room - claimed.length)
      // Not awaited here: a slow mail must not hold up the others.
      for (const mail of claimed) {
        holds.push(mail.hold)
        const attempt = send(mail, refused, deps).finally(() => transport.free(1))
        // `settle` reports failures; until then they must not become unhandled rejections.
        attempt.catch(() => {})
        sending.push(attempt)
      }
      const got = new Set(claimed.map(({ delivery }) => delivery.id))
      unclaimed.push(...group.filter((id) => !got.has(id)))
    }
  } finally {
    const end = settle({ sending, refused, holds }, deps)
    inFlight.add(end)
    end.catch(() => {}).finally(() => inFlight.delete(end))
    await untilSettledOrTimeout(end, terms, deps)
  }
  return [...unclaimed, ...remaining]
}

interface Run {
  readonly sending: readonly Promise<void>[]
  readonly refused: readonly FailedDelivery[]
  readonly holds: readonly Hold[]
}

/** Resolves once every mail has been sent or has failed, and the ledger has recorded it. */
async function settle({ sending, refused, holds }: Run, deps: Deps): Promise<void> {
  await Promise.allSettled(sending)
  const ends = refused.map((failure) => endPermanently(failure, deps))
  await Promise.allSettled(ends)
  await deps.results.flush()
  for (const hold of holds) hold.release()
  await Promise.all([...sending, ...ends])
}

async function untilSettledOrTimeout(
  end: Promise<void>,
  { drainTimeoutMs }: DeliverOptions,
  { log }: Deps,
): Promise<void> {
  if (drainTimeoutMs === null) return end
  const over = new AbortController()
  const late = pause(drainTimeoutMs, 'late', { ref: false, signal: over.signal }).catch(() => null)
  const first = await Promise.race([end, late]).finally(() => over.abort())
  if (first !== 'late') return
  end.catch((err) => log.error({ err }, 'the outcome of a slow mail could not be recorded'))
}

/** The step that leaves nothing claimed if it fails. */
const claim = (group: readonly string[], deps: Deps) =>
  deps.trace({ name: 'claim', attributes: { 'dawnpost.mails': group.length } }, async (span) => {
    const { db, now, stores, workerLease: lease, leasing, resends, domain, lineage } = deps
    const claimed = await leasing.claim(group, async (): Promise<ClaimedMail[]> => {
      const terms = { now: now(), lease, resends, domain, seen: lineage.seen() }
      const deliveries = await stores.deliveries.claim(db, group, terms)
      // What this worker owns without a hold would count as an unanswered claim.
      return deliveries.map((delivery) => ({
        delivery,
        hold: deps.handovers.hold(idsOf(delivery)),
      }))
    })
    span.set({ 'dawnpost.claimed': claimed.length })
    return claimed
  })

interface ClaimedMail {
  readonly delivery: Claimed
  readonly hold: Hold
}

const idsOf = ({ id, companion }: Claimed) => (companion ? [id, companion.id] : [id])

/**
 * Only the handover is inside the `try`, so that a result that cannot be written is never mistaken
 * for a failed mail. A worker that dies in between leaves the row `sending`; once its lease ends,
 * the sweep makes it `unknown`, or `sent` if this machine noted that a server took it.
 */
async function send(
  { delivery, hold }: ClaimedMail,
  refused: FailedDelivery[],
  deps: Deps,
): Promise<void> {
  const { now, transport, log } = deps
  const { id, kind, series, day } = delivery
  const attributes = { 'dawnpost.delivery': id, 'dawnpost.kind': kind, 'dawnpost.series': series }
  const prepared = await deps.trace({ name: 'compose', attributes }, () =>
    composeMail(delivery, deps),
  )
  if (!prepared) return
  const said = composedFieldsOf(prepared.edition, delivery)
  let receipt: Receipt
  try {
    receipt = await transport.send(prepared.mail, delivery.subscriberId, hold.beginHandover)
  } catch (thrown) {
    const failed = toFailedDelivery({ delivery, said, thrown }, deps)
    await recordSenderFault(failed, deps)
    if (isPermanent(failed) || isGivenUp(failed, deps)) refused.push(failed)
    else recordFailure(failed, deps)
    return
  }
  if (said.edition) hold.markAccepted(said.edition)
  const { server, providerId } = receipt
  const reply = redactedReply(receipt.reply)
  recordOutcome(
    delivery,
    { move: 'accept', sentAt: now(), server, reply, providerId: providerId ?? undefined, ...said },
    deps,
  )
  log.debug({ delivery: id, kind, series, day, server, reply }, 'sent')
}

const RETRIED_VERDICTS: ReadonlySet<Judgment['verdict']> = new Set(['retry', 'ours', 'fault'])

/** Whether a deferred mail has been retried for as long as any mail is. */
const isGivenUp = ({ delivery, judgment: { verdict } }: FailedDelivery, { nextTry, now }: Deps) =>
  RETRIED_VERDICTS.has(verdict) && nextTry(delivery, now()) === null

function recordFailure(failed: FailedDelivery, deps: Deps): void {
  const { delivery, judgment, reason, of } = failed
  const { now } = deps
  const verdict = judgment.verdict as Exclude<
    Judgment['verdict'],
    'later' | 'bounced' | 'disabled' | 'refused'
  >
  const later = (milliseconds: number) => now().add({ milliseconds })
  const outcome = (what: Outcome) =>
    recordOutcome(delivery, { ...what, ...of, reason: what.reason ?? reason }, deps)
  if ('inMs' in judgment) outcome({ move: 'release', tryAt: later(judgment.inMs) })
  else if (verdict === 'unknown')
    outcome({
      move: 'lose',
      tryAt: deps.nextTry(delivery, now()) ?? later(RETRY_DELAYS_MS.unknown),
    })
  else if (verdict === 'retry' || verdict === 'ours' || verdict === 'fault')
    outcome({
      move: 'defer',
      tryAt: deps.nextTry(delivery, now()) ?? later(RETRY_DELAYS_MS.unknown),
    })
  else outcome({ move: 'release', tryAt: later(RETRY_DELAYS_MS[verdict]) })
  logFailure(failed, deps)
}
