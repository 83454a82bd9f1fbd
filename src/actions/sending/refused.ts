/** Mails that were refused for good: who is at fault, and what follows for the address. */

import type { BounceClass, Report, ReportReason } from '../../domain/report.ts'
import { MINUTE } from '../../domain/time.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { type Deps as CountDeps, countReport } from '../shared/count-report.ts'
import { type FailedDelivery, type Deps as FailedDeps, logFailure } from './failed.ts'
import { type Claimed, type Deps as RecordDeps, recordOutcome } from './record.ts'

export interface Deps extends RecordDeps, CountDeps, FailedDeps {
  readonly db: Db
  readonly stores: CountDeps['stores']
  /** Requests a check of what came back: see actions/operating/guard-rails.ts. */
  readonly watch: () => void
}

/** Milliseconds until a mail whose refusal is not believed is retried. */
const DOUBTED_RETRY_DELAY_MS = 5 * MINUTE

export const isPermanent = ({ judgment: { verdict } }: FailedDelivery) =>
  verdict === 'bounced' || verdict === 'disabled' || verdict === 'refused'

/**
 * Ends a mail that was refused for good, or retried for as long as any mail is. Must be called only
 * after its whole run has been tried: a server that refuses nearly all of it is not believed, and
 * nobody is suppressed for it.
 */
export async function endPermanently(failed: FailedDelivery, deps: Deps): Promise<void> {
  const { delivery, judgment, reason, of } = failed
  if ('isDoubted' in judgment && judgment.isDoubted?.()) {
    const tryAt = deps.now().add({ milliseconds: DOUBTED_RETRY_DELAY_MS })
    recordOutcome(
      delivery,
      { move: 'release', tryAt, reason: `not believed: ${reason}`, ...of },
      deps,
    )
  } else if (!(await countBounce(failed, deps))) {
    if (judgment.verdict === 'disabled') {
      const why = { reason: DISABLED + reason, reasonCode: 'mailbox_disabled' } as const
      recordOutcome(delivery, { move: 'refuse', ...why, ...of, together: true }, deps)
    } else if (isPermanent(failed)) recordOutcome(delivery, { move: 'refuse', reason, ...of }, deps)
    else recordOutcome(delivery, { move: 'refuse', reason: `given up: ${reason}`, ...of }, deps)
  }
  logFailure(failed, deps)
}

/** Prefix of the reason when a mailbox is disabled. */
const DISABLED = 'the mailbox is disabled: '

/** Whether a mail of this kind goes to an address that is not, or no longer, the subscriber's. */
const isToOtherAddress = (kind: Claimed['kind']) => kind === 'change' || kind === 'changed'

/** How the refusal counts, by verdict, and its reason as far as the verdict tells. */
const BOUNCES: Partial<Record<string, { class: BounceClass; reason: ReportReason }>> = {
  bounced: { class: 'hard', reason: 'no_such_user' },
  disabled: { class: 'disabled', reason: 'disabled' },
  refused: { class: 'message', reason: 'other' },
  ours: { class: 'block', reason: 'blocked' },
  retry: { class: 'soft', reason: 'expired' },
}

/**
 * Counts the refusal as a bounce. Returns whether the address is suppressed or does not exist; if
 * so, the mail ends as `bounced`. An address that was only asked to confirm, or an earlier one,
 * belongs to no subscriber: if it does not exist its mail has bounced, but nobody is suppressed.
 */
async function countBounce(
  { delivery, judgment, reason, of }: FailedDelivery,
  deps: Deps,
): Promise<boolean> {
  const bounce = BOUNCES[judgment.verdict]
  if (!bounce) return false
  const { db, now, stores } = deps
  const { id, subscriberId, kind, attempts, series, firstTriedAt: at } = delivery
  const report = { ...reportOf(reason, of.server), ...bounce }
  const ended = await db.transaction().execute(async (tx) => {
    const subscriber = await stores.subscribers.byId(tx, subscriberId)
    const counted = await countReport(
      tx,
      {
        digest: Buffer.from(`smtp ${id} ${attempts}`),
        place: 0,
        source: 'smtp',
        report,
        subscriberId: subscriber ? subscriberId : null,
        addressHash: (!isToOtherAddress(kind) && subscriber?.address_hash) || null,
        isTheirs: subscriber !== undefined && !isToOtherAddress(kind),
        mail: { id, series, at },
      },
      now(),
      deps,
    )
    const ends = counted?.suppressed || bounce.class === 'hard'
    if (ends) await endAsBounced(tx, delivery, { ...of, reason }, deps)
    return Boolean(ends)
  })
  if (bounce.class === 'hard') deps.watch()
  return ended
}

const reportOf = (
  diagnostic: string,
  server: string | undefined,
): Omit<Report, 'class' | 'reason'> & { readonly kind: 'bounce' } => ({
  kind: 'bounce',
  of: { returnPath: null, providerId: null, messageId: null },
  recipient: null,
  status: /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(diagnostic)?.[1] ?? null,
  diagnostic,
  reportedBy: server ?? null,
})

/** Ends a mail as `bounced`. Its companion is released, since that bounce is not its own. */
async function endAsBounced(
  tx: Db,
  { id, companion }: Claimed,
  why: stores.deliveries.Bounce,
  { stores, results, now }: Deps,
): Promise<void> {
  await stores.deliveries.bounce(tx, id, why)
  if (!companion) return
  results.add({
    id: companion.id,
    attempt: companion.attempts,
    move: 'release',
    tryAt: now(),
    reason: why.reason,
  })
}
