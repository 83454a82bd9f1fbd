import { DAY, isAfter, MINUTE } from './time.ts'

/**
 * A delivery is one mail, such as a lesson, to one enrollment; its row in the ledger is written
 * before SMTP.
 *
 * It starts as `planned`. A worker that claims it makes it `sending`, under a lease. SMTP's answer
 * makes it `sent`; `bounced` if the address is at fault; `refused` if this message is, or if
 * retries are exhausted; `retry` if a later attempt may succeed. When a lease ends without an
 * answer, a mail that a server may have had becomes `unknown`: it may have left or not; any other
 * is `planned` again. A late answer still makes it `sent`; otherwise it is resent as the same
 * message, or held for an operator (MAX_RESENDS), and stays unknown if that ends the same way.
 * Before it is claimed it can become `skipped` (the person left, the address is suppressed) or
 * `expired` (its window closed). A lesson never expires: it gets a new morning and stays `planned`.
 * What its reader skipped can be restored until the next one is planned. After a backup has been
 * restored, an operator may count as sent what has left since. An inspiration that travels with a
 * lesson shares the lesson's fate while it is being sent, and is `merged` if the lesson is `sent`;
 * without the lesson it goes alone.
 */
export const DELIVERY_STATUSES = [
  'planned',
  'sending',
  'sent',
  'merged',
  'retry',
  'bounced',
  'refused',
  'expired',
  'skipped',
  'unknown',
] as const
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

export type Transition =
  | 'claim'
  | 'release'
  | 'accept'
  | 'merge'
  | 'defer'
  | 'bounce'
  | 'refuse'
  | 'lose'
  | 'resend'
  | 'skip'
  | 'expire'
  | 'redate'
  | 'restore'
  | 'count'

/** Statuses of a delivery that has not left and that no worker has claimed. */
export const WAITING = ['planned', 'retry'] as const satisfies readonly DeliveryStatus[]
export const isWaiting = (status: DeliveryStatus) => WAITING.some((waiting) => waiting === status)

/** Statuses from which a worker may claim a delivery. */
export const CLAIMABLE = [...WAITING, 'unknown'] as const satisfies readonly DeliveryStatus[]

/** Statuses of a delivery that has not ended. */
export const OUTSTANDING = [
  ...WAITING,
  'sending',
  'unknown',
] as const satisfies readonly DeliveryStatus[]
export const isOutstanding = (status: DeliveryStatus) =>
  OUTSTANDING.some((outstanding) => outstanding === status)

/** Statuses of a delivery that its reader may still expect: it waits, or is being sent. */
export const EXPECTED = [...WAITING, 'sending'] as const satisfies readonly DeliveryStatus[]
export const isExpected = (status: DeliveryStatus) =>
  EXPECTED.some((expected) => expected === status)

const TRANSITIONS: Readonly<
  Record<Transition, { readonly from: readonly DeliveryStatus[]; readonly to: DeliveryStatus }>
> = {
  claim: { from: CLAIMABLE, to: 'sending' },
  release: { from: ['sending'], to: 'planned' },
  accept: { from: ['sending', 'unknown'], to: 'sent' },
  merge: { from: ['sending', 'unknown'], to: 'merged' },
  defer: { from: ['sending'], to: 'retry' },
  bounce: { from: ['sending'], to: 'bounced' },
  refuse: { from: ['sending'], to: 'refused' },
  lose: { from: ['sending'], to: 'unknown' },
  resend: { from: ['unknown'], to: 'planned' },
  skip: { from: WAITING, to: 'skipped' },
  expire: { from: WAITING, to: 'expired' },
  redate: { from: ['planned', 'retry', 'unknown'], to: 'planned' },
  restore: { from: ['skipped'], to: 'planned' },
  count: { from: ['planned', 'retry', 'sending', 'unknown'], to: 'sent' },
}

/** Returns the status after `move`; null if a delivery in `status` cannot make it. */
export const nextStatus = (status: DeliveryStatus, move: Transition): DeliveryStatus | null =>
  TRANSITIONS[move].from.includes(status) ? TRANSITIONS[move].to : null

/**
 * Returns the statuses from which `move` is allowed and the one it leads to; the ledger's SQL is
 * built from them.
 */
export const transitionOf = (move: Transition) => TRANSITIONS[move]

/** Statuses of a delivery that has reached its reader, by itself or in another mail. */
export const SENT_OR_MERGED = ['sent', 'merged'] as const satisfies readonly DeliveryStatus[]
export const isSentOrMerged = (status: DeliveryStatus) =>
  SENT_OR_MERGED.some((came) => came === status)

/**
 * `letter` reports what is new in the reading room; its item is its local date. `again` is a
 * lesson, inspiration or letter resent at its reader's request. Its item is `<the mail's own
 * item>@<the local date of the request>`: a row of its own, so that the original row stays
 * unchanged (I1) and a mail is resent at most once per date, however often the button is pressed.
 * `change` asks a new address to confirm, `changed` notifies the old one, `link` brings a fresh
 * link, `export` and `erase` bring the links to see or erase all personal data, `sign-in` the link
 * by which a member signs in.
 */
export const DELIVERY_KINDS = [
  'confirm',
  'welcome',
  'lesson',
  'inspiration',
  'letter',
  'completion',
  'again',
  'change',
  'changed',
  'link',
  'export',
  'erase',
  'sign-in',
] as const
export type DeliveryKind = (typeof DELIVERY_KINDS)[number]

