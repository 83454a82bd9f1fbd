/** SendGrid: the events of an Event Webhook (standards.md C22). */
import type { Report } from '../../../domain/report.ts'
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
import { type Json, textAt } from './json.ts'

/** By `bounce_classification`, if it says more than `type`. */
const CLASSIFICATIONS: Readonly<Record<string, ProviderBounceType>> = {
  'Invalid Address': 'gone',
  Reputation: { class: 'block', reason: 'blocked' },
  Content: { class: 'block', reason: 'content' },
  'Frequency/Volume': { class: 'soft', reason: 'rate_limited' },
  'Frequency or Volume Too High': { class: 'soft', reason: 'rate_limited' },
}

type Details = Parameters<typeof bounce>[1]

/** By `reason`, for mails that SendGrid did not even try to deliver. */
const DROPPED: readonly (readonly [reason: RegExp, report: (details: Details) => Report])[] = [
  [/^Bounced Address/i, (details) => bounce({ class: 'disabled', reason: 'suppressed' }, details)],
  [/^Spam Reporting Address/i, (details) => notice('complaint', 'complaint', details)],
  [/^Unsubscribed Address/i, (details) => notice('unsubscribe', 'other', details)],
  [/^Invalid$/i, (details) => bounce({ class: 'hard', reason: 'no_such_user' }, details)],
  [/^Spam Content/i, (details) => bounce({ class: 'block', reason: 'spam' }, details)],
  [/./, (details) => bounce({ class: 'message', reason: 'other' }, details)],
]

/** Reads each event separately, so that an unreadable one does not cost the others. */
export const readSendgrid = (json: Json, classify: Classify): ProviderEvent[] =>
  (Array.isArray(json) ? json : [json]).flatMap((event) => readOne(event, classify))

function readOne(event: Json, classify: Classify): ProviderEvent[] {
  const name = textAt(event, 'event')
  const id = textAt(event, 'sg_message_id')
  const said = parseServerReply(textAt(event, 'reason') || textAt(event, 'response'), {
    status: textAt(event, 'status'),
  })
  const details = {
    // The id in SendGrid's 250 reply, followed here by where and how the mail was filtered.
    of: identifiersOf({ providerId: id.split('.')[0] ?? '', messageId: textAt(event, 'smtp-id') }),
    recipient: textAt(event, 'email'),
    said,
    reportedBy: 'sendgrid',
  }
  const report = reportOf(name, event, details, classify)
  const eventId =
    textAt(event, 'sg_event_id') ||
    `${name} ${id} ${details.recipient} ${textAt(event, 'timestamp')}`
  return report ? [{ eventId, report }] : []
}

function reportOf(name: string, event: Json, details: Details, classify: Classify): Report | null {
  switch (name) {
    case 'bounce':
      return bounce(judgeBounce(kindOf(event), details.said, classify), details)
    case 'dropped':
      return (
        DROPPED.find(([reason]) => reason.test(details.said.text.trim() || '?'))?.[1](details) ??
        null
      )
    case 'deferred':
      return notice('delay', 'delayed', details)
    case 'spamreport':
      return notice('complaint', 'complaint', details)
    case 'unsubscribe':
    case 'group_unsubscribe':
      return notice('unsubscribe', 'other', details)
    case 'delivered':
      return notice('delivery', 'other', details)
    default:
      return null
  }
}

function kindOf(event: Json): ProviderBounceType {
  const classification = textAt(event, 'bounce_classification')
  const known = Object.hasOwn(CLASSIFICATIONS, classification) && CLASSIFICATIONS[classification]
  const isBlocked = textAt(event, 'type') === 'blocked'
  if (known && !(isBlocked && known === 'gone')) return known
  return isBlocked ? 'temporary' : 'permanent'
}
