/** What a provider's event comes to, in the shape of all that comes back about a mail. */
import type { CodeJudgment, Refusal } from '../../../domain/bounce.ts'
import { keptReply } from '../../../domain/reply.ts'
import type { NamedMail, Report, ReportReason } from '../../../domain/report.ts'

export interface ProviderEvent {
  /** Names it among all of its provider's: the same when it is sent again. */
  readonly eventId: string
  readonly report: Report
}

/** What the words of a server mean: `classify` of domain/bounce.ts. */
export type Classify = (refusal: Refusal) => CodeJudgment

/** What a server said of a mail, as far as a provider passes it on. */
export interface Said extends Refusal {
  readonly status: string | null
  readonly code: number | null
  /**
   * What the provider says in its own words where it passes nothing on: to be shown, not judged.
   */
  readonly instead?: string
}

/**
 * How far a provider's own type of bounce goes:
 *
 * - `gone`: it says that there is no such mailbox. Hard, unless the server said something else.
 * - `permanent`: it says that the mail will not be delivered. Hard only if the server said why.
 * - `temporary`: never hard, whatever the server said.
 *
 * Or it says itself what it is.
 */
export type Kind = 'gone' | 'permanent' | 'temporary' | CodeJudgment

/**
 * The class and reason of a bounce. Providers call much permanent that speaks against us and not
 * against the address; so no type alone makes a bounce hard but one that means the mailbox.
 */
export function verdictOf(kind: Kind, said: Said, classify: Classify): CodeJudgment {
  if (typeof kind !== 'string') return kind
  const words = said.text || said.status || said.code ? classify(said) : null
  const known = words && words.reason !== 'other' ? words : null
  if (kind === 'gone') return known ?? { class: 'hard', reason: 'no_such_user' }
  if (kind === 'permanent') return known ?? { class: 'disabled', reason: 'other' }
  if (known && known.class !== 'hard' && known.class !== 'disabled') return known
  // A list of the provider's is not for now.
  const reason = known?.reason === 'suppressed' ? 'other' : known?.reason
  return { class: 'soft', reason: reason ?? 'other' }
}

const STATUS = /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)/
const CODE = /^(?:\s*(?:smtp|x-[\w-]+);)?\s*"?([245]\d\d)(?=[\s\-"]|$)/i

interface Given {
  readonly status?: string
  readonly code?: string
  readonly instead?: string
}

/** Takes the codes out of what a server said, where the provider does not give them apart. */
export function saidIn(text: string, given: Given = {}): Said {
  const [status = null] = STATUS.exec(given.status || text) ?? []
  const code = /^[245]\d\d$/.exec(given.code ?? '')?.[0] ?? CODE.exec(text)?.[1]
  return { status, code: code ? Number(code) : null, text, instead: given.instead ?? '' }
}

interface Details {
  readonly of: NamedMail
  readonly recipient: string
  readonly said: Said
  readonly reportedBy: string
}

export const bounce = (judgment: CodeJudgment, details: Details): Report => ({
  kind: 'bounce',
  class: judgment.class,
  reason: judgment.reason,
  ...common(details),
})

/** All that is no bounce. */
export const notice = (
  kind: Exclude<Report['kind'], 'bounce'>,
  reason: ReportReason,
  details: Details,
): Report => ({ kind, class: null, reason, ...common(details) })

const common = ({ of, recipient, said, reportedBy }: Details) => ({
  of,
  recipient: recipient === '' ? null : recipient.slice(0, 320),
  status: said.status,
  diagnostic: keptReply((said.text || said.instead || '').trim()),
  reportedBy: reportedBy.slice(0, 255),
})

interface Names {
  readonly sender?: string
  readonly providerId?: string
  readonly messageId?: string
}

/** The names of a mail, each in its form; what has another is left out. */
export const named = ({ sender = '', providerId = '', messageId = '' }: Names): NamedMail => ({
  returnPath: /^<?(b\+[a-z0-9]+)@/i.exec(sender)?.[1]?.toLowerCase() ?? null,
  providerId: /^[\x21-\x7e]{1,200}$/.test(providerId) ? providerId : null,
  messageId: bracketed(messageId.trim()),
})

const bracketed = (id: string) => {
  const [, bare] = /^<?([^\s<>@]{1,200}@[^\s<>@]{1,255})>?$/.exec(id) ?? []
  return bare ? `<${bare}>` : null
}
