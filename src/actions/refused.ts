/** Mails that were refused for good: whose fault it is, and what that costs the address. */
import { HOUR, MINUTE } from '../domain/time.ts'
import type { SmtpError, Verdict } from '../mail/verdict.ts'
import type { Deps } from './deliver.ts'
import { type Claimed, record, type Said } from './record.ts'

/** Milliseconds until a mail is tried again whose refusal is not believed. */
const DOUBTED = 5 * MINUTE

/** A mail that failed. */
export interface Refused {
  readonly delivery: Claimed
  readonly said: Said
  readonly error: SmtpError & { readonly inMs?: number }
}

export const isForGood = (error: Refused['error'], { verdictOn }: Deps) =>
  error.inMs === undefined && ['bounced', 'disabled', 'refused'].includes(verdictOn(error))

export const reasonOf = ({ response, message }: SmtpError) => response ?? message

/**
 * Ends a mail that was refused for good. Only once its whole run has been tried: a server that refuses nearly all of it
 * is not believed, and nobody is suppressed for it.
 */
export async function endForGood(failed: Refused, deps: Deps): Promise<void> {
  const { delivery, said, error } = failed
  const reason = reasonOf(error)
  const verdict = deps.verdictOn(error)
  if (error.isDoubted?.()) {
    const tryAt = deps.now().add({ milliseconds: DOUBTED })
    record(delivery, { move: 'release', tryAt, reason: `not believed: ${reason}`, ...said }, deps)
  } else if (verdict === 'bounced' || (verdict === 'disabled' && (await wasDisabled(delivery, deps)))) {
    await bounce(delivery, reason, deps)
  } else if (verdict === 'disabled') {
    record(delivery, { move: 'refuse', reason: DISABLED + reason, ...said }, deps, true)
  } else record(delivery, { move: 'refuse', reason, ...said }, deps)
  tellFailure(failed, verdict, deps)
}

export function tellFailure({ delivery: { id }, error }: Refused, verdict: Verdict, { log }: Deps) {
  const level = verdict === 'ours' || verdict === 'halt' ? 'error' : 'warn'
  log[level]({ delivery: id, verdict, code: error.code, smtp: error.responseCode }, 'not sent')
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
function bounce({ id, subscriberId, kind, passenger }: Claimed, reason: string, deps: Deps) {
  const { db, now, stores, results } = deps
  if (passenger) {
    results.add({ id: passenger.id, attempt: passenger.attempts, move: 'release', tryAt: now(), reason })
  }
  return db.transaction().execute(async (tx) => {
    const at = now()
    const subscriber = await stores.subscribers.byId(tx, subscriberId)
    if (!(await stores.deliveries.bounce(tx, id, reason.replace(/\p{Cc}+/gu, ' '))) || !subscriber) return
    if (isElsewhere(kind)) return
    await stores.suppressions.add(tx, subscriber.address_hash, 'bounce', at)
    await stores.enrollments.end(tx, { subscriberId }, 'stopped', at)
    await stores.deliveries.skipOpen(tx, { subscriberId }, 'the address bounced')
  })
}
