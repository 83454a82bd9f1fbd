/** Forwards a person's reply to the person who answers for the site. */
import { addressParser, decodeWords } from 'postal-mime'
import { readAddress } from '../../domain/address.ts'
import type { Sender } from '../../platform/config-values.ts'
import type { Mail, Stamp } from '../mail.ts'
import { encodedWords, fold, headerLine, mailbox } from './headers.ts'

export interface ForwardTerms {
  readonly to: string
  readonly stamp: Stamp
  /** The display name of the sender, such as `Ada Lovelace via The Site`. */
  readonly via: (person: string) => string
  /** The bounce domain, to which no reply must go; null if there is none. */
  readonly bounceDomain: string | null
}

/** Marks a mail as forwarded by Dawnpost, so that it is not forwarded again. */
const MARK = 'X-Dawnpost-Forward'
/** Maximum number of header bytes read. */
const MAX_HEADER_BYTES = 64 * 1024
const MAX_TEXT_LENGTH = 500
/** Bytes of a line without its end (RFC 5322, 2.1.1). */
const MAX_LINE_BYTES = 998
/** Fields that describe the body; they are kept unchanged. */
const OF_BODY = /^content-(type|transfer-encoding|disposition|language|id|description)$/
const ORIGINAL = ['Date', 'Message-ID', 'In-Reply-To', 'References'] as const

/**
 * Returns the mail with its body unchanged and a new header. Its From is the site's, so that it
 * passes receivers' checks (DMARC); replies go to the person. It has no Auto-Submitted, because a
 * person wrote it.
 */
export function composeForward(raw: Buffer, terms: ForwardTerms, from: Sender): Mail {
  const { to, stamp, via, bounceDomain } = terms
  const { fields, body } = splitMessage(raw)
  const person = personOf(fields, bounceDomain)
  const subject = textOf(fields, 'subject')
  const [ofBody, bytes] = bodyOf(fields, body)
  const name = via(person.name || person.address || '?')
  const lines = [
    `From: ${mailbox(name, from.address)}`,
    ...(person.address ? [`Reply-To: ${mailbox(person.name, person.address)}`] : []),
    `To: ${mailbox('', to)}`,
    `Subject: ${encodedWords(subject)}`,
    `Date: ${new Date(stamp.date.epochMilliseconds).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: ${stamp.messageId}`,
    `${MARK}: ${stamp.messageId}`,
    'X-Auto-Response-Suppress: OOF, AutoReply',
    ...ORIGINAL.flatMap((field) => {
      const text = textOf(fields, field.toLowerCase())
      return text ? [`X-Original-${field}: ${encodedWords(text)}`] : []
    }),
    'MIME-Version: 1.0',
  ].map(fold)
  return {
    envelope: { from: from.address, to },
    subject,
    messageId: stamp.messageId,
    message: [Buffer.from(`${[...lines, ...ofBody].join('\r\n')}\r\n\r\n`, 'latin1'), bytes],
    isForeign: true,
  }
}

/**
 * Whether a mail may be forwarded to `to`: it was not forwarded before, does not answer one that
 * was, and is not from `to`. Otherwise two programs could answer each other forever.
 */
export function mayForward(raw: Buffer, to: string): boolean {
  const { fields } = splitMessage(raw)
  const answered = `${fields.get('in-reply-to') ?? ''} ${fields.get('references') ?? ''}`
  if (fields.has(MARK.toLowerCase()) || /<answer\.[0-9a-f]{32}@/.test(answered)) return false
  const from = readAddress(addressIn(fields.get('from')).address)
  return from === null || from.key !== readAddress(to)?.key
}

type Fields = ReadonlyMap<string, string>

