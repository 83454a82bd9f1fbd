import { hash } from 'node:crypto'
import {
  encodeWord,
  encodeWords,
  foldLines,
  isPlainText,
  quoteString,
} from 'nodemailer/lib/mime-funcs'
import { isTransactional } from '../../domain/delivery.ts'
import { openMemo } from '../../domain/memo.ts'
import type { Sender } from '../../platform/config-values.ts'
import type { Edition, Reader } from '../edition.ts'
import type { Stamp } from '../mail.ts'

type Header = readonly [name: string, value: string]

/** Discourages automatic replies (RFC 3834; standards.md C12). */
const AUTOMATIC: readonly Header[] = [
  ['Auto-Submitted', 'auto-generated'],
  ['X-Auto-Response-Suppress', 'OOF, AutoReply'],
]

/**
 * Returns the header of a mail, each field once, ended by the empty line.
 *
 * Course mail carries the list headers, with the one-click pair of RFC 8058 (standards.md A1, A2,
 * A15). Mail that readers requested themselves is transactional and carries none of them (A17).
 */
export function buildEditionHeader(
  { kind, series, hash, skeleton }: Pick<Edition, 'kind' | 'series' | 'hash' | 'skeleton'>,
  reader: Pick<Reader, 'address' | 'firstName' | 'unsubscribeUrl'>,
  stamp: Stamp & { readonly subject: string },
  from: Sender,
): string {
  const isOfList = !isTransactional(kind)
  return buildHeader(
    {
      to: { name: reader.firstName, address: reader.address },
      list: isOfList
        ? {
            id: series.slug,
            title: series.title,
            unsubscribeUrl: reader.unsubscribeUrl,
            kind,
            text: hash.slice(0, 12),
          }
        : null,
      contentType: skeleton.contentType,
    },
    stamp,
    isOfList ? from : withoutReplyTo(from),
  )
}

/** The sender, for mail that asks for no reply. */
export const withoutReplyTo = ({ name, address }: Sender): Sender => ({ name, address })

export interface HeaderData {
  readonly to: { readonly name: string; readonly address: string }
  /** The list the mail belongs to, and how to leave it; null if it belongs to none. */
  readonly list: {
    /** Precedes the sender's domain in List-ID. */
    readonly id: string
    /** The kind of mail within the list; and which text, if many readers get the same. */
    readonly kind: string
    readonly text?: string
    readonly title: string
    readonly unsubscribeUrl: string
  } | null
  readonly contentType: string
}

/** Returns the same for any mail. */
export function buildHeader(
  { to, list, contentType }: HeaderData,
  { messageId, date, subject }: Stamp & { readonly subject: string },
  from: Sender,
): string {
  const ofList: readonly Header[] = list
    ? [
        ['List-ID', knownMailbox(list.title, `${list.id}.${domainOf(from)}`)],
        ['List-Unsubscribe', `<${list.unsubscribeUrl}>`],
        ['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click'],
        ['Precedence', 'bulk'],
        ['Feedback-ID', feedbackId(list, from)],
      ]
    : []
  const headers: readonly Header[] = [
    ['From', knownMailbox(from.name, from.address)],
    ...(from.replyTo ? [['Reply-To', from.replyTo] as const] : []),
    ['To', mailbox(to.name, to.address)],
    ['Subject', memo(`subject ${subject}`, () => encodedWords(headerLine(subject)))],
    ['Date', memo(`date ${date.epochMilliseconds}`, () => dateTime(date))],
    ['Message-ID', messageId],
    ...ofList,
    ...AUTOMATIC,
    ['MIME-Version', '1.0'],
    ['Content-Type', contentType],
  ]
  return `${headers.map(([name, value]) => fold(`${name}: ${value}`)).join('\r\n')}\r\n\r\n`
}

/** Caches what the mails of a morning have in common. */
const memo = openMemo<string>()

/** RFC 5322, 3.3 */
const dateTime = ({ epochMilliseconds }: Temporal.Instant) =>
  new Date(epochMilliseconds).toUTCString().replace('GMT', '+0000')

const knownMailbox = (name: string, address: string) =>
  memo(`mailbox ${name} <${address}>`, () => mailbox(name, address))

/**
 * The groups in which Google counts complaints (standards.md B8): the text, the list, the kind, and
 * the sender, which is the same in all its mail. It reveals no reader's address.
 */
function feedbackId(
  { id, kind, text = id }: NonNullable<HeaderData['list']>,
  from: Sender,
): string {
  const domain = domainOf(from)
  const sender = memo(`sender ${domain}`, () => hash('sha256', domain).slice(0, 12))
  return [text, id, kind, sender].join(':')
}

/** Most lines are short; the long ones are mostly URLs, which cannot be folded. */
export const fold = (line: string) => (line.length <= 76 ? line : foldLines(line, 76))

/**
 * Returns a name and an address, the name as an atom, a quoted string or encoded words (RFC 5322,
 * 3.4; RFC 2047).
 */
export function mailbox(name: string, address: string): string {
  const display = headerLine(name)
  if (display === '') return address.includes('@') ? address : `<${address}>`
  if (hasLongWord(display)) return `${encodedWords(display)} <${address}>`
  if (!isPlainText(display) || readsAsEncoded(display))
    return `${encodeWord(display, 'Q', 52)} <${address}>`
  return `${/^[A-Za-z0-9 ]+$/.test(display) ? display : quoteString(display)} <${address}>`
}

/** A line can be folded only at spaces, so a longer word is split into encoded words. */
const hasLongWord = (text: string) => /\S{200}/.test(text)

/**
 * Whether a mail program could take the text for an encoded word (RFC 2047), even in a quoted
 * string; it is then encoded itself.
 */
const readsAsEncoded = (text: string) => text.includes('=?')

/** Returns text in the form a header allows (RFC 2047). */
export function encodedWords(text: string): string {
  if (!hasLongWord(text))
    return readsAsEncoded(text) ? encodeWord(text, 'Q', 52) : encodeWords(text, 'Q', 52, true)
  const pieces = text.match(/.{1,10}/gu) ?? []
  return pieces.map((piece) => encodeWord(piece, 'Q')).join(' ')
}

/** Removes everything that could end a header line (standards.md F4). */
export const headerLine = (text: string) => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()

export const domainOf = (from: Sender) => from.address.slice(from.address.lastIndexOf('@') + 1)
