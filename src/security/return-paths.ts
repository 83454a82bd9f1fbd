/**
 * The envelope sender of each mail (VERP): the address a bounce comes back to identifies the mail
 * that it is about (standards.md C1, C2).
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Secrets } from './secrets.ts'

/** What identifies a mail, whatever becomes of its row in the ledger (I5). */
export interface EnrollmentMail {
  readonly enrollmentId: string
  readonly kind: string
  readonly item: string
}

/** The mail of a return path; `mark` finds it among those of its enrollment. */
export type ReturnPathTarget =
  | { readonly of: 'enrollment'; readonly enrollmentId: string; readonly mark: string }
  | { readonly of: 'comment mail'; readonly id: string }

export interface ReturnPaths {
  /**
   * Returns the local part for a mail of an enrollment: 55 lower-case characters, always the same.
   */
  ofEnrollment(mail: EnrollmentMail): string
  /** Returns the local part for a mail about comments, by its id. */
  ofCommentMail(id: string): string
  /**
   * Reads a local part in any case, since servers on the way fold it. Returns null if it is not one
   * of ours, or was changed.
   */
  read(localPart: string): ReturnPathTarget | null
}

const PREFIX = 'b+'
/** `b+` and 33 bytes in base32 (RFC 4648, 6): within the 64 octets of RFC 5321, 4.5.3.1.1. */
const SHAPE = /^b\+([a-z2-7]{53})$/
const TYPES = { enrollment: 1, 'comment mail': 2 } as const
const ID_END = 17
const MARK_END = 21
/** Bytes of a tag: 96 bits, as many as fit. */
const TAG = 12
const PURPOSE = 'return path'

/** Returns four bytes, in hex, that distinguish a mail from others of its enrollment. */
export const itemMarkOf = ({ kind, item }: Pick<EnrollmentMail, 'kind' | 'item'>): string =>
  createHash('sha256').update(`${kind}\n${item}`).digest('hex').slice(0, 8)

export function openReturnPaths(secrets: Pick<Secrets, 'macs'>): ReturnPaths {
  const tagsOf = (body: Buffer) =>
    secrets.macs(PURPOSE, body.toString('hex')).map((mac) => mac.subarray(0, TAG))
  const encode = (type: number, id: string, mark: string) => {
    const body = Buffer.concat([
      Buffer.of(type),
      Buffer.from(id.replaceAll('-', ''), 'hex'),
      Buffer.from(mark, 'hex'),
    ])
    const [tag] = tagsOf(body)
    return PREFIX + base32(Buffer.concat([body, tag ?? Buffer.alloc(TAG)]))
  }
  return {
    ofEnrollment: (mail) => encode(TYPES.enrollment, mail.enrollmentId, itemMarkOf(mail)),
    ofCommentMail: (id) => encode(TYPES['comment mail'], id, NO_MARK),
    read(localPart) {
      const [, text] = SHAPE.exec(localPart.toLowerCase()) ?? []
      const bytes = text ? fromBase32(text) : null
      if (!bytes) return null
      const [body, tag] = [bytes.subarray(0, MARK_END), bytes.subarray(MARK_END)]
      if (!tagsOf(body).some((wanted) => timingSafeEqual(wanted, tag))) return null
      const id = uuidOf(body.subarray(1, ID_END))
      if (body[0] === TYPES['comment mail']) return { of: 'comment mail', id }
      const mark = body.subarray(ID_END).toString('hex')
      return { of: 'enrollment', enrollmentId: id, mark }
    },
  }
}

const NO_MARK = '00000000'

const uuidOf = (bytes: Buffer) =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** RFC 4648, 6, in lower case and without padding. */
function base32(bytes: Buffer): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET[(held >> bits) & 31]
    }
    held &= (1 << bits) - 1
  }
  return bits > 0 ? text + ALPHABET[(held << (5 - bits)) & 31] : text
}

/** Returns null if the bits left over are not zero: each text has one spelling. */
function fromBase32(text: string): Buffer | null {
  const bytes: number[] = []
  let bits = 0
  let held = 0
  for (const letter of text) {
    held = (held << 5) | ALPHABET.indexOf(letter)
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push((held >> bits) & 255)
    held &= (1 << bits) - 1
  }
  return held === 0 ? Buffer.from(bytes) : null
}
