import { Problem } from './domain/problem.ts'
import { DAY } from './domain/time.ts'
import type { Secrets } from './secrets.ts'

/** What a link in a mail may be used for; a token of one purpose is nothing for another. */
export type Purpose =
  | 'confirm'
  | 'unsubscribe'
  | 'preferences'
  | 'address'
  | 'lessons'
  | 'days'
  | 'practice'
  | 'data'
  | 'erase'

/** How long a link works; an unsubscribe link works for ever (standards.md A10). */
const LIFETIME: Readonly<Record<Purpose, number | null>> = {
  confirm: 7 * DAY,
  unsubscribe: null,
  preferences: null,
  address: 7 * DAY,
  lessons: null,
  days: null,
  practice: null,
  data: 7 * DAY,
  erase: 7 * DAY,
}

export interface Links {
  /** Address of the page that does `purpose` for the subscriber, enrollment or delivery `id`. Under 200 characters (A18). */
  url(purpose: Purpose, id: string, now: Temporal.Instant): string
  token(purpose: Purpose, id: string, now: Temporal.Instant): string
  /** The id in a token. Throws a Problem: `not_found` when it is not one of ours, `expired` when its time is over. */
  read(purpose: Purpose, token: string, now: Temporal.Instant): string
}

/** What a token looks like. Its tag has 22 letters, so that what follows them is none of it. */
export const TOKEN = '1\\.[\\w-]{1,16}\\.[\\w-]{1,64}\\.[\\w-]{22}'
const BEGINS_WITH_TOKEN = new RegExp(`^${TOKEN}`)

/** Tokens are `1.key.payload.tag`, the purpose bound into the tag (standards.md I1). */
export function openLinks(secrets: Secrets, publicUrl: string): Links {
  const token = (purpose: Purpose, id: string, now: Temporal.Instant) => {
    const payload = pack(id, LIFETIME[purpose], now)
    const { key, tag } = secrets.sign(`link ${purpose}`, payload)
    return `1.${key}.${payload}.${tag.toString('base64url')}`
  }
  return {
    token,
    url: (purpose, id, now) => `${publicUrl}/${purpose}/${token(purpose, id, now)}`,
    read: (purpose, text, now) => {
      const [found] = BEGINS_WITH_TOKEN.exec(text) ?? []
      const [, key = '', payload = '', tag = ''] = found?.split('.') ?? []
      if (!secrets.verify(`link ${purpose}`, payload, key, Buffer.from(tag, 'base64url'))) {
        throw new Problem(
          'not_found',
          'This link is not complete. Open it again from the mail, or copy all of it.',
        )
      }
      const { id, expiresAt } = unpack(payload)
      if (expiresAt !== null && now.epochMilliseconds >= expiresAt) {
        throw new Problem(
          'expired',
          'This link has expired. Ask for it again and we will send you a fresh one.',
        )
      }
      return id
    },
  }
}

function pack(id: string, lifetime: number | null, now: Temporal.Instant) {
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex')
  if (lifetime === null) return bytes.toString('base64url')
  const expiry = Buffer.alloc(4)
  expiry.writeUInt32BE(Math.ceil((now.epochMilliseconds + lifetime) / 1_000))
  return Buffer.concat([bytes, expiry]).toString('base64url')
}

function unpack(payload: string) {
  const bytes = Buffer.from(payload, 'base64url')
  const id = bytes.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return { id, expiresAt: bytes.length === 20 ? bytes.readUInt32BE(16) * 1_000 : null }
}
