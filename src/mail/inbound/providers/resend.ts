/** Resend: one event of a mail. */
import {
  bounce,
  type Classify,
  named,
  notice,
  type ProviderEvent,
  saidIn,
  verdictOf,
} from './event.ts'
import { type Json, LONGEST, listAt, textAt } from './json.ts'
import { kindOf } from './ses.ts'

/** `eventId`: the `svix-id`, for an event does not name itself. */
export function readResend(json: Json, classify: Classify, eventId: string): ProviderEvent[] {
  const read = reader(textAt(json, 'type'), json, classify)
  if (!read) return []
  const to = listAt(json, 'data', 'to').filter((one) => typeof one === 'string')
  return (to.length > 0 ? to : [textAt(json, 'data', 'to')]).map((recipient) => ({
    eventId: `${eventId} ${recipient}`,
    report: read({
      of: named({
        providerId: textAt(json, 'data', 'email_id'),
        messageId: textAt(json, 'data', 'message_id'),
      }),
      recipient,
      said: saidBy(json),
      reportedBy: 'resend',
    }),
  }))
}

/** What the server said, where it is passed on; else what Resend says of it. */
function saidBy(json: Json) {
  const codes = listAt(json, 'data', 'bounce', 'diagnosticCode')
  const [code = textAt(json, 'data', 'bounce', 'diagnosticCode')] = codes
  const words = ['bounce', 'suppressed', 'failed'].map(
    (part) => textAt(json, 'data', part, 'message') || textAt(json, 'data', part, 'reason'),
  )
  const text = typeof code === 'string' ? code.slice(0, LONGEST) : ''
  return saidIn(text, { instead: words.find(Boolean) ?? '' })
}

type Told = Parameters<typeof bounce>[1]

function reader(type: string, json: Json, classify: Classify) {
  switch (type) {
    case 'email.bounced': {
      const [bounceType, subType] = ['type', 'subType'].map((name) =>
        textAt(json, 'data', 'bounce', name),
      )
      const kind = kindOf(bounceType ?? '', subType ?? '')
      return (told: Told) => bounce(verdictOf(kind, told.said, classify), told)
    }
    case 'email.suppressed':
      return (told: Told) => bounce({ class: 'disabled', reason: 'suppressed' }, told)
    case 'email.failed':
      return (told: Told) => bounce({ class: 'message', reason: 'other' }, told)
    case 'email.complained':
      return (told: Told) => notice('complaint', 'complaint', told)
    case 'email.delivery_delayed':
      return (told: Told) => notice('delay', 'delayed', told)
    case 'email.delivered':
      return (told: Told) => notice('delivery', 'other', told)
    default:
      return null
  }
}
