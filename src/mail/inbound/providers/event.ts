/** Converts a provider's event to the form of all reports about a mail. */
import type { BounceClassification, Refusal } from '../../../domain/bounce.ts'
import type { MailReference, Report, ReportReason } from '../../../domain/report.ts'
import { redactedReply } from '../../../domain/smtp-reply.ts'

export interface ProviderEvent {
  /** Identifies the event among those of its provider; the same when it is sent again. */
  readonly eventId: string
  readonly report: Report
}

/** Judges what a server said: `classify` of domain/bounce.ts. */
export type Classify = (refusal: Refusal) => BounceClassification

/** What a server said about a mail, as far as the provider passes it on. */
export interface ServerReply extends Refusal {
  readonly status: string | null
  readonly code: number | null
  /** The provider's own words, if it passes on nothing of the server's: shown, but not judged. */
  readonly providerText?: string
}

/**
 * How far to trust a provider's own bounce type:
 *
 * - `gone`: there is no such mailbox. Hard, unless the server said something else.
 * - `permanent`: the mail will not be delivered. Hard only if the server said why.
 * - `temporary`: never hard, whatever the server said.
 *
 * A BounceClassification stands for itself.
 */
export type ProviderBounceType = 'gone' | 'permanent' | 'temporary' | BounceClassification

/**
 * Returns the class and reason of a bounce. Much that providers call permanent is our fault rather
 * than the address's, so no type alone makes a bounce hard unless it means a missing mailbox.
 */
export function judgeBounce(
  kind: ProviderBounceType,
  said: ServerReply,
  classify: Classify,
): BounceClassification {
  if (typeof kind !== 'string') return kind
  const words = said.text || said.status || said.code ? classify(said) : null
  const known = words && words.reason !== 'other' ? words : null
  if (kind === 'gone') return known ?? { class: 'hard', reason: 'no_such_user' }
  if (kind === 'permanent') return known ?? { class: 'disabled', reason: 'other' }
  if (known && known.class !== 'hard' && known.class !== 'disabled') return known
  // A provider's suppression list is not a temporary failure.
  const reason = known?.reason === 'suppressed' ? 'other' : known?.reason
  return { class: 'soft', reason: reason ?? 'other' }
}

const STATUS = /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)/
const CODE = /^(?:\s*(?:smtp|x-[\w-]+);)?\s*"?([245]\d\d)(?=[\s\-"]|$)/i

interface SeparateCodes {
  readonly status?: string
  readonly code?: string
  readonly instead?: string
}

/** Extracts the codes from a server's reply if the provider does not give them separately. */
export function parseServerReply(text: string, given: SeparateCodes = {}): ServerReply {
  const [status = null] = STATUS.exec(given.status || text) ?? []
  const code = /^[245]\d\d$/.exec(given.code ?? '')?.[0] ?? CODE.exec(text)?.[1]
  return { status, code: code ? Number(code) : null, text, providerText: given.instead ?? '' }
}

interface Details {
  readonly of: MailReference
  readonly recipient: string
  readonly said: ServerReply
  readonly reportedBy: string
}

export const bounce = (judgment: BounceClassification, details: Details): Report => ({
  kind: 'bounce',
  class: judgment.class,
  reason: judgment.reason,
  ...common(details),
})

/** Creates a report of any other kind. */
export const notice = (
  kind: Exclude<Report['kind'], 'bounce'>,
  reason: ReportReason,
  details: Details,
): Report => ({ kind, class: null, reason, ...common(details) })

const common = ({ of, recipient, said, reportedBy }: Details) => ({
  of,
  recipient: recipient === '' ? null : recipient.slice(0, 320),
  status: said.status,
  diagnostic: redactedReply((said.text || said.providerText || '').trim()),
  reportedBy: reportedBy.slice(0, 255),
})

interface Names {
  readonly sender?: string
  readonly providerId?: string
  readonly messageId?: string
}

/** Returns what identifies a mail; a name that is not well-formed is omitted. */
export const identifiersOf = ({
  sender = '',
  providerId = '',
  messageId = '',
}: Names): MailReference => ({
  returnPath: /^<?(b\+[a-z0-9]+)@/i.exec(sender)?.[1]?.toLowerCase() ?? null,
  providerId: /^[\x21-\x7e]{1,200}$/.test(providerId) ? providerId : null,
  messageId: bracketed(messageId.trim()),
})

const bracketed = (id: string) => {
  const [, bare] = /^<?([^\s<>@]{1,200}@[^\s<>@]{1,255})>?$/.exec(id) ?? []
  return bare ? `<${bare}>` : null
}
