/** Identifies which of our mails a report is about (standards.md C6, C14, C25). */
import type { MailReference } from '../../domain/report.ts'
import { addressesIn, type Fields, first, headersIn, NO_FIELDS } from './fields.ts'
import { decodeText, type InboundMail } from './parse-mail.ts'

/** `b+<token>`, even if a server on the way changed its case or its plus sign. */
const RETURN_PATH = /(?<![a-z0-9])b[+=_-]([a-z2-7]{40,56})(?![a-z0-9])/gi
/** Bytes read of a returned mail. */
const MAX_BYTES = 64 * 1024

/** Fields that name whom a mail was delivered to, most trustworthy first. */
const DELIVERED_TO = [
  'x-original-to',
  'delivered-to',
  'envelope-to',
  'x-envelope-to',
  'x-delivered-to',
  'x-rcpt-to',
  'x-forwarded-to',
  'apparently-to',
  'to',
  'cc',
]

const MESSAGE_ID = /<[^<>\s@]{1,250}@[^<>\s]{1,250}>/

const returnPathsIn = (text: string): string[] => [
  ...new Set([...text.matchAll(RETURN_PATH)].map(([, token = '']) => `b+${token.toLowerCase()}`)),
]

/** Returns our envelope senders that the mail was addressed to. */
export function sentTo({ headers }: Pick<InboundMail, 'headers'>): string[] {
  const named = DELIVERED_TO.flatMap((name) => headers.get(name) ?? [])
  const received = (headers.get('received') ?? []).filter((line) => /\bfor\b/i.test(line))
  return returnPathsIn([...named, ...received.slice(0, 20)].join(' ').slice(0, 20_000))
}

/** The headers of our mail, and as much of its text as was found. */
export interface ReturnedMail {
  readonly headers: Fields
  readonly text: string
}

export const NO_RETURNED_MAIL: ReturnedMail = { headers: NO_FIELDS, text: '' }

/** Types of parts that hold a returned mail or its headers (RFC 6522, RFC 6533). */
const RETURNED = new Set([
  'message/rfc822',
  'text/rfc822-headers',
  'text/rfc822',
  'message/rfc822-headers',
  'message/global',
  'message/global-headers',
  'message/partial',
  'message/news',
])

/** Returns the part of a report that is our mail. */
export function findReturnedMail({ parts }: Pick<InboundMail, 'parts'>): ReturnedMail {
  const part = parts.find(({ type }) => RETURNED.has(type))
  return part ? parseReturnedMail(decodeText(part.bytes.subarray(0, MAX_BYTES))) : NO_RETURNED_MAIL
}

/** Reads our mail from a text that begins with its first header. */
export function parseReturnedMail(text: string): ReturnedMail {
  const start = text.replace(/^\s*\n/, '').replace(/^(?:>? ?From .*\n)/, '')
  return { headers: headersIn(start), text: start.slice(0, MAX_BYTES) }
}

export const messageIdIn = (text: string): string | null => MESSAGE_ID.exec(text)?.[0] ?? null

/** Fields in which providers name a mail; Amazon names it in its Message-ID instead. */
const PROVIDER_ID_FIELDS = [
  'x-pm-message-id',
  'x-mailgun-sid',
  'x-resend-id',
  'x-sib-id',
  'x-mailin-eid',
]
const AMAZON = /^<([\w-]{20,100})@(?:[\w-]+\.)?amazonses\.com>$/i

/** Returns what identifies our mail: by the report's envelope, then by what was returned. */
export function identifyMail(
  mail: InboundMail,
  returned: ReturnedMail,
  status: Fields = NO_FIELDS,
): MailReference {
  const { headers } = returned
  const messageId =
    messageIdIn(first(headers, 'message-id')) ??
    messageIdIn(first(status, 'x-original-message-id', 'original-message-id')) ??
    messageIdIn(/^[>\s]*Message-ID:(.*(?:\n[ \t].*)?)/im.exec(returned.text)?.[1] ?? '') ??
    messageIdIn(first(mail.headers, 'in-reply-to')) ??
    messageIdIn(last(mail.headers.get('references')?.at(-1) ?? ''))
  return {
    returnPath: sentTo(mail)[0] ?? returnPathsIn(returned.text)[0] ?? null,
    providerId:
      AMAZON.exec(messageId ?? '')?.[1] ??
      (first(status, 'x-postfix-queue-id', 'x-postal-message-id') ||
        first(headers, ...PROVIDER_ID_FIELDS).slice(0, 200) ||
        null),
    messageId,
  }
}

const last = (text: string) => text.trim().split(/\s+/).at(-1) ?? ''

/** Returns the address our mail was written to; null unless there is exactly one. */
export const soleRecipient = ({ headers }: ReturnedMail): string | null => {
  const [only, ...others] = addressesIn(first(headers, 'x-original-to', 'to').slice(0, 1_000))
  return only && others.length === 0 ? only : null
}
