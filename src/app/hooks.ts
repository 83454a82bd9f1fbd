import { takeWebhook } from '../actions/hooks/take-webhook.ts'
import type { MailProvider } from '../domain/provider-id.ts'
import type { Delivered } from '../mail/inbound/providers/door.ts'
import { openDoors } from '../mail/inbound/providers/doors.ts'
import type { Deps } from './deps.ts'
import type { Ground } from './ground.ts'

type Take = Parameters<typeof takeWebhook>[2]['take']

/** What providers' webhooks may do. */
export function openHooks(deps: Deps, { config, options }: Ground, take: Take) {
  const doors = openDoors(config.webhooks, options.fetchText)
  return {
    /** Providers whose webhooks are configured. */
    providers: [...doors.keys()],
    take: (provider: MailProvider, delivered: Delivered) =>
      takeWebhook(provider, delivered, { ...deps, doors, take }),
  }
}
