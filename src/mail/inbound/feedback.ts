/** Complaints: ARF (RFC 5965, RFC 6590), and Microsoft's substitute for it. */

import type { Report, ReportKind } from '../../domain/report.ts'
import { redactedReply } from '../../domain/smtp-reply.ts'
import { hostOf } from './delivery-status.ts'
import { addressIn, type Fields, first, groupsIn, headersIn, typedAddress } from './fields.ts'
import { identifyMail, type ReturnedMail, soleRecipient } from './original.ts'
import { decodeText, type InboundMail } from './parse-mail.ts'

const KINDS: Readonly<Record<string, ReportKind>> = {
  abuse: 'complaint',
  fraud: 'complaint',
  virus: 'complaint',
  miscategorized: 'complaint',
  other: 'complaint',
  'not-spam': 'not_spam',
  'opt-out': 'unsubscribe',
  'opt-out-list': 'unsubscribe',
  // A receiver's check of our signatures (RFC 6591), not a complaint.
  'auth-failure': 'other',
  dkim: 'other',
}

/** Returns the fields of a complaint; null if the mail is none. */
export function feedbackOf(mail: InboundMail, returned: ReturnedMail): Fields | null {
  const part = mail.parts.find(({ type }) => type === 'message/feedback-report')
  if (part) return mergedGroups(decodeText(part.bytes.subarray(0, 64 * 1024)))
  const isReport = /feedback-report/i.test(first(mail.headers, 'content-type'))
  const written = /^Feedback-Type[ \t]*:/im.exec(mail.text)
  if (isReport && written) return mergedGroups(mail.text.slice(written.index))
  return first(returned.headers, 'x-hmxmroriginalrecipient') ||
    first(mail.headers, 'x-hmxmroriginalrecipient')
    ? new Map([['feedback-type', ['abuse']]])
    : null
}

const mergedGroups = (text: string): Fields =>
  new Map(
    groupsIn(text)
      .toReversed()
      .flatMap((group) => [...group]),
  )

/** Redacted addresses may still contain an at sign (RFC 6590). */
const REDACTED = /redact|removed|hidden|xxx|\*|^anonymous@/i

export function reportOfFeedback(
  mail: InboundMail,
  fields: Fields,
  returned: ReturnedMail,
): Report {
  const type = first(fields, 'feedback-type').toLowerCase().trim()
  const kind = KINDS[type] ?? 'complaint'
  const named = [
    typedAddress(first(fields, 'original-rcpt-to')),
    typedAddress(first(fields, 'removal-recipient')),
    addressIn(first(returned.headers, 'x-hmxmroriginalrecipient')),
    addressIn(first(mail.headers, 'x-hmxmroriginalrecipient')),
    addressIn(first(returned.headers, 'x-original-to')),
    soleRecipient(returned),
  ].find((address) => address && !REDACTED.test(address))
  const from = addressIn(first(mail.headers, 'from'))
  const said = [type, first(fields, 'user-agent'), first(fields, 'auth-failure')].filter(Boolean)
  return {
    kind,
    class: null,
    reason: kind === 'complaint' ? 'complaint' : 'other',
    of: identifyMail(mail, withMailFrom(returned, fields), fields),
    recipient: named ?? null,
    status: null,
    diagnostic: redactedReply(said.join('; ')),
    reportedBy:
      hostOf(first(fields, 'reporting-mta')) ?? from?.slice(from.lastIndexOf('@') + 1) ?? null,
  }
}

/** Adds the envelope sender, which the report also has in a field. */
const withMailFrom = (returned: ReturnedMail, fields: Fields): ReturnedMail => ({
  headers: returned.headers.size > 0 ? returned.headers : headersIn(returned.text),
  text: `${returned.text}\n${first(fields, 'original-mail-from')}`,
})
