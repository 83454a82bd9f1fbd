/**
 * Amazon SES: feedback notifications (`notificationType`) and event publishing (`eventType`), as
 * carried in an SNS message (standards.md C20).
 */
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
import { type Json, listAt, textAt } from './json.ts'

const SUPPRESSED = { class: 'disabled', reason: 'suppressed' } as const

/** By `bounceType/bounceSubType`, for those that say more than the type alone. */
const KINDS: Readonly<Record<string, ProviderBounceType>> = {
  'Permanent/NoEmail': 'gone',
  // SES itself withholds the mail because of earlier bounces, not only of our mail.
  'Permanent/Suppressed': SUPPRESSED,
  'Permanent/OnAccountSuppressionList': SUPPRESSED,
  'Permanent/UnsubscribedRecipient': SUPPRESSED,
  'Transient/MailboxFull': { class: 'soft', reason: 'mailbox_full' },
  'Transient/MessageTooLarge': { class: 'message', reason: 'too_big' },
  'Transient/ContentRejected': { class: 'message', reason: 'content' },
  'Transient/AttachmentRejected': { class: 'message', reason: 'content' },
}

/** Returns how far SES's type goes; Resend sends through SES and uses the same types. */
export const kindOf = (type: string, subType: string): ProviderBounceType =>
  KINDS[`${type}/${subType}`] ?? (type === 'Permanent' ? 'permanent' : 'temporary')

/** Complaints by their feedback type (RFC 5965, 7.3). */
const COMPLAINTS: Readonly<Record<string, 'complaint' | 'not_spam' | 'other'>> = {
  'not-spam': 'not_spam',
  'auth-failure': 'other',
}

type Read = (json: Json, classify: Classify) => ProviderEvent[]

const READ: Readonly<Record<string, Read>> = {
  Bounce: readBounce,
  Complaint: readComplaint,
  Delivery: readDelivery,
  DeliveryDelay: readDelay,
  Reject: readReject,
}

/** Returns the events of an SNS message; none if it is not about a mail. */
export function readSes(json: Json, classify: Classify): ProviderEvent[] {
  const type = textAt(json, 'notificationType') || textAt(json, 'eventType')
  const read = Object.hasOwn(READ, type) ? READ[type] : undefined
  return read?.(json, classify) ?? []
}

const mailOf = (json: Json) =>
  identifiersOf({
    sender: textAt(json, 'mail', 'source'),
    providerId: textAt(json, 'mail', 'messageId'),
    messageId: textAt(json, 'mail', 'commonHeaders', 'messageId'),
  })

/** Returns whom an event is about; falls back to the mail's recipient. */
function recipients(json: Json, ...path: readonly string[]): { address: string; json: Json }[] {
  const entries = listAt(json, ...path).map((entry) => ({
    address: typeof entry === 'string' ? entry : textAt(entry, 'emailAddress'),
    json: entry,
  }))
  if (entries.length > 0) return entries
  const [first] = listAt(json, 'mail', 'destination')
  return [{ address: typeof first === 'string' ? first : '', json: null }]
}

function readBounce(json: Json, classify: Classify): ProviderEvent[] {
  const kind = kindOf(textAt(json, 'bounce', 'bounceType'), textAt(json, 'bounce', 'bounceSubType'))
  const id = textAt(json, 'bounce', 'feedbackId') || textAt(json, 'mail', 'messageId')
  const reportedBy = textAt(json, 'bounce', 'reportingMTA').replace(/^\s*[\w-]+;\s*/, '') || 'ses'
  return recipients(json, 'bounce', 'bouncedRecipients').map(({ address, json: recipient }) => {
    const said = parseServerReply(textAt(recipient, 'diagnosticCode'), {
      status: textAt(recipient, 'status'),
    })
    const details = { of: mailOf(json), recipient: address, said, reportedBy }
    return {
      eventId: `bounce ${id} ${address}`,
      report: bounce(judgeBounce(kind, said, classify), details),
    }
  })
}

function readComplaint(json: Json): ProviderEvent[] {
  const type = textAt(json, 'complaint', 'complaintFeedbackType')
  const kind = COMPLAINTS[type] ?? 'complaint'
  const id = textAt(json, 'complaint', 'feedbackId') || textAt(json, 'mail', 'messageId')
  const said = parseServerReply('', {
    instead: type || textAt(json, 'complaint', 'complaintSubType'),
  })
  const reportedBy = textAt(json, 'complaint', 'userAgent') || 'ses'
  return recipients(json, 'complaint', 'complainedRecipients').map(({ address }) => ({
    eventId: `complaint ${id} ${address}`,
    report: notice(kind, kind === 'other' ? 'other' : 'complaint', {
      of: mailOf(json),
      recipient: address,
      said,
      reportedBy,
    }),
  }))
}

function readDelivery(json: Json): ProviderEvent[] {
  const said = parseServerReply(textAt(json, 'delivery', 'smtpResponse'))
  const reportedBy = textAt(json, 'delivery', 'reportingMTA') || 'ses'
  return recipients(json, 'delivery', 'recipients').map(({ address }) => ({
    eventId: `delivery ${textAt(json, 'mail', 'messageId')} ${address}`,
    report: notice('delivery', 'other', {
      of: mailOf(json),
      recipient: address,
      said,
      reportedBy,
    }),
  }))
}

function readDelay(json: Json): ProviderEvent[] {
  const at = textAt(json, 'deliveryDelay', 'timestamp')
  const reportedBy = textAt(json, 'deliveryDelay', 'reportingMTA') || 'ses'
  return recipients(json, 'deliveryDelay', 'delayedRecipients').map(
    ({ address, json: recipient }) => ({
      eventId: `delay ${textAt(json, 'mail', 'messageId')} ${address} ${at}`,
      report: notice('delay', 'delayed', {
        of: mailOf(json),
        recipient: address,
        said: parseServerReply(textAt(recipient, 'diagnosticCode'), {
          status: textAt(recipient, 'status'),
        }),
        reportedBy,
      }),
    }),
  )
}

/** SES accepted the mail, found a virus in it, and did not send it. */
function readReject(json: Json): ProviderEvent[] {
  const said = parseServerReply('', { instead: textAt(json, 'reject', 'reason') })
  return recipients(json).map(({ address }) => ({
    eventId: `reject ${textAt(json, 'mail', 'messageId')} ${address}`,
    report: bounce(
      { class: 'message', reason: 'content' },
      { of: mailOf(json), recipient: address, said, reportedBy: 'ses' },
    ),
  }))
}
