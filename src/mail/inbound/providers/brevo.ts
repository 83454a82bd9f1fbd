/** Brevo: events of transactional mail, one or a batch. */
import type { BounceClassification } from '../../../domain/bounce.ts'
import { ECHO_HEADERS } from '../../../domain/provider-id.ts'
import type { Report } from '../../../domain/report.ts'
import {
  bounce,
  type Classify,
  identifiersOf,
  judgeBounce,
  notice,
  type ProviderEvent,
  parseServerReply,
} from './event.ts'
import { type Json, textAt } from './json.ts'

export const readBrevo = (json: Json, classify: Classify): ProviderEvent[] =>
  (Array.isArray(json) ? json : [json]).flatMap((event) => readOne(event, classify))

function readOne(event: Json, classify: Classify): ProviderEvent[] {
  const name = textAt(event, 'event').toLowerCase().replaceAll('_', '')
  const id = textAt(event, 'message-id')
  const details = {
    of: identifiersOf({ providerId: id, messageId: textAt(event, ECHO_HEADERS.brevo) || id }),
    recipient: textAt(event, 'email'),
    said: parseServerReply(textAt(event, 'reason')),
    reportedBy: 'brevo',
  }
  const report = reportOf(name, details, classify)
  // `id` identifies the webhook, not the event.
  const at = ['ts_epoch', 'ts_event', 'date'].map((field) => textAt(event, field)).find(Boolean)
  return report ? [{ eventId: `${name} ${id} ${details.recipient} ${at ?? ''}`, report }] : []
}

type Details = Parameters<typeof bounce>[1]

function reportOf(name: string, details: Details, classify: Classify): Report | null {
  switch (name) {
    case 'hardbounce':
    case 'invalidemail':
    case 'invalid':
      return bounce(judgeBounce('permanent', details.said, classify), details)
    case 'softbounce':
      return bounce(judgeBounce('temporary', details.said, classify), details)
    case 'blocked':
      return bounce(blocked(details, classify), details)
    case 'error':
      return bounce({ class: 'message', reason: 'other' }, details)
    case 'deferred':
      return notice('delay', 'delayed', details)
    case 'spam':
    case 'complaint':
      return notice('complaint', 'complaint', details)
    case 'unsubscribed':
    case 'unsubscribe':
      return notice('unsubscribe', 'other', details)
    case 'delivered':
      return notice('delivery', 'other', details)
    default:
      return null
  }
}

/** Brevo's words for an address on its blocklist: after a bounce, or because its owner left. */
const LISTED =
  /black ?list(ed)? (user|contact|recipient)|unsubscribed|hard ?bounced?|blocklisted (user|contact)/i

/**
 * Judges who blocked the mail: Brevo, because the address is on its list; the receiving server; or
 * Brevo, because it no longer accepts our mail, which says nothing about the address.
 */
function blocked(details: Details, classify: Classify): BounceClassification {
  const { code, status, text } = details.said
  if (code !== null || status !== null) return judgeBounce('temporary', details.said, classify)
  return LISTED.test(text)
    ? { class: 'disabled', reason: 'suppressed' }
    : { class: 'block', reason: 'blocked' }
}
