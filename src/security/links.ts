import { ADDRESS_TRIAL_MS } from '../domain/address.ts'
import { Problem } from '../domain/problem.ts'
import { type Clock, DAY } from '../domain/time.ts'
import type { Secrets } from './secrets.ts'

/** What a link in a mail may be used for; a token for one purpose is invalid for another. */
export type Purpose =
  | 'confirm'
  | 'unsubscribe'
  | 'preferences'
  | 'address'
  | 'undo'
  | 'lessons'
  | 'days'
  | 'practice'
  | 'data'
  | 'erase'
  | 'answers'
  | 'moderation'

/**
 * Milliseconds for which a link works; null means forever, as for unsubscribe links (standards.md
 * A10).
 */
const LIFETIME: Readonly<Record<Purpose, number | null>> = {
  confirm: 7 * DAY,
  unsubscribe: null,
  preferences: null,
  address: 7 * DAY,
  undo: ADDRESS_TRIAL_MS,
  lessons: null,
  days: null,
  practice: null,
  data: 7 * DAY,
  erase: 7 * DAY,
  answers: null,
  moderation: 14 * DAY,
}

/**
 * Links of one change of address: they end with it, whatever the epoch of its subscriber
 * (docs/links.md).
 */
const ADDRESS_CHANGE_PURPOSES: readonly Purpose[] = ['address', 'undo']

/**
 * What a link is for: the id of a subscriber, an enrollment or a delivery, and the epoch of its
 * subscriber. A moderator's is for a comment, and has a mark of its owner instead of an epoch
 * (actions/comments/moderators.ts).
 */
export interface Target {
  readonly id: string
  readonly epoch: number
}

/** All of them use the present instant if `now` is not given. */
export interface Links {
  /**
   * URL of the page that does `purpose` for `target`; an id alone is that of a subscriber whose
   * links were never voided. Under 200 characters (A18).
   */
  url(purpose: Purpose, target: Target | string, now?: Temporal.Instant): string
  token(purpose: Purpose, target: Target | string, now?: Temporal.Instant): string
  /**
   * Returns the id in a token. Throws a Problem: `not_found` if it is not one of ours, `expired` if
   * its time is over.
   */
  read(purpose: Purpose, token: string, now?: Temporal.Instant): string
  /** The same, with the epoch, which the caller must compare (actions/readers/follow-link.ts). */
  open(purpose: Purpose, token: string, now?: Temporal.Instant): Target
}

/**
 * Shape of a token. Its tag has exactly 22 characters, so that what follows them is not part of it.
 */
export const TOKEN = '1\\.[\\w-]{1,16}\\.[\\w-]{1,64}\\.[\\w-]{22}'
const BEGINS_WITH_TOKEN = new RegExp(`^${TOKEN}`)

/** Tokens are `1.key.payload.tag`, with the purpose bound into the tag (standards.md I1). */
export function openLinks(secrets: Secrets, publicUrl: string, clock: Clock): Links {
  const token: Links['token'] = (purpose, target, now = clock()) => {
    const { id, epoch } = typeof target === 'string' ? { id: target, epoch: 0 } : target
    const payload = pack(
      { id, epoch: ADDRESS_CHANGE_PURPOSES.includes(purpose) ? 0 : epoch },
      LIFETIME[purpose],
      now,
    )
    const { key, tag } = secrets.sign(`link ${purpose}`, payload)
    return `1.${key}.${payload}.${tag.toString('base64url')}`
  }
  const open: Links['open'] = (purpose, text, now = clock()) => {
    const [candidate] = BEGINS_WITH_TOKEN.exec(text) ?? []
    const [, key = '', payload = '', tag = ''] = candidate?.split('.') ?? []
    if (!secrets.verify(`link ${purpose}`, payload, key, Buffer.from(tag, 'base64url'))) {
      throw new Problem('not_found', 'link.incomplete')
    }
    const { expiresAt, ...target } = unpack(payload)
    if (expiresAt !== null && now.epochMilliseconds >= expiresAt) {
      throw new Problem('expired', 'link.expired')
    }
    return target
  }
  return {
    token,
    open,
    url: (purpose, target, now) => `${publicUrl}/${purpose}/${token(purpose, target, now)}`,
    read: (purpose, text, now) => open(purpose, text, now).id,
  }
}

/**
 * Sixteen bytes of the id, four of the expiry if there is one, three of the epoch if it has risen.
 * The four possible lengths tell which, and links made at epoch 0 are the same as without one.
 */
function pack({ id, epoch }: Target, lifetime: number | null, now: Temporal.Instant) {
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex')
  if (lifetime === null && epoch === 0) return bytes.toString('base64url')
  const expiry = Buffer.alloc(lifetime === null ? 0 : EXPIRY)
  if (lifetime !== null) expiry.writeUInt32BE(Math.ceil((now.epochMilliseconds + lifetime) / 1_000))
  const epochBytes = Buffer.alloc(epoch === 0 ? 0 : EPOCH)
  if (epoch !== 0) epochBytes.writeUIntBE(epoch, 0, EPOCH)
  return Buffer.concat([bytes, expiry, epochBytes]).toString('base64url')
}

function unpack(payload: string) {
  const bytes = Buffer.from(payload, 'base64url')
  const id = bytes
    .toString('hex', 0, ID)
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  const trailing = bytes.length - ID
  const [expires, hasEpoch] = [
    trailing >= EXPIRY,
    trailing === EPOCH || trailing === EXPIRY + EPOCH,
  ]
  return {
    id,
    expiresAt: expires ? bytes.readUInt32BE(ID) * 1_000 : null,
    epoch: hasEpoch ? bytes.readUIntBE(bytes.length - EPOCH, EPOCH) : 0,
  }
}

/** Bytes of each part. */
const [ID, EXPIRY, EPOCH] = [16, 4, 3]
