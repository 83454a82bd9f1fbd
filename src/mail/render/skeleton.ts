/**
 * The MIME body of an edition, with everything common to all readers encoded once. What is left are
 * slots, each between two soft line breaks, so that a value can be encoded by itself and inserted.
 */
import Handlebars from 'handlebars/dist/handlebars.min.js'
import { encode, wrap } from 'nodemailer/lib/qp'
import type { Reader, Render, Skeleton } from '../edition.ts'
import { flowed } from './flowed.ts'
import { FieldMark } from './templates.ts'

/** What a template may contain about a person. */
export const SLOTS = [
  'firstName',
  'enrolledOn',
  'unsubscribeUrl',
  'preferencesUrl',
  'confirmUrl',
  'asked',
  'firstMail',
  'addressUrl',
  'undoUrl',
  'otherAddress',
  'besideUnsubscribeUrl',
  'lessonUrl',
  'pauseUrl',
  'nowUrl',
  'practiceUrl',
  'youDid',
  'daysUrl',
  'completionUrl',
  'dataUrl',
  'eraseUrl',
  'signInUrl',
] as const satisfies readonly (keyof Reader)[]

interface Parts {
  readonly hash: string
  readonly text: Render
  readonly html: Render
  /** Whether the text or page uses the reader's name. */
  readonly asksName: boolean
  /** The own fields that the text and page use. */
  readonly fields: readonly string[]
  /** Number of its links that may be counted. */
  readonly countedLinks: number
}

/**
 * Represents a slot while a template is cut up. It contains the SHA-256 hash of the text, which no
 * text can contain of itself, so nothing an author writes can be taken for a slot.
 */
const markOf = (hash: string, slot: string) => `\uFDD0${hash} ${slot}\uFDD1`

/**
 * Cuts the templates into encoded pieces and slots: once for readers with a name, once for those
 * without. What depends on an own field is a fork in either, so that the size grows with the number
 * of fields rather than of their combinations.
 */
export function skeletonOf(parts: Parts): Skeleton {
  const boundary = `=_${parts.hash}`
  const forNamed = assembled(parts, boundary, true)
  const forUnnamed = parts.asksName ? assembled(parts, boundary, false) : forNamed
  const [named, unnamed] = packed(forNamed, forUnnamed)
  return {
    contentType: `multipart/alternative; boundary="${boundary}"`,
    fill: (reader) => filled(reader.firstName ? named : unnamed, reader, []),
  }
}

/** Returns the MIME body of a mail without slots: all of its texts are literal. */
export function bodyOf({ hash, text, html }: Record<'hash' | 'text' | 'html', string>) {
  const none = { asksName: false, fields: [], countedLinks: 0 }
  const parts = { hash, text: () => text, html: () => html, ...none }
  const { contentType, fill } = skeletonOf(parts)
  return { contentType, body: fill({ firstName: '' } as Reader) }
}

function filled(pieces: readonly Ready[], reader: Reader, into: Buffer[]): readonly Buffer[] {
  for (const piece of pieces) {
    if (typeof piece === 'function') into.push(piece(reader))
    else if ('field' in piece)
      filled(hasGiven(reader, piece) ? piece.given : piece.none, reader, into)
    else into.push(piece)
  }
  return into
}

function hasGiven(reader: Reader, { field }: Pick<Fork<Ready>, 'field'>) {
  if (field === COUNTED) return reader.countedUrls !== undefined
  return field === ANSWERS ? reader.answers !== null : Boolean(reader.fields[field])
}

/** Field of the fork for readers whose comments have been answered. */
const ANSWERS = Symbol('answers')
/** Field of the fork for readers who agreed to link counting. */
const COUNTED = Symbol('counted')

/** Encodes a reader's value for a slot. */
type Slot = (reader: Reader) => Buffer
/**
 * Alternatives for readers who have and have not answered a field; or whose comments have and have
 * not been answered; or whose links are and are not counted.
 */