/** Returns the item of a mail, without the date that marks one sent `again`. */
export const baseItemOf = (item: string) => item.replace(/@[\d-]+$/, '')

/** Kinds that can be read again on the web. */
export const READABLE = [
  'lesson',
  'inspiration',
  'letter',
  'again',
] as const satisfies readonly DeliveryKind[]
export const isReadable = (kind: DeliveryKind) => READABLE.some((readable) => readable === kind)

/** Kinds that somebody requests by a form, independent of their progress in any series. */
export const ON_REQUEST = [
  'change',
  'changed',
  'link',
  'export',
  'erase',
  'sign-in',
] as const satisfies readonly DeliveryKind[]

/** Kinds that answer a person's request and are not course mail: they carry no list headers. */
export const TRANSACTIONAL = ['confirm', ...ON_REQUEST] as const satisfies readonly DeliveryKind[]
export const isTransactional = (kind: DeliveryKind): kind is (typeof TRANSACTIONAL)[number] =>
  TRANSACTIONAL.some((transactional) => transactional === kind)

/**
 * Kinds that are soon of no use: a date of a daily, and what answers a request. All others are kept
 * as long as their enrollment, and longer.
 */
export const PASSING = [
  'inspiration',
  'confirm',
  ...ON_REQUEST,
] as const satisfies readonly DeliveryKind[]

/**
 * Kinds whose items are the same for many readers, such as a lesson or a date: the ledger stores
 * each of them once.
 */
export const SHARED_ITEMS = [
  'welcome',
  'lesson',
  'inspiration',
  'letter',
  'completion',
] as const satisfies readonly DeliveryKind[]

/** Whether a mail is about its reader rather than one of their series. */
export const isAboutReader = (kind: DeliveryKind): kind is (typeof ON_REQUEST)[number] =>
  ON_REQUEST.some((onRequest) => onRequest === kind)

/**
 * The reason of a delivery, as far as code depends on it; the reason's text is for people and can
 * be reworded.
 *
 * - `mailbox_disabled`: refused because the mailbox is disabled, perhaps temporarily.
 * - `not_composed`: its text could not be made into a mail. The fault is Dawnpost's; it is retried
 *   until its window closes.
 * - `skipped_by_reader`: left out at its reader's request, who may undo that.
 */
export type ReasonCode = 'mailbox_disabled' | 'not_composed' | 'skipped_by_reader'

/** Prefix of the reason of a mail that could not be composed. */
export const UNCOMPOSED_PREFIX = 'cannot be composed: '
/**
 * Kinds that a form can cause: limited to one per address within a period. A notice of something
 * already done is not among them.
 */
export type FormRequestedKind = Exclude<(typeof TRANSACTIONAL)[number], 'changed'>

/**
 * Kinds that go to an address whose owner has not consented: whoever filled in the form chose part
 * of the content.
 */
const TO_STRANGERS = ['confirm', 'change'] as const satisfies readonly FormRequestedKind[]
export const isToStranger = (kind: DeliveryKind) =>
  TO_STRANGERS.some((toStranger) => toStranger === kind)

/**
 * What is done with a delivery whose outcome is unknown. `resend`: it is sent again, as the same
 * message, until a server has answered for it, since a lost lesson is worse than a duplicate, which
 * most mailboxes fold. `hold`: it is never resent automatically; an operator decides.
 */
export const UNKNOWN_POLICIES = ['resend', 'hold'] as const
export type UnknownPolicy = (typeof UNKNOWN_POLICIES)[number]

/**
 * How many times a delivery whose outcome is unknown is resent automatically: each attempt may end
 * the same way.
 */
export const MAX_RESENDS: Readonly<Record<UnknownPolicy, number>> = { resend: 5, hold: 0 }

/**
 * Minutes to wait after the first failed attempt, the second, and so on; the last value repeats
 * (standards.md D18).
 */
export const RETRY_MINUTES: readonly [number, ...number[]] = [5, 30, 60, 120, 240]

/**
 * Milliseconds from the first attempt of a delivery to the last (RFC 5321, 4.5.4.1: four to five
 * days).
 */
const GIVE_UP_AFTER_MS = 5 * DAY

export interface AttemptHistory {
  readonly id: string
  /** Number of attempts so far, from 1. */
  readonly attempts: number
  readonly firstTriedAt: Temporal.Instant
}

/**
 * Returns when a delivery deferred at `now` is tried again; null when it is given up: it has gone
 * through the whole schedule, and five days have passed. Adds up to a tenth of the wait, derived
 * from the id, so that mails deferred together are not retried together.
 */
export function nextAttemptAt(
  schedule: typeof RETRY_MINUTES,
  { id, attempts, firstTriedAt }: AttemptHistory,
  now: Temporal.Instant,
): Temporal.Instant | null {
  const minutes = schedule[attempts - 1] ?? schedule.at(-1) ?? schedule[0]
  const share = Number.parseInt(id.slice(-4), 16) / 0xffff
  const at = now.add({ milliseconds: Math.round(minutes * MINUTE * (1 + share / 10)) })
  const isOver = isAfter(at, firstTriedAt.add({ milliseconds: GIVE_UP_AFTER_MS }))
  return isOver && attempts >= schedule.length ? null : at
}

export const LESSON_REMOVED_REASON = 'taken out of the course before it left'
export const ARTICLES_REMOVED_REASON = 'the articles it tells of were removed before it left'
