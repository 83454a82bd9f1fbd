import { setTimeout as pause } from 'node:timers/promises'
import type { Tried } from '../../domain/delivery.ts'
import type { Judgment } from '../../domain/judgment.ts'
import { keptReply } from '../../domain/reply.ts'
import type { Receipt, Transport } from '../../mail/smtp/transport.ts'
import type { Handovers, Hold } from '../../platform/handovers.ts'
import type { Trace } from '../../platform/tracing.ts'
import type * as stores from '../../store/index.ts'
import { type Deps as ComposeDeps, composeMail, saidBy } from './compose-mail.ts'
import { type FailedDelivery, type Deps as FailedDeps, failedBy, tellFailure } from './failed.ts'
import { type Claimed, type Outcome, RETRY_PATIENCE, record } from './record.ts'
import { endForGood, isForGood, type Deps as RefusedDeps } from './refused.ts'
import { type Deps as FaultDeps, noteSenderFault } from './sender-faults.ts'
import type { WorkerLease } from './worker-lease.ts'

export interface Deps extends ComposeDeps, FailedDeps, RefusedDeps, FaultDeps {
  readonly stores: ComposeDeps['stores'] & RefusedDeps['stores'] & FaultDeps['stores']
  readonly transport: Transport
  readonly workerLease: stores.leases.Lease
  readonly leasing: WorkerLease
  /** How often a delivery of unknown outcome is sent again. */
  readonly resends: number
  /** When one that was put off now is tried again; null: it is given up. */
  readonly nextTry: (tried: Tried, now: Temporal.Instant) => Temporal.Instant | null
  /** Of Message-IDs. */
  readonly domain: string
  /** Which past of the database this process knows. */
  readonly lineage: { readonly seen: () => stores.lineage.KnownPast }
  /** Ends of what is on its way. */
  readonly inFlight: Set<Promise<void>>
  /**
   * What this process has claimed and not finished, and what of it SMTP may have: its lease is
   * renewed meanwhile.
   */
  readonly handovers: Handovers
  readonly trace: Trace
}

export interface DeliverTerms {
  readonly signal: AbortSignal
  /**
   * How long mails that are on their way are waited for; then `inFlight` holds their end. Null:
   * until they are through.
   */
  readonly heldUpMs: number | null
}

/**
 * Sends deliveries, passing over what another worker has, what has gone out already, and what the
 * person no longer wants. The only way to SMTP. Claims no more than leaves in a moment, so that
 * what is claimed is as good as in SMTP's hands. Stops between groups when `signal` says so.
 *
 * @returns the ids it did not get to, or could not claim: if they may still leave, they are to be
 * queued again.
 */
export const deliver = (
  ids: readonly string[],
  terms: DeliverTerms,
  deps: Deps,
): Promise<readonly string[]> =>
  deps.trace({ name: 'deliver', attributes: { 'dawnpost.mails': ids.length } }, () =>
    deliverAll(ids, terms, deps),
  )

async function deliverAll(
  ids: readonly string[],
  terms: DeliverTerms,
  deps: Deps,
): Promise<string[]> {
  const { transport, handovers, results, inFlight } = deps
  const unclaimed: string[] = []
  const sending: Promise<void>[] = []
  const taken: Hold[] = []
  const refused: FailedDelivery[] = []
  let remaining = ids
  try {
    while (remaining.length > 0) {
      const room = await transport.reserve(remaining.length, terms.signal)
      if (room === 0) break
      // A slow database stops the claims: a worker that is killed leaves little that nobody knows
      // of.
      await results.caughtUp()
      const group = remaining.slice(0, room)
      remaining = remaining.slice(room)
      handovers.claiming()
      const claimed = await claim(group, deps).catch((error) => {
        transport.free(room)
        throw error
      })
      transport.free(room - claimed.length)
      // Not waited for here: a mail that takes its time keeps none of the others.
      for (const mail of claimed) {
        taken.push(mail.hold)
        const attempt = send(mail, refused, deps).finally(() => transport.free(1))
        // What goes wrong is told at the end; until then nobody else may.
        attempt.catch(() => {})
        sending.push(attempt)
      }
      const got = new Set(claimed.map(({ delivery }) => delivery.id))
      unclaimed.push(...group.filter((id) => !got.has(id)))
    }
  } finally {
    const end = settle({ sending, refused, taken }, deps)
    inFlight.add(end)
    end.catch(() => {}).finally(() => inFlight.delete(end))
    await unlessHeldUp(end, terms, deps)
  }
  return [...unclaimed, ...remaining]
}

