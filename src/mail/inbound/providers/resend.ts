/** Resend: one event of a mail. */
import {
  bounce,
  type Classify,
  identifiersOf,
  judgeBounce,
  notice,
  type ProviderEvent,
  parseServerReply,
} from './event.ts'
import { type Json, listAt, MAX_TEXT_LENGTH, textAt } from './json.ts'
import { kindOf } from './ses.ts'

/** `eventId` is the `svix-id`, because an event has no id of its own. */
export function readResend(json: Json, classify: Classify, eventId: string): ProviderEvent[] {
  const read = reader(textAt(json, 'type'), json, classify)
  if (!read) return []
  const to = listAt(json, 'data', 'to').filter((address) => typeof address === 'string')
  return (to.length > 0 ? to : [textAt(json, 'data', 'to')]).map((recipient) => ({
    eventId: `${eventId} ${recipient}`,
    report: read({
      of: identifiersOf({
        providerId: textAt(json, 'data', 'email_id'),
        messageId: textAt(json, 'data', 'message_id'),
      }),
      recipient,
      said: saidBy(json),
      reportedBy: 'resend',
    }),
  }))
}

/** Returns what the server said if it is passed on; otherwise Resend's own words. */
function saidBy(json: Json) {
  const codes = listAt(json, 'data', 'bounce', 'diagnosticCode')
  const [code = textAt(json, 'data', 'bounce', 'diagnosticCode')] = codes
  const words = ['bounce', 'suppressed', 'failed'].map(
    (part) => textAt(json, 'data', part, 'message') || textAt(json, 'data', part, 'reason'),
  )
  const text = typeof code === 'string' ? code.slice(0, MAX_TEXT_LENGTH) : ''
  return parseServerReply(text, { instead: words.find(Boolean) ?? '' })
}

type Details = Parameters<typeof bounce>[1]

function reader(type: string, json: Json, classify: Classify) {
  switch (type) {
    case 'email.bounced': {
      const [bounceType, subType] = ['type', 'subType'].map((name) =>
        textAt(json, 'data', 'bounce', name),
      )
      const kind = kindOf(bounceType ?? '', subType ?? '')
      return (details: Details) => bounce(judgeBounce(kind, details.said, classify), details)
    }
    case 'email.suppressed':
      return (details: Details) => bounce({ class: 'disabled', reason: 'suppressed' }, details)
    case 'email.failed':
      return (details: Details) => bounce({ class: 'message', reason: 'other' }, details)
    case 'email.complained':
      return (details: Details) => notice('complaint', 'complaint', details)
    case 'email.delivery_delayed':
      return (details: Details) => notice('delay', 'delayed', details)
    case 'email.delivered':
      return (details: Details) => notice('delivery', 'other', details)
    default:
      return null
  }
}
