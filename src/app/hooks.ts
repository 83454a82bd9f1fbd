import { handleWebhook } from '../actions/hooks/handle-webhook.ts'
import type { MailProvider } from '../domain/provider-id.ts'
import type { WebhookRequest } from '../mail/inbound/providers/webhook-handler.ts'
import { openWebhookHandlers } from '../mail/inbound/providers/webhook-handlers.ts'
import type { Deps } from './deps.ts'
import type { Infrastructure } from './infrastructure.ts'

type Take = Parameters<typeof handleWebhook>[2]['take']

/** What providers' webhooks may do. */
export function openHooks(deps: Deps, { config, options }: Infrastructure, take: Take) {
  const doors = openWebhookHandlers(config.webhooks, options.fetchText)
  return {
    /** Providers whose webhooks are configured. */
    providers: [...doors.keys()],
    take: (provider: MailProvider, delivered: WebhookRequest) =>
      handleWebhook(provider, delivered, { ...deps, doors, take }),
  }
}
