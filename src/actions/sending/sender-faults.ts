/** What receivers find wrong with our set-up while mail is handed over (standards.md B4). */
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
  /** Has what came back looked at soon: see actions/operating/guard-rails.ts. */
  readonly watch: () => void
}

/**
 * Notes it, whether the mail is tried again or not. That it could not be noted keeps no mail from
 * being put off. Mails that a form causes do not count: whoever fills it in chooses the server that
 * refuses them.
 */
export async function noteSenderFault(failed: FailedDelivery, deps: Deps): Promise<void> {
  const fault = isTransactional(failed.delivery.kind) ? null : faultOf(failed)
  if (!fault) return
  const { db, now, log, stores, watch } = deps
  const { id: deliveryId, subscriberId } = failed.delivery
  const noted = { deliveryId, subscriberId, fault, said: failed.reason }
  const isNews = await stores.guardCounts.addFault(db, noted, now()).catch((error) => {
    log.warn({ err: error }, 'what a server found wrong with our set-up could not be noted')
    return false
  })
  if (isNews) watch()
}

/**
 * What concerns the server that we send by, its login or our connection to it, is no receiver's.
 */
const OF_RECEIVERS: ReadonlySet<string> = new Set(['ours', 'slow', 'retry', 'refused'])

const faultOf = ({ judgment, reason }: FailedDelivery): SenderFault | null =>
  OF_RECEIVERS.has(judgment.verdict) ? senderFaultIn(reason) : null
