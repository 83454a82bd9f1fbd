/** Bounces without the structure of RFC 3464, recognized by their sender and wording. */
import { type BounceClassification, classify } from '../../domain/bounce.ts'
import { normalizeText } from '../../domain/bounce-text.ts'
import type { Report, ReportKind } from '../../domain/report.ts'
import { redactedReply } from '../../domain/smtp-reply.ts'
import { automaticReason, isAutoReplySubject } from './automatic.ts'
import {
  DAEMON,
  hasFailed,
  isBounceSubject,
  isDaemonName,
  isDelayed,
  isDelivered,
  isGivenUp,
} from './bounce-phrases.ts'
import { type Codes, codesIn } from './codes.ts'
import { addressIn, first } from './fields.ts'
import { identifyMail, type ReturnedMail } from './original.ts'
import { decoded, type InboundMail } from './parse-mail.ts'
import type { RecipientText } from './recipients.ts'

/**
 * Whether the sender is a server. A reply with an envelope sender comes from the person who runs
 * the server.
 */
export function isFromServer(mail: InboundMail): boolean {
  const { headers, subject } = mail
  if (REPLY_SUBJECT.test(subject) && addressIn(first(headers, 'return-path')) !== null) return false
  const from = first(headers, 'from', 'return-path')
  const address = addressIn(from) ?? from.replace(/[<>]/g, '').trim()
  return DAEMON.test(address) || isDaemonName(normalizeText(decoded(from.replace(/<.*/s, ''))))
}

/** Whether it has no envelope sender. */
export const hasNullSender = ({ headers }: InboundMail) =>
  (headers.get('return-path') ?? []).some((value) => /^\s*<\s*>|^\s*$/.test(value))

/** A server's reply: `550 5.1.1 …`. */
const SMTP_REPLY = /(?:^|[\s"':;<(])[45]\d\d[ -]#?(?:[45]\.\d{1,3}\.\d{1,3}|[A-Za-z<])/m
/** Characters of the text that are enough to classify it. */
const OPENING = 5_000
/** Subjects of replies and forwards by people. */
const REPLY_SUBJECT = /^\s*(?:re|aw|sv|antw|odp|ynt|fwd?|wg|tr|rv|i|回复|答复|答复|转发)\s*[:：]/i

/** Returns which kind of report an unstructured mail is; null if it is none. */
export function kindOfUnstructured(
  mail: InboundMail,
  said: string,
  returned: ReturnedMail,
): ReportKind | null {
  const isServer = isFromServer(mail)
  const subject = normalizeText(mail.subject)
  const opening = normalizeText(said, OPENING)
  const isSaid = SMTP_REPLY.test(said)
  const marks = [
    isServer || hasNullSender(mail) || mail.headers.has('x-failed-recipients'),
    isBounceSubject(subject),
    hasFailed(opening),
    isSaid,
    returned.headers.size > 2,
  ].filter(Boolean).length
  const isAnswer = REPLY_SUBJECT.test(mail.subject) || isAutoReplySubject(mail.subject)
  if (!isServer && (isAnswer || (!isBounceSubject(subject) && automaticReason(mail)))) return null
  if (marks < (isServer ? 2 : 3)) return null
  if ((isDelayed(subject) || isDelayed(opening)) && !isGivenUp(opening)) return 'delay'
  return isDelivered(subject) || (isDelivered(opening) && !isSaid) ? 'delivery' : 'bounce'
}

export function reportsOfUnstructured(
  mail: InboundMail,
  kind: ReportKind,
  returned: ReturnedMail,
  about: readonly RecipientText[],
  said: string,
): Report[] {
  const of = identifyMail(mail, returned)
  const from = addressIn(first(mail.headers, 'from'))
  return about.map(({ recipient, text }): Report => {
    const alone = judgeText(text)
    const whole =
      alone.judged.reason === 'other' ? judgeSharedText(mail, said, about.length) : alone
    const { judged, codes } = whole
    return {
      kind,
      class: kind === 'bounce' ? judged.class : null,
      reason: kind === 'bounce' ? judged.reason : kind === 'delay' ? 'delayed' : 'other',
      of,
      recipient,
      status: codes.status,
      diagnostic: redactedReply(tellingPart(whole === alone ? text : said)),
      reportedBy: from?.slice(from.lastIndexOf('@') + 1).toLowerCase() ?? null,
    }
  })
}

/** What is said to several recipients does not prove that any one of them does not exist. */
function judgeSharedText({ subject }: InboundMail, said: string, recipients: number): JudgedText {
  const heard = judgeText(`${subject}\n${said}`)
  const isAgainst = heard.judged.class === 'hard' || heard.judged.class === 'disabled'
  return recipients > 1 && isAgainst
    ? { ...heard, judged: { class: 'soft', reason: 'other' } }
    : heard
}

interface JudgedText {
  readonly codes: Codes
  readonly judged: BounceClassification
}

function judgeText(text: string): JudgedText {
  const codes = codesIn(text)
  return { codes, judged: classify({ ...codes, text }) }
}

/** Returns the text from the line on which a server's reply begins. */
function tellingPart(text: string): string {
  const found = SMTP_REPLY.exec(text) ?? /^.*[45]\.\d{1,3}\.\d{1,3}/m.exec(text)
  return (found ? text.slice(found.index) : text).trim()
}
