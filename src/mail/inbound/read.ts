/** Reads a mail that came to the bounce mailbox (standards.md C3 to C15). */
import { keptReply } from '../../domain/reply.ts'
import type { NamedMail, Report, ReportKind, ReportReason } from '../../domain/report.ts'
import { automaticReason, isOfList } from './automatic.ts'
import { isOfNobody, isOfServer, kindInWords, reportsInWords } from './bounce-in-words.ts'
import { MOST_BYTES } from './bounds.ts'
import { splitCopy } from './copy.ts'
import { reportsOfStatus, statusInWords, statusOf } from './delivery-status.ts'
import { feedbackOf, reportOfFeedback } from './feedback.ts'
import { addressIn, first } from './fields.ts'
import { messageIdIn, namesOf, type Returned, returnedBy, returnedIn, sentTo } from './original.ts'
import { type InboundMail, takeApart } from './parts.ts'
import type { Reading } from './reading.ts'
import { aboutEach } from './recipients.ts'
import { reportFilesOf } from './report-files.ts'

/**
 * Reads a mail from anyone. Never throws; time and memory are bounded in proportion to `most`, the
 * number of bytes read.
 */
export async function readReports(raw: Uint8Array, most = MOST_BYTES): Promise<Reading> {
  const mail = await takeApart(raw, most)
  const files = reportFilesOf(mail)
  const reports = files[0]
    ? [bare(mail, files[0].kind, 'other')]
    : reportsOf((await wrappedIn(mail, most)) ?? mail)
  return {
    reports,
    sentTo: sentTo(mail),
    isAutomatic: reports.some(({ kind }) => kind !== 'reply') || isOfNobody(mail),
    from: addressIn(first(mail.headers, 'from')),
    subject: mail.subject,
    messageId: messageIdIn(first(mail.headers, 'message-id')),
    isCut: mail.isCut,
    files,
  }
}

/** Returns a report that a gateway has wrapped in a mail of its own; null if there is none. */
async function wrappedIn(mail: InboundMail, most: number): Promise<InboundMail | null> {
  if (statusOf(mail) || !(isOfServer(mail) || isOfNobody(mail))) return null
  const part = mail.parts.find(({ type }) => type === 'message/rfc822')
  if (!part) return null
  const inner = await takeApart(part.bytes, most)
  if (!/report-type/i.test(first(inner.headers, 'content-type')) || !statusOf(inner)) return null
  const headers = new Map([...inner.headers, ...mail.headers])
  return { ...inner, headers }
}

/** Decides by structure first, then by sender, then by wording. */
function reportsOf(mail: InboundMail): Report[] {
  const { said, copy } = splitCopy(mail.text)
  const enclosed = returnedBy(mail)
  const returned: Returned = enclosed.headers.size > 0 || copy === '' ? enclosed : returnedIn(copy)
  const feedback = feedbackOf(mail, returned)
  if (feedback) return [reportOfFeedback(mail, feedback, returned)]
  const isCertain = mail.isWhole || returned.headers.size > 0
  const status = statusOf(mail) ?? (isOfServer(mail) ? statusInWords(mail, said) : null)
  if (status) {
    const reports = reportsOfStatus(mail, status, returned, aboutEach(mail, said, returned))
    return isCertain ? reports : reports.map(uncertain)
  }
  if (mail.parts.some(({ type }) => /^message\/.*disposition-notification$/.test(type)))
    return [bare(mail, 'auto_reply', 'auto_reply')]
  const kind = kindInWords(mail, said, returned)
  if (kind) {
    const reports = reportsInWords(mail, kind, returned, aboutEach(mail, said, returned), said)
    return isCertain ? reports : reports.map(uncertain)
  }
  const automatic = automaticReason(mail)
  if (automatic) return [bare(mail, 'auto_reply', automatic)]
  const isPersons = !isOfServer(mail) && !isOfNobody(mail) && !isOfList(mail) && hasSender(mail)
  return [isPersons ? bare(mail, 'reply', 'reply') : bare(mail, 'other', 'other')]
}

/** Softens a report from a truncated mail, because the missing part might have changed it. */
const uncertain = (report: Report): Report =>
  report.class === 'hard' || report.class === 'disabled' ? { ...report, class: 'soft' } : report

const hasSender = ({ headers }: InboundMail) => addressIn(first(headers, 'from')) !== null

const NOT_RETURNED: Returned = { headers: new Map(), text: '' }

/** Returns a report that is not a bounce. A reply's sender is the recipient of our mail. */
function bare(mail: InboundMail, kind: ReportKind, reason: ReportReason): Report {
  const from = addressIn(first(mail.headers, 'from'))
  const of: NamedMail = namesOf(mail, NOT_RETURNED)
  const isAnswer = kind === 'auto_reply' || kind === 'reply'
  return {
    kind,
    class: null,
    reason,
    of,
    recipient: isAnswer ? from : null,
    status: null,
    diagnostic: keptReply(mail.subject),
    reportedBy: from?.slice(from.lastIndexOf('@') + 1).toLowerCase() ?? null,
  }
}
