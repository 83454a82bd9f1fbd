/** Postmark: bounces, complaints, deliveries and subscription changes (standards.md C23). */
import { ECHO_HEADERS } from '../../../domain/provider-id.ts'
import type { ReportReason } from '../../../domain/report.ts'
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

/** An event that is not a bounce, although Postmark reports it as one. */
interface Notice {
  readonly kind: Exclude<ProviderEvent['report']['kind'], 'bounce'>
  readonly reason: ReportReason
}

const OTHER = { kind: 'other', reason: 'other' } as const
const ANSWER = { kind: 'auto_reply', reason: 'auto_reply' } as const
const MESSAGE = { class: 'message', reason: 'other' } as const

/** By `TypeCode` and `Type`, as listed in Postmark's Bounce API. */
const TYPES: readonly (readonly [code: number, type: string, is: ProviderBounceType | Notice])[] = [
  [1, 'HardBounce', 'gone'],
  [2, 'Transient', { kind: 'delay', reason: 'delayed' }],
  [16, 'Unsubscribe', { kind: 'unsubscribe', reason: 'other' }],
  [32, 'Subscribe', OTHER],
  [64, 'AutoResponder', ANSWER],
  [128, 'AddressChange', ANSWER],
  [256, 'DnsError', { class: 'soft', reason: 'dns' }],
  [512, 'SpamNotification', { class: 'block', reason: 'spam' }],
  [1024, 'OpenRelayTest', OTHER],
  [2048, 'Unknown', 'temporary'],
  [4096, 'SoftBounce', 'temporary'],
  [8192, 'VirusNotification', { class: 'message', reason: 'content' }],
  [16_384, 'ChallengeVerification', ANSWER],
  [100_000, 'BadEmailAddress', 'gone'],
  [100_001, 'SpamComplaint', { kind: 'complaint', reason: 'complaint' }],
  [100_002, 'ManuallyDeactivated', { class: 'disabled', reason: 'suppressed' }],
  [100_003, 'Unconfirmed', OTHER],
  [100_006, 'Blocked', { class: 'block', reason: 'blocked' }],
  [100_007, 'SMTPApiError', MESSAGE],
  [100_008, 'InboundError', OTHER],
  [100_009, 'DMARCPolicy', { class: 'sender', reason: 'authentication' }],
  [100_010, 'TemplateRenderingFailed', MESSAGE],
]

/** The id of an event that is not about a particular mail. */
const NO_MESSAGE = /^[0-]*$/

export function readPostmark(json: Json, classify: Classify): ProviderEvent[] {
  const id = textAt(json, 'MessageID')
  const details = {
    of: identifiersOf({
      providerId: NO_MESSAGE.test(id) ? '' : id,
      messageId: textAt(json, 'Metadata', ECHO_HEADERS.postmark),
    }),
    recipient: textAt(json, 'Email') || textAt(json, 'Recipient'),
    said: parseServerReply(textAt(json, 'Details'), { instead: textAt(json, 'Description') }),
    reportedBy: 'postmark',
  }
  const key = textAt(json, 'ID') || `${id} ${details.recipient}`
  switch (textAt(json, 'RecordType')) {
    case 'Bounce':
    case 'SpamComplaint': {
      const is = typeOf(json)
      const report =
        typeof is === 'object' && 'kind' in is
          ? notice(is.kind, is.reason, details)
          : bounce(judgeBounce(is, details.said, classify), details)
      return [{ eventId: `bounce ${key}`, report }]
    }
    case 'Delivery':
      return [{ eventId: `delivery ${key}`, report: notice('delivery', 'other', details) }]
    case 'SubscriptionChange': {
      if (!hasUnsubscribed(json)) return []
      const eventId = `change ${key} ${textAt(json, 'ChangedAt')}`
      return [{ eventId, report: notice('unsubscribe', 'other', details) }]
    }
    default:
      return []
  }
}

/** A type unknown here counts as a temporary failure. */
function typeOf(json: Json): ProviderBounceType | Notice {
  const [code, type] = [textAt(json, 'TypeCode'), textAt(json, 'Type')]
  const isComplaint = textAt(json, 'RecordType') === 'SpamComplaint'
  const found =
    TYPES.find(([known]) => String(known) === code) ??
    TYPES.find(([, known]) => known === (type || (isComplaint ? 'SpamComplaint' : '')))
  return found?.[2] ?? 'temporary'
}

/** Whether they unsubscribed themselves; bounces and complaints have events of their own. */
const hasUnsubscribed = (json: Json) =>
  at(json, 'SuppressSending') === true &&
  textAt(json, 'Origin') === 'Recipient' &&
  textAt(json, 'SuppressionReason') === 'ManualSuppression'
