/** Takes a mail apart: with postal-mime, or by hand where that refuses. */
import PostalMime, { decodeWords, type Email } from 'postal-mime'
import { normalizeMail } from './bounds.ts'
import { type Fields, first, headersIn } from './fields.ts'

/** Maximum nesting depth of parts. */
const MAX_DEPTH = 20
const MAX_HEADER_BYTES = 256 * 1024
/** Maximum number of characters read of the text. */
const MAX_TEXT_LENGTH = 100_000
/** Maximum for HTML, which needs more for the same words. */
const MAX_HTML_LENGTH = 150_000

export interface MimePart {
  /** In lower case, for example message/delivery-status. */
  readonly type: string
  readonly name: string
  readonly bytes: Uint8Array
}

/** A mail, taken apart. */
export interface InboundMail {
  readonly headers: Fields
  /** Decoded, on one line. */
  readonly subject: string
  /** The body as text with LF line ends; HTML is converted. */
  readonly text: string
  /** All parts that are not text or HTML to be displayed. */
  readonly parts: readonly MimePart[]
  /** Whether the mail exceeded the size limit. */
  readonly isCut: boolean
  /** Whether its end is present: the last line is terminated and the parts are closed. */
  readonly isWhole: boolean
}

/** Takes a mail apart as far as possible. Never throws. */
export async function parseMail(raw: Uint8Array, maxBytes: number): Promise<InboundMail> {
  const { bytes, isCut } = normalizeMail(raw, maxBytes)
  try {
    const email = await PostalMime.parse(bytes, {
      forceRfc822Attachments: true,
      maxNestingDepth: MAX_DEPTH,
      maxHeadersSize: MAX_HEADER_BYTES,
    })
    const read = fromPostalMime(email)
    return { ...read, isCut, isWhole: !isCut && isEnded(bytes, read.headers) }
  } catch {
    // Nested too deeply, or too many headers: only the beginning is read.
    return { ...parseFallback(bytes), isCut: true, isWhole: false }
  }
}

function isEnded(bytes: Uint8Array, headers: Fields): boolean {
  if (bytes.at(-1) !== 0x0a) return false
  const [, quoted, bare] =
    /^\s*multipart\/.*boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;]{1,200}))/is.exec(
      first(headers, 'content-type'),
    ) ?? []
  const boundary = quoted ?? bare
  return boundary === undefined || Buffer.from(bytes).lastIndexOf(`\n--${boundary}--`) >= 0
}

function fromPostalMime(email: Email): Omit<InboundMail, 'isCut' | 'isWhole'> {
  const headers = new Map<string, string[]>()
  for (const { key, value } of email.headers) {
    const values = headers.get(key) ?? []
    values.push(value)
    headers.set(key, values)
  }
  return {
    headers,
    subject: oneLine(decoded(first(headers, 'subject'))),
    text: normalizeText(email.text?.trim() ? email.text : htmlToText(email.html ?? '')),
    parts: email.attachments.map(({ mimeType, filename, content }) => ({
      type: mimeType.toLowerCase(),
      name: filename ?? '',
      bytes: typeof content === 'string' ? new TextEncoder().encode(content) : bytesOf(content),
    })),
  }
}

function parseFallback(bytes: Uint8Array): Omit<InboundMail, 'isCut' | 'isWhole'> {
  const whole = decodeText(bytes.subarray(0, MAX_TEXT_LENGTH))
  const end = whole.indexOf('\n\n')
  const headers = headersIn(end < 0 ? whole : whole.slice(0, end))
  return {
    headers,
    subject: oneLine(decoded(first(headers, 'subject'))),
    text: end < 0 ? '' : normalizeText(whole.slice(end + 2)),
    parts: [],
  }
}

const bytesOf = (content: ArrayBuffer | Uint8Array) =>
  content instanceof Uint8Array ? content : new Uint8Array(content)

/** Decodes encoded words; returns the value unchanged if that fails. */
export function decoded(value: string): string {
  try {
    return decodeWords(value.slice(0, 4_000))
  } catch {
    return value
  }
}

const oneLine = (text: string) =>
  text
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 500)

const normalizeText = (text: string) =>
  text
    .slice(0, MAX_TEXT_LENGTH)
    .replace(/\r\n?/g, '\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a NUL can be kept nowhere
    .replace(/\u0000/g, '')

/** Decodes as UTF-8, or as Latin 1 if that fails; fields are nearly always ASCII. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return normalizeText(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return normalizeText(new TextDecoder('latin1').decode(bytes))
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  nbsp: ' ',
  '#39': "'",
  '#43': '+',
  '#64': '@',
}

/** Converts HTML to text. */
const htmlToText = (html: string) =>
  html
    .slice(0, MAX_HTML_LENGTH)
    .replace(/<(style|script|title)\b[^>]*>[\s\S]*?<\/\1\s*>/gi, ' ')
    .replace(/<(?:br|\/?(?:p|div|tr|table|h\d|li|ul|blockquote|pre))\b[^>]*>/gi, '\n')
    .replace(/<\/?[a-z!][^<>]*>/gi, ' ')
    .replace(
      /&(lt|gt|amp|quot|nbsp|#39|#43|#64);/gi,
      (_, name) => ENTITIES[name.toLowerCase()] ?? ' ',
    )
    .replace(/[ \t\u00a0]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