/** Returns the header fields by lower-case name, the first of each, unfolded; and the body. */
function splitMessage(raw: Buffer): { fields: Fields; body: Buffer } {
  const head = raw.subarray(0, MAX_HEADER_BYTES).toString('latin1')
  const end = /\r?\n\r?\n/.exec(head)
  const fields = new Map<string, string>()
  const text = head.slice(0, end?.index ?? head.length)
  for (const line of text.replace(/\r?\n(?=[ \t])/g, '').split(/\r?\n/)) {
    const [, name, value = ''] = /^([!-9;-~]{1,80})[ \t]*:[ \t]*(.*)$/.exec(line) ?? []
    const key = name?.toLowerCase()
    if (key && !fields.has(key)) fields.set(key, value)
  }
  return { fields, body: end ? raw.subarray(end.index + end[0].length) : Buffer.alloc(0) }
}

function personOf(
  fields: Fields,
  bounceDomain: string | null,
): { name: string; address: string | null } {
  const from = addressIn(fields.get('from'))
  const replyTo = addressIn(fields.get('reply-to'))
  const [replyAddress, fromAddress] = [replyTo, from].map(({ address }) => {
    const read = readAddress(address)
    return read?.key.endsWith(`@${bounceDomain}`) ? null : read
  })
  const name = headerLine(from.name || replyTo.name).slice(0, MAX_TEXT_LENGTH)
  return { name, address: (replyAddress ?? fromAddress)?.spec ?? null }
}

function addressIn(value: string | undefined): { name: string; address: string } {
  const [first] = addressParser(utf8(value ?? '').slice(0, 4 * MAX_TEXT_LENGTH), { flatten: true })
  return { name: decodeWords(first?.name ?? ''), address: first?.address ?? '' }
}

const textOf = (fields: Fields, name: string) =>
  headerLine(decodeWords(utf8(fields.get(name) ?? '').slice(0, 4 * MAX_TEXT_LENGTH))).slice(
    0,
    MAX_TEXT_LENGTH,
  )

/** Unencoded text is UTF-8 nowadays (RFC 6532). */
const utf8 = (latin1: string) => Buffer.from(latin1, 'latin1').toString('utf8')

/** Returns the fields that describe the body, and the body in lines short enough for SMTP. */
function bodyOf(fields: Fields, body: Buffer): [fields: string[], body: Buffer] {
  const ofBody = [...fields].filter(([name]) => OF_BODY.test(name))
  const kept = ofBody.map(([name, value]) => fold(`${nameOf(name)}: ${plain(value)}`))
  const text = body
    .toString('latin1')
    .replace(/\r\n|\r|\n/g, '\r\n')
    .replace(/\0/g, '')
  const ended = text.endsWith('\r\n') || text === '' ? text : `${text}\r\n`
  const type = fields.get('content-type')
  if (type === undefined && /[\x80-\xff]/.test(ended))
    kept.push('Content-Type: text/plain; charset=utf-8')
  if (!ended.split('\r\n').some((line) => line.length > MAX_LINE_BYTES))
    return [kept, Buffer.from(ended, 'latin1')]
  const isWhole = !/^\s*(multipart|message)\//i.test(type ?? '')
  const isPlain = !/^\s*(base64|quoted-printable)/i.test(
    fields.get('content-transfer-encoding') ?? '',
  )
  if (!isWhole || !isPlain) return [kept, Buffer.from(ended.replace(LONG, '$&\r\n'), 'latin1')]
  const others = kept.filter((line) => !/^content-transfer-encoding:/i.test(line))
  const base64 = Buffer.from(ended, 'latin1').toString('base64').replace(/.{76}/g, '$&\r\n')
  return [
    [...others, 'Content-Transfer-Encoding: base64'],
    Buffer.from(`${base64.trimEnd()}\r\n`, 'latin1'),
  ]
}

const LONG = new RegExp(`[^\\r\\n]{${MAX_LINE_BYTES - 8}}(?=[^\\r\\n])`, 'g')

const nameOf = (name: string) => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())

/** Removes control characters that could end a line, keeping bytes as received. */
const plain = (value: string) => value.replace(/(?![\t\u0080-\u009f])\p{Cc}/gu, ' ').trim()
