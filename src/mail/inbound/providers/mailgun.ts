/** Mailgun: `event-data` of a webhook (standards.md C21). */
import {
  bounce,
  type Classify,
  identifiersOf,
  judgeBounce,
  notice,
  type ProviderBounceType,
  type ProviderEvent,
  parseServerReply,
} from './event.ts'
import { at, type Json, textAt } from './json.ts'

/** Kinds by the `reason` of a permanent failure, if it says more than that it failed. */
const KINDS: Readonly<Record<string, ProviderBounceType>> = {
  // Mailgun itself withheld the mail because of an earlier bounce.
  'suppress-bounce': { class: 'disabled', reason: 'suppressed' },
  old: { class: 'soft', reason: 'expired' },
}

export function readMailgun(json: Json, classify: Classify): ProviderEvent[] {
  const event = at(json, 'event-data')
  const status = at(event, 'delivery-status')
  const said = parseServerReply(textAt(status, 'message') || textAt(status, 'description'), {
    status: textAt(status, 'enhanced-code'),
    code: textAt(status, 'code'),
  })
  const messageId = textAt(event, 'message', 'headers', 'message-id')
  const details = {
    of: identifiersOf({ sender: textAt(event, 'envelope', 'sender'), messageId }),
    recipient: textAt(event, 'recipient'),
    said,
    reportedBy: textAt(status, 'mx-host') || 'mailgun',
  }
  const name = textAt(event, 'event')
  const eventId = textAt(event, 'id') || `${name} ${messageId} ${textAt(event, 'timestamp')}`
  const asEvents = (report: ProviderEvent['report']) => [{ eventId, report }]
  switch (name) {
    case 'failed':
      return asEvents(failed(event, details, classify))
    case 'rejected':
      return asEvents(bounce({ class: 'message', reason: 'content' }, details))
    case 'complained':
      return asEvents(notice('complaint', 'complaint', details))
    case 'unsubscribed':
      return asEvents(notice('unsubscribe', 'other', details))
    case 'delivered':
      return asEvents(notice('delivery', 'other', details))
    default:
      return []
  }
}

function failed(event: Json, details: Parameters<typeof bounce>[1], classify: Classify) {
  // Mailgun will try again.
  if (textAt(event, 'severity') !== 'permanent') return notice('delay', 'delayed', details)
  const reason = textAt(event, 'reason')
  if (reason === 'suppress-complaint') return notice('complaint', 'complaint', details)
  if (reason === 'suppress-unsubscribe') return notice('unsubscribe', 'other', details)
  const isSoft = textAt(event, 'delivery-status', 'bounce-type') === 'soft'
  const known = Object.hasOwn(KINDS, reason) ? KINDS[reason] : undefined
  const kind = known ?? (isSoft ? 'temporary' : 'permanent')
  return bounce(judgeBounce(kind, details.said, classify), details)
}
