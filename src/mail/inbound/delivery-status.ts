/** Structured delivery reports: message/delivery-status (RFC 3464, RFC 6533). */
import { addressKeyOf } from '../../domain/address.ts'
import { type BounceClassification, classify, milder } from '../../domain/bounce.ts'
import type { MailReference, Report, ReportKind } from '../../domain/report.ts'
import { redactedReply } from '../../domain/smtp-reply.ts'
import { codesIn, isSpecificStatus, statusIn } from './codes.ts'
import {
  addressIn,
  type Fields,
  first,
  groupsIn,
  NO_FIELDS,
  typedAddress,
  untyped,
} from './fields.ts'
import { identifyMail, type ReturnedMail, soleRecipient } from './original.ts'
import { decodeText, type InboundMail } from './parse-mail.ts'
import type { RecipientText } from './recipients.ts'

const TYPES = new Set(['message/delivery-status', 'message/global-delivery-status'])
const OF_RECIPIENT = [
  'final-recipient',
  'original-recipient',
  'x-actual-recipient',
  'action',
  'status',
]
/** Fields that occur only in such a part. */
const UNMISTAKABLE = /^(?:Reporting-MTA|Final-Recipient|Original-Recipient)[ \t]*:[ \t]*\S/im

/** The fields about the mail, and those about each recipient. */
export interface DeliveryStatusReport {
  readonly ofMail: Fields
  readonly ofEach: readonly Fields[]
}

/** Returns the fields of a delivery report; null if the mail is none. */
export function statusOf(mail: InboundMail): DeliveryStatusReport | null {
  const texts = mail.parts
    .filter(({ type }) => TYPES.has(type))
    .map(({ bytes }) => decodeText(bytes))
  return statusOfTexts(texts)
}

/** Returns the same fields from plain text: from a part of another type, or from the body. */
export function statusInText(mail: InboundMail, said: string): DeliveryStatusReport | null {
  const texts = mail.parts
    .filter(({ type }) => /^(?:text|application\/octet-stream)/.test(type))
    .map(({ bytes }) => decodeText(bytes.subarray(0, 64 * 1024)))
  return statusOfTexts([...texts, said].filter((text) => UNMISTAKABLE.test(text)))
}

function statusOfTexts(texts: readonly string[]): DeliveryStatusReport | null {
  const groups = texts.flatMap(groupsIn)
  const ofEach = groups.filter((group) => OF_RECIPIENT.filter((name) => group.has(name)).length > 1)
  if (ofEach.length === 0) return null
  const ofMail = groups.find((group) => group.has('reporting-mta') || group.has('arrival-date'))
  return { ofMail: ofMail ?? NO_FIELDS, ofEach }
}

/** Returns a report for each recipient. `words` is what the mail's text says about each. */
export function reportsOfStatus(
  mail: InboundMail,
  { ofMail, ofEach }: DeliveryStatusReport,
  returned: ReturnedMail,
  words: readonly RecipientText[],
): Report[] {
  const of = identifyMail(mail, returned, ofMail)
  const seen = new Map<string, Report>()
  for (const group of ofEach) {
    const report = reportOf(group, ofMail, of, { mail, returned, words })
    seen.set(`${report.kind} ${report.recipient?.toLowerCase()}`, report)
  }
  return [...seen.values()]
}

interface ReportContext {
  readonly mail: InboundMail
  readonly returned: ReturnedMail
  readonly words: readonly RecipientText[]
}

function reportOf(group: Fields, ofMail: Fields, of: MailReference, around: ReportContext): Report {
  const recipient = recipientOf(group, around)
  const comment = /\((.*)\)/s.exec(first(group, 'status'))?.[1] ?? ''
  const diagnostic = untyped(first(group, 'diagnostic-code', 'x-supplementary-info')) || comment
  const field = statusIn(first(group, 'status'))
  const kind = kindOf(group, field, around.mail)
  const words = wordsFor(recipient, around.words)
  const text = diagnostic || words
  const codes = codesIn(text)
  const isTold =
    codes.status !== null && (isSpecificStatus(codes.status) || !field || !isSpecificStatus(field))
  const status = isTold ? codes.status : field
  const heard = judgedBy({ field, codes, diagnostic, words })
  const judged = isForwarded(group) ? milder(heard, { class: 'soft', reason: heard.reason }) : heard
  return {
    kind,
    class: kind === 'bounce' ? judged.class : null,
    reason: kind === 'bounce' ? judged.reason : kind === 'delay' ? 'delayed' : 'other',
    of,
    recipient,
    status,
    diagnostic: redactedReply(text),
    reportedBy: hostOf(first(group, 'remote-mta') || first(ofMail, 'reporting-mta')),
  }
}

