/** A mail and its parts, by postal-mime; and by hand where that refuses. */
import PostalMime, { decodeWords, type Email } from 'postal-mime'
import { bounded } from './bounds.ts'
import { type Fields, first, headersIn } from './fields.ts'

/** How deep parts may lie in parts. */
const DEEPEST = 20
const MOST_HEADER_BYTES = 256 * 1024
/** Of what a mail says in words, the characters that are read. */
const MOST_TEXT = 100_000
/** And of its HTML, which has more round its words. */
const MOST_HTML = 150_000

export interface MimePart {
  /** In lower case, as message/delivery-status. */
  readonly type: string
  readonly name: string
  readonly bytes: Uint8Array
}

/** A mail, taken apart. */
export interface InboundMail {
  readonly headers: Fields
  /** Decoded, in one line. */
  readonly subject: string
  /** What it says in words, with LF; HTML made plain. */
  readonly text: string
  /** All that is neither text nor HTML to be shown. */
  readonly parts: readonly MimePart[]
  /** It was larger than what is read of a mail. */
  readonly isCut: boolean
  /** Its end is there: its last line has one, and its parts are closed. */
  readonly isWhole: boolean
}

/** Takes it apart as far as it can be. Never throws. */
export async function takeApart(raw: Uint8Array, most: number): Promise<InboundMail> {
  const { bytes, isCut } = bounded(raw, most)
  try {
    const email = await PostalMime.parse(bytes, {
      forceRfc822Attachments: true,
      maxNestingDepth: DEEPEST,
      maxHeadersSize: MOST_HEADER_BYTES,
    })
    const read = ofEmail(email)
    return { ...read, isCut, isWhole: !isCut && isEnded(bytes, read.headers) }
  } catch {
    // Nested too deep, or with too many headers: what stands at its beginning is read.
    return { ...byHand(bytes), isCut: true, isWhole: false }
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

function ofEmail(email: Email): Omit<InboundMail, 'isCut' | 'isWhole'> {
  const headers = new Map<string, string[]>()
  for (const { key, value } of email.headers) {
    const values = headers.get(key) ?? []
    values.push(value)
    headers.set(key, values)
  }
  return {
    headers,
    subject: oneLine(decoded(first(headers, 'subject'))),
    text: oneEnd(email.text?.trim() ? email.text : plain(email.html ?? '')),
    parts: email.attachments.map(({ mimeType, filename, content }) => ({
      type: mimeType.toLowerCase(),
      name: filename ?? '',
      bytes: typeof content === 'string' ? new TextEncoder().encode(content) : bytesOf(content),
    })),
  }
}

function byHand(bytes: Uint8Array): Omit<InboundMail, 'isCut' | 'isWhole'> {
  const whole = textOf(bytes.subarray(0, MOST_TEXT))
  const end = whole.indexOf('\n\n')
  const headers = headersIn(end < 0 ? whole : whole.slice(0, end))
  return {
    headers,
    subject: oneLine(decoded(first(headers, 'subject'))),
    text: end < 0 ? '' : oneEnd(whole.slice(end + 2)),
    parts: [],
  }
}

const bytesOf = (content: ArrayBuffer | Uint8Array) =>
  content instanceof Uint8Array ? content : new Uint8Array(content)

/** Decodes encoded words; as they stand where they cannot be. */
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

const oneEnd = (text: string) =>
  text
    .slice(0, MOST_TEXT)
    .replace(/\r\n?/g, '\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a NUL can be kept nowhere
    .replace(/\u0000/g, '')

/** UTF-8, or else Latin 1: what stands in fields is ASCII nearly always. */
export function textOf(bytes: Uint8Array): string {
  try {
    return oneEnd(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return oneEnd(new TextDecoder('latin1').decode(bytes))
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

/** The words of HTML. */
export const plain = (html: string) =>
  html
    .slice(0, MOST_HTML)
    .replace(/<(style|script|title)\b[^>]*>[\s\S]*?<\/\1\s*>/gi, ' ')
    .replace(/<(?:br|\/?(?:p|div|tr|table|h\d|li|ul|blockquote|pre))\b[^>]*>/gi, '\n')
    .replace(/<\/?[a-z!][^<>]*>/gi, ' ')
    .replace(
      /&(lt|gt|amp|quot|nbsp|#39|#43|#64);/gi,
      (_, name) => ENTITIES[name.toLowerCase()] ?? ' ',
    )
    .replace(/[ \t\u00a0]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
