/** Mails that were refused for good: whose fault it is, and what that costs the address. */
import { HOUR, MINUTE } from '../../domain/time.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { type FailedDelivery, type Deps as FailedDeps, tellFailure } from './failed.ts'
import { type Claimed, type Deps as RecordDeps, record } from './record.ts'

export interface Deps extends RecordDeps, Omit<FailedDeps, 'judge'> {
  readonly db: Db
  readonly stores: Pick<
    typeof stores,
    'deliveries' | 'readerDeliveries' | 'suppressions' | 'subscribers' | 'enrollments'
  >
}

/** Milliseconds until a mail is tried again whose refusal is not believed. */
const DOUBTED = 5 * MINUTE

export const isForGood = ({ judgment: { verdict } }: FailedDelivery) =>
  verdict === 'bounced' || verdict === 'disabled' || verdict === 'refused'

/**
 * Ends a mail that was refused for good. Only once its whole run has been tried: a server that
 * refuses nearly all of it is not believed, and nobody is suppressed for it.
 */
export async function endForGood(failed: FailedDelivery, deps: Deps): Promise<void> {
  const { delivery, judgment, reason, of } = failed
  const { verdict } = judgment
  if ('isDoubted' in judgment && judgment.isDoubted?.()) {
    const tryAt = deps.now().add({ milliseconds: DOUBTED })
    record(delivery, { move: 'release', tryAt, reason: `not believed: ${reason}`, ...of }, deps)
  } else if (
    verdict === 'bounced' ||
    (verdict === 'disabled' && (await wasDisabled(delivery, deps)))
  ) {
    await bounce(delivery, { ...of, reason }, deps)
  } else if (verdict === 'disabled') {
    const why = { reason: DISABLED + reason, reasonCode: 'mailbox_disabled' } as const
    record(delivery, { move: 'refuse', ...why, ...of, together: true }, deps)
  } else record(delivery, { move: 'refuse', reason, ...of }, deps)
  tellFailure(failed, deps)
}

/** Begins the reason of a refusal by a mailbox that is disabled. */
const DISABLED = 'the mailbox is disabled: '
/** What happens to several mails of one morning has happened once. */
const APART = 12 * HOUR

/**
 * Whether the address has been found disabled on an earlier morning, and nothing has come since.
 */
function wasDisabled({ subscriberId, kind }: Claimed, { db, now, stores }: Deps): Promise<boolean> {
  if (isElsewhere(kind)) return Promise.resolve(false)
  const before = now().subtract({ milliseconds: APART })
  const again = { code: 'mailbox_disabled', before } as const
  return stores.readerDeliveries.keepsBeingRefused(db, subscriberId, again)
}

/** Mails to an address that is not the subscriber's, or is so no longer. */
const isElsewhere = (kind: Claimed['kind']) => kind === 'change' || kind === 'changed'

/**
 * The address does not exist: it gets no mail any more. One that was only asked to confirm,
 * or is an earlier one, belongs to no subscriber.
 */
function bounce(
  { id, subscriberId, kind, companion }: Claimed,
  why: stores.deliveries.Bounce,
  deps: Deps,
) {
  const { db, now, stores, results } = deps
  if (companion) {
    const { reason } = why
    results.add({
      id: companion.id,
      attempt: companion.attempts,
      move: 'release',
      tryAt: now(),
      reason,
    })
  }
  return db.transaction().execute(async (tx) => {
    const at = now()
    const subscriber = await stores.subscribers.byId(tx, subscriberId)
    if (!(await stores.deliveries.bounce(tx, id, why)) || !subscriber) return
    if (isElsewhere(kind)) return
    await stores.suppressions.add(tx, subscriber.address_hash, 'bounce', at)
    await stores.enrollments.end(tx, { subscriberId }, 'stopped', at)
    await stores.deliveries.skipUnsent(tx, { subscriberId }, 'the address bounced')
  })
}
