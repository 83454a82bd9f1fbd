import { isPermanentRejection } from '../../domain/database-error.ts'
import type { MailProvider } from '../../domain/provider-id.ts'
import type { Report } from '../../domain/report.ts'
import type {
  WebhookRejection,
  WebhookRequest,
} from '../../mail/inbound/providers/webhook-handler.ts'
import type { WebhookHandlers } from '../../mail/inbound/providers/webhook-handlers.ts'
import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

/** An incoming event; all it says is counted once. */
export interface IncomingEvent {
  /** Identifies it among everything that came in. */
  readonly digest: Buffer
  readonly source: MailProvider
  /** A webhook has no recipient. */
  readonly envelopeTo: null
  readonly reports: readonly Report[]
}

export interface Deps {
  readonly db: Db
  readonly stores: { readonly webhookTokens: typeof stores.webhookTokens }
  readonly now: () => Temporal.Instant
  readonly log: Logger
  readonly doors: WebhookHandlers
  /** Durable once it resolves; a duplicate is ignored. */
  readonly take: (incoming: IncomingEvent) => Promise<unknown>
}

/**
 * `closed`: this provider has no webhook. `replayed`: its signature already came with another body.
 */
export type WebhookResult = 'taken' | 'closed' | 'replayed' | WebhookRejection

/**
 * Takes what a provider's webhook delivers. Once it resolves to `taken`, all of it is stored.
 * Rejects if it cannot be stored, so that the provider sends it again; what was stored until then
 * is ignored.
 */
export async function handleWebhook(
  provider: MailProvider,
  delivered: WebhookRequest,
  deps: Deps,
): Promise<WebhookResult> {
  const { db, stores, now, log } = deps
  const at = now()
  const opened = await deps.doors.get(provider)?.(delivered, at)
  if (opened === undefined) return 'closed'
  if (typeof opened === 'string') return opened
  const { events, once, note } = opened
  if (once && !(await stores.webhookTokens.accept(db, once, at))) return 'replayed'
  if (note === 'confirmed') log.info({ provider }, 'a webhook subscription was confirmed')
  if (note === 'unsubscribed')
    log.warn({ provider }, 'a webhook subscription has ended: its events no longer arrive')
  for (const { digest, report } of events) {
    const incoming = { digest, source: provider, envelopeTo: null, reports: [report] }
    try {
      await deps.take(incoming)
    } catch (error) {
      // It would block everything that is sent with it, forever.
      if (!isPermanentRejection(error)) throw error
      log.error({ provider, err: error }, 'a webhook event cannot be stored')
    }
  }
  return 'taken'
}