interface Evidence {
  readonly field: string | null
  readonly codes: { readonly status: string | null; readonly code: number | null }
  readonly diagnostic: string
  readonly words: string
}

/** Judges by the status field and by what the server said; where they differ the milder counts. */
function judgedBy({ field, codes, diagnostic, words }: Evidence): BounceClassification {
  const { code } = codes
  const isVague = field === null || !isSpecificStatus(field)
  const text = diagnostic || (isVague ? words : '')
  const said = classify({ status: codes.status ?? field, code, text })
  if (isVague && said.reason === 'other' && diagnostic)
    return classify({ status: codes.status ?? field, code, text: `${diagnostic}\n${words}` })
  if (isVague || codes.status === null || codes.status === field) return said
  const { digit, isTemporary } = { digit: field[0], isTemporary: field.startsWith('4') }
  const byField = classify({ status: field, code: digit === '5' ? code : null, text })
  // The relay tried until its time ran out, so what the server said last is the reason.
  return isTemporary && said.class !== 'hard' && said.class !== 'disabled'
    ? said
    : milder(said, byField)
}

/** Returns whom the mail was written to, then where it was going when it failed. */
const namedIn = (group: Fields): string[] =>
  ['original-recipient', 'final-recipient', 'x-actual-recipient']
    .map((name) => typedAddress(first(group, name)))
    .filter((address) => address !== null)

/** The tag in `ada+tag@…` still names the same mailbox. */
const mailboxOf = (address: string) => addressKeyOf(address).replace(/\+[^@]*(?=@)/, '')

/**
 * Whether the recipient's mail goes on to another address, by alias or forwarding: if that one is
 * gone, their own need not be.
 */
const isForwarded = (group: Fields) => new Set(namedIn(group).map(mailboxOf)).size > 1

function recipientOf(group: Fields, { mail, returned, words }: ReportContext): string | null {
  return (
    namedIn(group)[0] ??
    addressIn(first(mail.headers, 'x-failed-recipients')) ??
    (words.length === 1 ? words[0]?.recipient : null) ??
    soleRecipient(returned)
  )
}

const wordsFor = (recipient: string | null, words: readonly RecipientText[]) =>
  words.length === 1
    ? (words[0]?.text ?? '')
    : (words.find((about) => about.recipient?.toLowerCase() === recipient?.toLowerCase())?.text ??
      '')

const KINDS: Readonly<Record<string, ReportKind>> = {
  failed: 'bounce',
  failure: 'bounce',
  fail: 'bounce',
  delayed: 'delay',
  delay: 'delay',
  delivered: 'delivery',
  deliverable: 'delivery',
  relayed: 'delivery',
  expanded: 'delivery',
}

/** Only `failed` is a bounce (C4). Without an action, the status decides. */
function kindOf(group: Fields, status: string | null, { subject }: InboundMail): ReportKind {
  const [action = ''] = /[a-z]+/.exec(first(group, 'action').toLowerCase()) ?? []
  const named = KINDS[action]
  if (named) return named
  if (status?.startsWith('2')) return 'delivery'
  return status?.startsWith('4') && /delay|warning|verzögert/i.test(subject) ? 'delay' : 'bounce'
}

/** Returns the host of `dns; mx.example.com (192.0.2.1)`. */
export const hostOf = (field: string): string | null =>
  /[\p{L}\p{N}][\p{L}\p{N}._:-]{0,253}/u.exec(untyped(field).toLowerCase())?.[0] ?? null
