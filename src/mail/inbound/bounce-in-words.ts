/** Bounces without the structure of RFC 3464, recognized by their sender and wording. */
import { type CodeJudgment, classify } from '../../domain/bounce.ts'
import { plainWords } from '../../domain/bounce-text.ts'
import { keptReply } from '../../domain/reply.ts'
import type { Report, ReportKind } from '../../domain/report.ts'
import { automaticReason, isAnswerOfProgram } from './automatic.ts'
import { type Codes, codesIn } from './codes.ts'
import { addressIn, first } from './fields.ts'
import { namesOf, type Returned } from './original.ts'
import { decoded, type InboundMail } from './parts.ts'
import type { About } from './recipients.ts'
import {
  DAEMON,
  hasFailed,
  isDaemonName,
  isDelayed,
  isDelivered,
  isGivenUp,
  isSubject,
} from './words-of-bounces.ts'

/**
 * Whether the sender is a server. A reply with an envelope sender comes from the person who runs
 * the server.
 */
export function isOfServer(mail: InboundMail): boolean {
  const { headers, subject } = mail
  if (ANSWERED.test(subject) && addressIn(first(headers, 'return-path')) !== null) return false
  const from = first(headers, 'from', 'return-path')
  const address = addressIn(from) ?? from.replace(/[<>]/g, '').trim()
  return DAEMON.test(address) || isDaemonName(plainWords(decoded(from.replace(/<.*/s, ''))))
}

/** Whether it has no envelope sender. */
export const isOfNobody = ({ headers }: InboundMail) =>
  (headers.get('return-path') ?? []).some((value) => /^\s*<\s*>|^\s*$/.test(value))

/** A server's reply: `550 5.1.1 …`. */
const SMTP_SAID = /(?:^|[\s"':;<(])[45]\d\d[ -]#?(?:[45]\.\d{1,3}\.\d{1,3}|[A-Za-z<])/m
/** Characters of the text that are enough to classify it. */
const OPENING = 5_000
/** Subjects of replies and forwards by people. */
const ANSWERED = /^\s*(?:re|aw|sv|antw|odp|ynt|fwd?|wg|tr|rv|i|回复|答复|答复|转发)\s*[:：]/i

/** Returns which kind of report an unstructured mail is; null if it is none. */
export function kindInWords(
  mail: InboundMail,
  said: string,
  returned: Returned,
): ReportKind | null {
  const isServer = isOfServer(mail)
  const subject = plainWords(mail.subject)
  const opening = plainWords(said, OPENING)
  const isSaid = SMTP_SAID.test(said)
  const marks = [
    isServer || isOfNobody(mail) || mail.headers.has('x-failed-recipients'),
    isSubject(subject),
    hasFailed(opening),
    isSaid,
    returned.headers.size > 2,
  ].filter(Boolean).length
  const isAnswer = ANSWERED.test(mail.subject) || isAnswerOfProgram(mail.subject)
  if (!isServer && (isAnswer || (!isSubject(subject) && automaticReason(mail)))) return null
  if (marks < (isServer ? 2 : 3)) return null
  if ((isDelayed(subject) || isDelayed(opening)) && !isGivenUp(opening)) return 'delay'
  return isDelivered(subject) || (isDelivered(opening) && !isSaid) ? 'delivery' : 'bounce'
}

export function reportsInWords(
  mail: InboundMail,
  kind: ReportKind,
  returned: Returned,
  about: readonly About[],
  said: string,
): Report[] {
  const of = namesOf(mail, returned)
  const from = addressIn(first(mail.headers, 'from'))
  return about.map(({ recipient, text }): Report => {
    const alone = heardIn(text)
    const whole = alone.judged.reason === 'other' ? heardInAll(mail, said, about.length) : alone
    const { judged, codes } = whole
    return {
      kind,
      class: kind === 'bounce' ? judged.class : null,
      reason: kind === 'bounce' ? judged.reason : kind === 'delay' ? 'delayed' : 'other',
      of,
      recipient,
      status: codes.status,
      diagnostic: keptReply(tellingPart(whole === alone ? text : said)),
      reportedBy: from?.slice(from.lastIndexOf('@') + 1).toLowerCase() ?? null,
    }
  })
}

/** What is said to several recipients does not prove that any one of them does not exist. */
function heardInAll({ subject }: InboundMail, said: string, recipients: number): Heard {
  const heard = heardIn(`${subject}\n${said}`)
  const isAgainst = heard.judged.class === 'hard' || heard.judged.class === 'disabled'
  return recipients > 1 && isAgainst
    ? { ...heard, judged: { class: 'soft', reason: 'other' } }
    : heard
}

interface Heard {
  readonly codes: Codes
  readonly judged: CodeJudgment
}

function heardIn(text: string): Heard {
  const codes = codesIn(text)
  return { codes, judged: classify({ ...codes, text }) }
}

/** Returns the text from the line on which a server's reply begins. */
function tellingPart(text: string): string {
  const found = SMTP_SAID.exec(text) ?? /^.*[45]\.\d{1,3}\.\d{1,3}/m.exec(text)
  return (found ? text.slice(found.index) : text).trim()
}
