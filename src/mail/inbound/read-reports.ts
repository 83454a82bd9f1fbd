/** Reads a mail that came to the bounce mailbox (standards.md C3 to C15). */

import type { MailReference, Report, ReportKind, ReportReason } from '../../domain/report.ts'
import { redactedReply } from '../../domain/smtp-reply.ts'
import { automaticReason, isListMail } from './automatic.ts'
import { DEFAULT_MAX_BYTES } from './bounds.ts'
import { reportsOfStatus, statusInText, statusOf } from './delivery-status.ts'
import { feedbackOf, reportOfFeedback } from './feedback.ts'
import { addressIn, first } from './fields.ts'
import {
  findReturnedMail,
  identifyMail,
  messageIdIn,
  parseReturnedMail,
  type ReturnedMail,
  sentTo,
} from './original.ts'
import { type InboundMail, parseMail } from './parse-mail.ts'
import type { ReadResult } from './read-result.ts'
import { textsByRecipient } from './recipients.ts'
import { reportFilesOf } from './report-files.ts'
import { splitCopy } from './returned-copy.ts'
import {
  hasNullSender,
  isFromServer,
  kindOfUnstructured,
  reportsOfUnstructured,
} from './unstructured-bounce.ts'

/**
 * Reads a mail from anyone. Never throws; time and memory are bounded in proportion to `most`, the
 * number of bytes read.
 */
export async function readReports(
  raw: Uint8Array,
  maxBytes = DEFAULT_MAX_BYTES,
): Promise<ReadResult> {
  const mail = await parseMail(raw, maxBytes)
  const files = reportFilesOf(mail)
  const reports = files[0]
    ? [nonBounceReport(mail, files[0].kind, 'other')]
    : reportsOf((await wrappedIn(mail, maxBytes)) ?? mail)
  return {
    reports,
    sentTo: sentTo(mail),
    isAutomatic: reports.some(({ kind }) => kind !== 'reply') || hasNullSender(mail),
    from: addressIn(first(mail.headers, 'from')),
    subject: mail.subject,
    messageId: messageIdIn(first(mail.headers, 'message-id')),
    isCut: mail.isCut,
    files,
  }
}

/** Returns a report that a gateway has wrapped in a mail of its own; null if there is none. */
async function wrappedIn(mail: InboundMail, maxBytes: number): Promise<InboundMail | null> {
  if (statusOf(mail) || !(isFromServer(mail) || hasNullSender(mail))) return null
  const part = mail.parts.find(({ type }) => type === 'message/rfc822')
  if (!part) return null
  const inner = await parseMail(part.bytes, maxBytes)
  if (!/report-type/i.test(first(inner.headers, 'content-type')) || !statusOf(inner)) return null
  const headers = new Map([...inner.headers, ...mail.headers])
  return { ...inner, headers }
}

/** Decides by structure first, then by sender, then by wording. */
function reportsOf(mail: InboundMail): Report[] {
  const { said, copy } = splitCopy(mail.text)
  const enclosed = findReturnedMail(mail)
  const returned: ReturnedMail =
    enclosed.headers.size > 0 || copy === '' ? enclosed : parseReturnedMail(copy)
  const feedback = feedbackOf(mail, returned)
  if (feedback) return [reportOfFeedback(mail, feedback, returned)]
  const isCertain = mail.isWhole || returned.headers.size > 0
  const status = statusOf(mail) ?? (isFromServer(mail) ? statusInText(mail, said) : null)
  if (status) {
    const reports = reportsOfStatus(mail, status, returned, textsByRecipient(mail, said, returned))
    return isCertain ? reports : reports.map(uncertain)
  }
  if (mail.parts.some(({ type }) => /^message\/.*disposition-notification$/.test(type)))
    return [nonBounceReport(mail, 'auto_reply', 'auto_reply')]
  const kind = kindOfUnstructured(mail, said, returned)
  if (kind) {
    const reports = reportsOfUnstructured(
      mail,
      kind,
      returned,
      textsByRecipient(mail, said, returned),
      said,
    )
    return isCertain ? reports : reports.map(uncertain)
  }
  const automatic = automaticReason(mail)
  if (automatic) return [nonBounceReport(mail, 'auto_reply', automatic)]
  const isPersons =
    !isFromServer(mail) && !hasNullSender(mail) && !isListMail(mail) && hasSender(mail)
  return [
    isPersons ? nonBounceReport(mail, 'reply', 'reply') : nonBounceReport(mail, 'other', 'other'),
  ]
}

/** Softens a report from a truncated mail, because the missing part might have changed it. */
const uncertain = (report: Report): Report =>
  report.class === 'hard' || report.class === 'disabled' ? { ...report, class: 'soft' } : report

const hasSender = ({ headers }: InboundMail) => addressIn(first(headers, 'from')) !== null

const NO_RETURNED_MAIL: ReturnedMail = { headers: new Map(), text: '' }

/** Returns a report that is not a bounce. A reply's sender is the recipient of our mail. */
function nonBounceReport(mail: InboundMail, kind: ReportKind, reason: ReportReason): Report {
  const from = addressIn(first(mail.headers, 'from'))
  const of: MailReference = identifyMail(mail, NO_RETURNED_MAIL)
  const isAnswer = kind === 'auto_reply' || kind === 'reply'
  return {
    kind,
    class: null,
    reason,
    of,
    recipient: isAnswer ? from : null,
    status: null,
    diagnostic: redactedReply(mail.subject),
    reportedBy: from?.slice(from.lastIndexOf('@') + 1).toLowerCase() ?? null,
  }
}