interface Fork<Piece> {
  readonly field: string | typeof ANSWERS | typeof COUNTED
  readonly given: readonly Piece[]
  readonly none: readonly Piece[]
}
type Ready = Buffer | Slot | Fork<Ready>
type Piece = string | Slot | Fork<Piece>
type Assembled = readonly Piece[]

function assembled(
  { hash, text, html, ...slots }: Parts,
  boundary: string,
  named: boolean,
): Assembled {
  const head = (type: string) =>
    `--${boundary}\r\nContent-Type: ${type}\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n`
  const plain = (data: object) => flowed(text(data))
  return [
    head('text/plain; charset=utf-8; format=flowed; delsp=no'),
    ...pieces({ hash, template: plain, ...slots, part: 'text' }, named, (value) => value),
    `\r\n${head('text/html; charset=utf-8')}`,
    ...pieces({ hash, template: html, ...slots, part: 'html' }, named, Handlebars.escapeExpression),
    `\r\n--${boundary}--\r\n`,
  ]
}

interface Part extends Pick<Parts, 'hash' | 'fields' | 'countedLinks'> {
  readonly template: Render
  readonly part: 'text' | 'html'
}

/** Returns one part: static text encoded now, slots encoded when their reader is known. */
function pieces(of: Part, named: boolean, safe: Escape): Assembled {
  const { hash, template, fields, part } = of
  const links = Array.from({ length: of.countedLinks }, (_, index) => `countedUrls.${index}`)
  const mark = (what: string) => markOf(hash, what)
  const marks = Object.fromEntries(SLOTS.map((slot) => [slot, mark(slot)]))
  const places = new Map<string, Slot | ForkPoint>([
    ...SLOTS.map((slot) => [mark(slot), slotOf(slot, safe)] as const),
    ...fields.flatMap((field) =>
      placesOf({ field, name: `fields.${field}` }, mark, fieldSlotOf(field, safe)),
    ),
    ...placesOf({ field: ANSWERS, name: 'answers' }, mark, answersSlotOf(part)),
    ...placesOf({ field: COUNTED, name: 'counted' }, mark, NOTHING),
    ...links.map((name, index) => [mark(name), linkSlotOf(index, safe)] as const),
  ])
  const whole = template({
    ...marks,
    firstName: named ? marks.firstName : '',
    fields: Object.fromEntries(fields.map((field) => [field, fieldMark(`fields.${field}`, mark)])),
    answers: fieldMark('answers', mark),
    counted: fieldMark('counted', mark),
    countedUrls: links.map(mark),
  }).replace(/\r?\n/g, '\r\n')
  const parts = whole.split(new RegExp(`(${markOf(RegExp.escape(hash), '[\\w.]+')})`))
  return branch(
    parts
      .map((piece, index) => {
        const place = places.get(piece)
        if (place) return place
        const next = parts[index + 1]
        const breakAfter = next !== undefined && !/(^|\n)$/.test(piece) ? SOFT_BREAK : ''
        return quoted(piece, next !== undefined) + breakAfter
      })
      .values(),
  )
}

/** Marks where a fork begins, where its alternative begins, and where it ends. */
interface ForkPoint {
  readonly field: Fork<Piece>['field']
  readonly way: 'given' | 'none' | 'end'
}
const WAYS = ['given', 'none', 'end'] as const

const fieldMark = (name: string, mark: (what: string) => string) =>
  new FieldMark(mark(name), {
    given: mark(`given.${name}`),
    none: mark(`none.${name}`),
    end: mark(`end.${name}`),
  })

const placesOf = (
  { field, name }: Pick<ForkPoint, 'field'> & { readonly name: string },
  mark: (what: string) => string,
  slot: Slot,
): (readonly [string, Slot | ForkPoint])[] => [
  [mark(name), slot],
  ...WAYS.map((way) => [mark(`${way}.${name}`), { field, way }] as const),
]

