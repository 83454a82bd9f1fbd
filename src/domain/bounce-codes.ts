/**
 * What the codes of a refusal mean (RFC 3463, RFC 5321, and what large providers say about theirs).
 */
import type { BounceClass, ReportReason } from './report.ts'

export interface BounceClassification {
  readonly class: BounceClass
  readonly reason: ReportReason
}

/** Judgment by a code. If the code is vague, the words decide. */
export interface CodeClassification extends BounceClassification {
  readonly isVague: boolean
}

/** The class that a reason implies, unless more is known. */
export const CLASS_OF: Readonly<Record<ReportReason, BounceClass>> = {
  no_such_user: 'hard',
  no_such_domain: 'hard',
  moved: 'hard',
  disabled: 'disabled',
  suppressed: 'disabled',
  mailbox_full: 'soft',
  greylisted: 'soft',
  rate_limited: 'soft',
  dns: 'soft',
  network: 'soft',
  system: 'soft',
  expired: 'soft',
  other: 'soft',
  too_big: 'message',
  content: 'message',
  smtputf8: 'message',
  spam: 'block',
  policy: 'block',
  blocked: 'block',
  relaying_denied: 'block',
  authentication: 'sender',
  tls: 'sender',
  delayed: 'soft',
  complaint: 'soft',
  auto_reply: 'soft',
  vacation: 'soft',
  reply: 'soft',
}

export const defaultClassification = (reason: ReportReason): BounceClassification => ({
  class: CLASS_OF[reason],
  reason,
})

/** By subject and detail of the enhanced code; `*` stands for any detail not listed. */
const BY_STATUS: Readonly<Record<string, ReportReason>> = {
  '1.1': 'no_such_user',
  '1.2': 'no_such_domain',
  '1.3': 'no_such_user',
  '1.4': 'other',
  '1.6': 'moved',
  '1.10': 'no_such_domain',
  '1.90': 'rate_limited',
  '2.1': 'disabled',
  '2.2': 'mailbox_full',
  '2.3': 'too_big',
  '2.4': 'system',
  '2.121': 'rate_limited',
  '2.122': 'rate_limited',
  '3.1': 'system',
  '3.2': 'system',
  '3.3': 'system',
  '3.4': 'too_big',
  '3.5': 'system',
  '4.1': 'network',
  '4.2': 'network',
  '4.3': 'dns',
  '4.4': 'dns',
  '4.5': 'network',
  '4.6': 'network',
  '4.7': 'expired',
  '4.14': 'network',
  '4.310': 'no_such_domain',
  '4.312': 'dns',
  '4.316': 'network',
  '4.317': 'tls',
  '5.3': 'rate_limited',
  '6.7': 'smtputf8',
  '6.8': 'smtputf8',
  '6.9': 'smtputf8',
  '6.10': 'smtputf8',
  '6.*': 'content',
  // SPF, DKIM, DMARC, PTR and TLS: RFC 7372, RFC 8616 and the lists of Google and Microsoft (B4).
  '7.4': 'tls',
  '7.8': 'authentication',
  '7.10': 'tls',
  '7.11': 'tls',
  '7.20': 'authentication',
  '7.21': 'authentication',
  '7.22': 'authentication',
  '7.23': 'authentication',
  '7.24': 'authentication',
  '7.25': 'authentication',
  '7.26': 'authentication',
  '7.27': 'authentication',
  '7.28': 'rate_limited',
  '7.29': 'tls',
  '7.30': 'authentication',
  '7.31': 'authentication',
  '7.32': 'authentication',
  '7.57': 'authentication',
  '7.508': 'rate_limited',
  '7.509': 'authentication',
  '7.515': 'authentication',
  '7.501': 'spam',
  '7.502': 'spam',
  '7.503': 'spam',
  '7.511': 'blocked',
  '7.512': 'content',
  '7.513': 'blocked',
}

/** What vague codes mean if no words help, by subject. */
const BY_SUBJECT: Readonly<Record<string, ReportReason>> = {
  '3': 'system',
  '4': 'network',
  '5': 'other',
  '7': 'policy',
}

/** Our envelope sender is refused. */
const OUR_SENDER = new Set(['1.7', '1.8'])
/** Microsoft's codes for banned sending addresses. */
const BANNED = /^7\.6(?:0[6-9]|[1-4]\d)$/

/** Judges an enhanced code, given without its first digit: `1.1` of 5.1.1. */
export function classifyStatus(subjectAndDetail: string): CodeClassification {
  const [subject = ''] = subjectAndDetail.split('.')
  if (OUR_SENDER.has(subjectAndDetail)) return { class: 'sender', reason: 'policy', isVague: false }
  if (BANNED.test(subjectAndDetail)) return { ...defaultClassification('blocked'), isVague: false }
  const known = BY_STATUS[subjectAndDetail] ?? BY_STATUS[`${subject}.*`]
  return known
    ? { ...defaultClassification(known), isVague: known === 'other' }
    : { ...defaultClassification(BY_SUBJECT[subject] ?? 'other'), isVague: true }
}

const BY_CODE: Readonly<Record<number, ReportReason>> = {
  421: 'system',
  451: 'system',
  452: 'system',
  454: 'system',
  530: 'authentication',
  534: 'authentication',
  535: 'authentication',
  538: 'tls',
  541: 'policy',
  552: 'mailbox_full',
  554: 'policy',
  556: 'no_such_domain',
  571: 'policy',
}

/** Judges a basic code, for replies without an enhanced one. All but 556 are vague. */
export const classifyCode = (code: number | null): CodeClassification => ({
  ...defaultClassification(BY_CODE[code ?? 0] ?? 'other'),
  isVague: code !== 556,
})
