/**
 * The MIME body of an edition with everything that is the same for all readers encoded once: what
 * is left are slots, each between two soft line breaks, so that a value can be encoded by itself
 * and set in.
 */
import Handlebars from 'handlebars'
import { encode, wrap } from 'nodemailer/lib/qp'
import type { Reader, Render, Skeleton } from '../edition.ts'

/** What a template may hold of a person. */
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
] as const satisfies readonly (keyof Reader)[]

interface Parts {
  readonly hash: string
  readonly text: Render
  readonly html: Render
}

/**
 * Stands for a slot while a template is cut up. It holds the name of the text, which is made of all
 * of the text (SHA-256): no text can hold its own, so nothing that an author writes is ever taken
 * for a slot.
 */
const markOf = (hash: string, slot: string) => `\uFDD0${hash} ${slot}\uFDD1`

/**
 * Cuts the templates into encoded pieces and slots: once for readers with a name, once for those
 * without.
 */
export function skeletonOf(parts: Parts): Skeleton {
  const boundary = `=_${parts.hash}`
  const [named, unnamed] = packed(
    assembled(parts, boundary, true),
    assembled(parts, boundary, false),
  )
  return {
    contentType: `multipart/alternative; boundary="${boundary}"`,
    fill: (reader) =>
      (reader.firstName ? named : unnamed).map((piece) =>
        typeof piece === 'function' ? piece(reader) : piece,
      ),
  }
}

/** Encodes what one reader has in a slot. */
type Slot = (reader: Reader) => Buffer
type Assembled = readonly (string | Slot)[]

function assembled({ hash, text, html }: Parts, boundary: string, named: boolean): Assembled {
  const head = (type: string) =>
    `--${boundary}\r\nContent-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n`
  return [
    head('text/plain'),
    ...pieces({ hash, template: text }, named, (value) => value),
    `\r\n${head('text/html')}`,
    ...pieces({ hash, template: html }, named, Handlebars.escapeExpression),
    `\r\n--${boundary}--\r\n`,
  ]
}

/** One part: static text encoded now, slots encoded when their reader is known. */
function pieces(
  { hash, template }: { readonly hash: string; readonly template: Render },
  named: boolean,
  safe: (value: string) => string,
): Assembled {
  const marks = Object.fromEntries(SLOTS.map((slot) => [slot, markOf(hash, slot)]))
  const slots = new Map(SLOTS.map((slot) => [markOf(hash, slot), slot]))
  const whole = template({ ...marks, firstName: named ? marks.firstName : '' }).replace(
    /\r?\n/g,
    '\r\n',
  )
  const parts = whole.split(new RegExp(`(${markOf(RegExp.escape(hash), '\\w+')})`))
  return parts.map((piece, index) => {
    const slot = slots.get(piece)
    if (slot) return slotOf(slot, safe)
    const next = parts[index + 1]
    const breakAfter = next !== undefined && !/(^|\n)$/.test(piece) ? SOFT_BREAK : ''
    return quoted(piece, next !== undefined) + breakAfter
  })
}

/** Made here, where it holds on to nothing of the text it stands in. */
const slotOf =
  (name: keyof Reader, safe: (value: string) => string): Slot =>
  (reader) =>
    slotBytes(safe(reader[name]))

/**
 * The texts as bytes, each once, in memory of their own: small buffers are slices of a pool, and
 * one that stays for years would keep all of the pool that it was cut from.
 */
function packed(named: Assembled, unnamed: Assembled) {
  const texts = new Set([...named, ...unnamed].filter((piece) => typeof piece === 'string'))
  const memory = Buffer.allocUnsafeSlow(texts.values().reduce((sum, { length }) => sum + length, 0))
  const bytes = new Map<unknown, Buffer>()
  let at = 0
  for (const text of texts) {
    bytes.set(text, memory.subarray(at, at + memory.write(text, at, 'latin1')))
    at += text.length
  }
  const ready = (all: Assembled) => all.map((piece) => bytes.get(piece) ?? (piece as Slot))
  return [ready(named), ready(unnamed)] as const
}

const SOFT_BREAK = '=\r\n'
/**
 * RFC 2045: 76 characters a line, the soft break's `=` among them; and two for a dot that is
 * encoded.
 */
const LINE = 73

/**
 * Spaces in a row are encoded, so that relaxed canonicalization (RFC 6376, 3.4.4) has nothing to
 * do.
 */
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
 * No line begins with a dot: SMTP has nothing to double (RFC 5321, 4.5.2), and a relay nothing to
 * lose.
 */
const withoutDots = (lines: string) => lines.replace(/^\./gm, '=2E')

/** Letters, digits and the marks of an address need no encoding: nearly every value. */
const PLAIN = /^[A-Za-z0-9_.,:;/?&%+()'~-]+(?: [A-Za-z0-9_.,:;/?&%+()'~-]+)*$/

function slotBytes(value: string): Buffer {
  if (!PLAIN.test(value)) return Buffer.from(quoted(value, false) + (value && SOFT_BREAK), 'latin1')
  let lines = ''
  for (let at = 0; at < value.length; at += LINE - 1)
    lines += value.slice(at, at + LINE - 1) + SOFT_BREAK
  return Buffer.from(withoutDots(lines), 'latin1')
}