/** Returns the pieces up to the mark that ends the branch, including nested forks. */
function branch(tokens: Iterator<string | Slot | ForkPoint>): Piece[] {
  const pieces: Piece[] = []
  for (let token = tokens.next(); !token.done; token = tokens.next()) {
    const { value } = token
    if (typeof value !== 'object') pieces.push(value)
    else if (value.way !== 'given') break
    else pieces.push({ field: value.field, given: branch(tokens), none: branch(tokens) })
  }
  return pieces
}

type Escape = (value: string) => string

// Slots are created at module level, so that they retain none of the text: a closure keeps its
// whole scope alive, including variables that only its neighbors use.
const slotOf =
  (name: (typeof SLOTS)[number], safe: Escape): Slot =>
  (reader) =>
    slotBytes(safe(reader[name]))

const fieldSlotOf =
  (field: string, safe: Escape): Slot =>
  ({ fields }) =>
    slotBytes(safe(fields[field] ?? ''))

const linkSlotOf =
  (index: number, safe: Escape): Slot =>
  ({ countedUrls }) =>
    slotBytes(safe(countedUrls?.[index] ?? ''))

const NOTHING: Slot = () => Buffer.alloc(0)

const answersSlotOf =
  (part: 'text' | 'html'): Slot =>
  ({ answers }) =>
    slotBytes((answers?.[part] ?? '').replace(/\r?\n/g, '\r\n'))

/**
 * Stores each distinct text once, in memory of its own: small buffers are slices of a pool, and one
 * that is kept for years would retain the whole pool it was cut from.
 */
function packed(named: Assembled, unnamed: Assembled) {
  const texts = new Set(textsOf([...named, ...unnamed]))
  const memory = Buffer.allocUnsafeSlow(texts.values().reduce((sum, { length }) => sum + length, 0))
  const bytes = new Map<unknown, Buffer>()
  let at = 0
  for (const text of texts) {
    bytes.set(text, memory.subarray(at, at + memory.write(text, at, 'latin1')))
    at += text.length
  }
  const ready = (all: Assembled): Ready[] =>
    all.map((piece) =>
      typeof piece === 'object'
        ? { field: piece.field, given: ready(piece.given), none: ready(piece.none) }
        : (bytes.get(piece) ?? (piece as Slot)),
    )
  return [ready(named), ready(unnamed)] as const
}

const textsOf = (pieces: Assembled): string[] =>
  pieces.flatMap((piece) => {
    if (typeof piece === 'string') return [piece]
    return typeof piece === 'object' ? textsOf([...piece.given, ...piece.none]) : []
  })

const SOFT_BREAK = '=\r\n'
/**
 * RFC 2045 allows 76 characters a line, including the soft break's `=`; two are for an encoded dot.
 */
const LINE = 73

/** Encodes runs of spaces, so that relaxed canonicalization (RFC 6376, 3.4.4) changes nothing. */
const quoted = (text: string, more: boolean) =>
  withoutDots(
    wrap(
      (more ? encode(`${text}.`).slice(0, -1) : encode(text))
        .replace(/\t/g, '=09')
        .replace(/ (?=[ ]|=20)/g, '=20'),
      LINE,
    ),
  )

/**
 * Encodes dots that begin a line: SMTP has nothing to double (RFC 5321, 4.5.2), and a relay nothing
 * to lose.
 */
const withoutDots = (lines: string) =>
  lines.startsWith('.') || lines.includes('\n.') ? lines.replace(/^\./gm, '=2E') : lines

/** Letters, digits and the punctuation of URLs need no encoding; nearly every value matches. */
const PLAIN = /^[A-Za-z0-9_.,:;/?&%+()'~-]+(?: [A-Za-z0-9_.,:;/?&%+()'~-]+)*$/

function slotBytes(value: string): Buffer {
  if (!PLAIN.test(value)) return Buffer.from(quoted(value, false) + (value && SOFT_BREAK), 'latin1')
  let lines = ''
  for (let at = 0; at < value.length; at += LINE - 1)
    lines += value.slice(at, at + LINE - 1) + SOFT_BREAK
  return Buffer.from(withoutDots(lines), 'latin1')
}
