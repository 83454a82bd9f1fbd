/** Faults that receivers find in our setup while mail is handed over (standards.md B4). */
import { isTransactional } from '../../domain/delivery.ts'
import { type SenderFault, senderFaultIn } from '../../domain/sender-fault.ts'
import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import type { FailedDelivery } from './failed.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly log: Logger
  readonly stores: Pick<typeof stores, 'guardCounts'>
  /** Requests a check of what came back: see actions/operating/guard-rails.ts. */
  readonly watch: () => void
}

/**
 * Records the fault, whether or not the mail is retried. A failure to record it does not keep the
 * mail from being deferred. Mails caused by a form do not count, since the person who fills it in
 * chooses the server that refuses them.
 */
export async function recordSenderFault(failed: FailedDelivery, deps: Deps): Promise<void> {
  const fault = isTransactional(failed.delivery.kind) ? null : faultOf(failed)
  if (!fault) return
  const { db, now, log, stores, watch } = deps
  const { id: deliveryId, subscriberId } = failed.delivery
  const noted = { deliveryId, subscriberId, fault, said: failed.reason }
  const isNew = await stores.guardCounts.addFault(db, noted, now()).catch((error) => {
    log.warn({ err: error }, 'a fault that a server found in our setup could not be recorded')
    return false
  })
  if (isNew) watch()
}

/**
 * Verdicts that come from receivers. The others concern our own SMTP server, its login or our
 * connection to it.
 */
const OF_RECEIVERS: ReadonlySet<string> = new Set(['ours', 'slow', 'retry', 'refused'])

const faultOf = ({ judgment, reason }: FailedDelivery): SenderFault | null =>
  OF_RECEIVERS.has(judgment.verdict) ? senderFaultIn(reason) : null