interface Run {
  readonly sending: readonly Promise<void>[]
  readonly refused: readonly FailedDelivery[]
  readonly taken: readonly Hold[]
}

/** Resolves when all has been sent or has failed, and stands in the ledger. */
async function settle({ sending, refused, taken }: Run, deps: Deps): Promise<void> {
  await Promise.allSettled(sending)
  const ends = refused.map((failure) => endForGood(failure, deps))
  await Promise.allSettled(ends)
  await deps.results.flush()
  for (const hold of taken) hold.release()
  await Promise.all([...sending, ...ends])
}

async function unlessHeldUp(
  end: Promise<void>,
  { heldUpMs }: DeliverTerms,
  { log }: Deps,
): Promise<void> {
  if (heldUpMs === null) return end
  const over = new AbortController()
  const late = pause(heldUpMs, 'late', { ref: false, signal: over.signal }).catch(() => null)
  const first = await Promise.race([end, late]).finally(() => over.abort())
  if (first !== 'late') return
  end.catch((err) =>
    log.error({ err }, 'what became of a mail that was held up could not be written down'),
  )
}

/** The part of the work whose failure leaves nothing claimed. */
const claim = (group: readonly string[], deps: Deps) =>
  deps.trace({ name: 'claim', attributes: { 'dawnpost.mails': group.length } }, async (span) => {
    const { db, now, stores, workerLease: lease, leasing, resends, domain, lineage } = deps
    const claimed = await leasing.claim(group, async (): Promise<ClaimedMail[]> => {
      const terms = { now: now(), lease, resends, domain, seen: lineage.seen() }
      const deliveries = await stores.deliveries.claim(db, group, terms)
      // What is ours and not held is taken for a claim that was not answered.
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
 * Only the handing over stands in the `try`: a result that cannot be written down is never taken
 * for a failed mail. A worker that dies in between leaves the row `sending`, and its lease makes it
 * `unknown`.
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
  const said = saidBy(prepared.edition, delivery)
  let receipt: Receipt
  try {
    receipt = await transport.send(prepared.mail, delivery.subscriberId, hold.begin)
  } catch (thrown) {
    const failed = failedBy({ delivery, said, thrown }, deps)
    await noteSenderFault(failed, deps)
    if (isForGood(failed) || isGivenUp(failed, deps)) refused.push(failed)
    else recordFailure(failed, deps)
    return
  }
  if (said.edition) hold.taken(said.edition)
  const { server, providerId } = receipt
  const reply = keptReply(receipt.reply)
  record(
    delivery,
    { move: 'accept', sentAt: now(), server, reply, providerId: providerId ?? undefined, ...said },
    deps,
  )
  log.debug({ delivery: id, kind, series, day, server, reply }, 'sent')
}

const TRIED_AGAIN: ReadonlySet<Judgment['verdict']> = new Set(['retry', 'ours', 'fault'])

/** Whether a mail that was put off has been tried for as long as a mail is. */
const isGivenUp = ({ delivery, judgment: { verdict } }: FailedDelivery, { nextTry, now }: Deps) =>
  TRIED_AGAIN.has(verdict) && nextTry(delivery, now()) === null

function recordFailure(failed: FailedDelivery, deps: Deps): void {
  const { delivery, judgment, reason, of } = failed
  const { now } = deps
  const verdict = judgment.verdict as Exclude<
    Judgment['verdict'],
    'later' | 'bounced' | 'disabled' | 'refused'
  >
  const later = (milliseconds: number) => now().add({ milliseconds })
  const outcome = (what: Outcome) =>
    record(delivery, { ...what, ...of, reason: what.reason ?? reason }, deps)
  if ('inMs' in judgment) outcome({ move: 'release', tryAt: later(judgment.inMs) })
  else if (verdict === 'unknown')
    outcome({ move: 'lose', tryAt: deps.nextTry(delivery, now()) ?? later(RETRY_PATIENCE.unknown) })
  else if (verdict === 'retry' || verdict === 'ours' || verdict === 'fault')
    outcome({
      move: 'defer',
      tryAt: deps.nextTry(delivery, now()) ?? later(RETRY_PATIENCE.unknown),
    })
  else outcome({ move: 'release', tryAt: later(RETRY_PATIENCE[verdict]) })
  tellFailure(failed, deps)
}
