/** Mailgun: `event-data` of a webhook (standards.md C21). */
import {
  bounce,
  type Classify,
  type Kind,
  named,
  notice,
  type ProviderEvent,
  saidIn,
  verdictOf,
} from './event.ts'
import { at, type Json, textAt } from './json.ts'

/** By the `reason` of what failed for good, where that says more than that it did. */
const KINDS: Readonly<Record<string, Kind>> = {
  // Mailgun itself does not send, for what came back before.
  'suppress-bounce': { class: 'disabled', reason: 'suppressed' },
  old: { class: 'soft', reason: 'expired' },
}

export function readMailgun(json: Json, classify: Classify): ProviderEvent[] {
  const event = at(json, 'event-data')
  const status = at(event, 'delivery-status')
  const said = saidIn(textAt(status, 'message') || textAt(status, 'description'), {
    status: textAt(status, 'enhanced-code'),
    code: textAt(status, 'code'),
  })
  const messageId = textAt(event, 'message', 'headers', 'message-id')
  const told = {
    of: named({ sender: textAt(event, 'envelope', 'sender'), messageId }),
    recipient: textAt(event, 'recipient'),
    said,
    reportedBy: textAt(status, 'mx-host') || 'mailgun',
  }
  const name = textAt(event, 'event')
  const eventId = textAt(event, 'id') || `${name} ${messageId} ${textAt(event, 'timestamp')}`
  const one = (report: ProviderEvent['report']) => [{ eventId, report }]
  switch (name) {
    case 'failed':
      return one(failed(event, told, classify))
    case 'rejected':
      return one(bounce({ class: 'message', reason: 'content' }, told))
    case 'complained':
      return one(notice('complaint', 'complaint', told))
    case 'unsubscribed':
      return one(notice('unsubscribe', 'other', told))
    case 'delivered':
      return one(notice('delivery', 'other', told))
    default:
      return []
  }
}

function failed(event: Json, told: Parameters<typeof bounce>[1], classify: Classify) {
  // It will be tried again.
  if (textAt(event, 'severity') !== 'permanent') return notice('delay', 'delayed', told)
  const reason = textAt(event, 'reason')
  if (reason === 'suppress-complaint') return notice('complaint', 'complaint', told)
  if (reason === 'suppress-unsubscribe') return notice('unsubscribe', 'other', told)
  const isSoft = textAt(event, 'delivery-status', 'bounce-type') === 'soft'
  const known = Object.hasOwn(KINDS, reason) ? KINDS[reason] : undefined
  const kind = known ?? (isSoft ? 'temporary' : 'permanent')
  return bounce(verdictOf(kind, told.said, classify), told)
}
