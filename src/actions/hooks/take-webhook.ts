import { isNeverTaken } from '../../domain/database-error.ts'
import type { MailProvider } from '../../domain/provider-id.ts'
import type { Report } from '../../domain/report.ts'
import type { Delivered, Refusal } from '../../mail/inbound/providers/door.ts'
import type { Doors } from '../../mail/inbound/providers/doors.ts'
import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

/** Something that came in: all it says, counted once. */
export interface IncomingEvent {
  /** Names it among all that came in. */
  readonly digest: Buffer
  readonly source: MailProvider
  /** Nobody addressed it. */
  readonly envelopeTo: null
  readonly reports: readonly Report[]
}

export interface Deps {
  readonly db: Db
  readonly stores: { readonly webhookTokens: typeof stores.webhookTokens }
  readonly now: () => Temporal.Instant
  readonly log: Logger
  readonly doors: Doors
  /** Durable when it resolves; a second one of the same is passed over. */
  readonly take: (incoming: IncomingEvent) => Promise<unknown>
}

/**
 * `closed`: there is no webhook of this provider. `replayed`: its signature came with another body.
 */
export type Answer = 'taken' | 'closed' | 'replayed' | Refusal

/**
 * Takes what a provider's webhook brings: when it resolves to `taken`, all of it is written down.
 * Rejects when it cannot be, so that the provider sends it again; what was written until then is
 * passed over then.
 */
export async function takeWebhook(
  provider: MailProvider,
  delivered: Delivered,
  deps: Deps,
): Promise<Answer> {
  const { db, stores, now, log } = deps
  const at = now()
  const opened = await deps.doors.get(provider)?.(delivered, at)
  if (opened === undefined) return 'closed'
  if (typeof opened === 'string') return opened
  const { events, once, note } = opened
  if (once && !(await stores.webhookTokens.keep(db, once, at))) return 'replayed'
  if (note === 'confirmed') log.info({ provider }, 'a webhook was subscribed to')
  if (note === 'unsubscribed')
    log.warn({ provider }, 'the subscription of a webhook has ended: nothing comes by it any more')
  for (const { digest, report } of events) {
    const incoming = { digest, source: provider, envelopeTo: null, reports: [report] }
    try {
      await deps.take(incoming)
    } catch (error) {
      // It would hold up all that is sent with it, for ever.
      if (!isNeverTaken(error)) throw error
      log.error({ provider, err: error }, 'an event of a webhook cannot be kept')
    }
  }
  return 'taken'
}
