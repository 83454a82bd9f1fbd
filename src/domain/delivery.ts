import { DAY, isAfter, MINUTE } from './time.ts'

/**
 * A delivery is one mail of one lesson to one enrollment; its row in the ledger is written before
 * SMTP.
 *
 * It is born `planned`. A worker that claims it makes it `sending`, under a lease. What SMTP
 * answers makes it `sent`; `bounced`, when the address is at fault; `refused`, when this message
 * is; `retry`, when it may pass later. A lease that ends without an answer makes it `unknown`: the
 * mail may have left or not. An answer that comes late still makes it `sent`; else it is sent once
 * more, as the same message, or held for an operator (RESENDS), and stays unknown if that ends
 * likewise. Before it is claimed it can become `skipped` (the person left, the address is
 * suppressed) or `expired` (its window closed). A lesson never expires: it is given a new morning
 * and stays `planned`. What its reader skipped can be restored until the next one is planned. After
 * a backup was put back an operator may count as sent what has left since. An inspiration that a
 * lesson takes along shares the lesson's fate while it is being sent, and is `merged` where the
 * lesson is `sent`; without the lesson it goes alone.
 */
export const STATUSES = [
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
export type DeliveryStatus = (typeof STATUSES)[number]

export type Move =
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

/** Statuses of a delivery that has not left and that no worker has. */
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

/** Statuses of a delivery that its reader may expect: it waits, or is being sent. */
export const EXPECTED = [...WAITING, 'sending'] as const satisfies readonly DeliveryStatus[]
export const isExpected = (status: DeliveryStatus) =>
  EXPECTED.some((expected) => expected === status)

const MOVES: Readonly<
  Record<Move, { readonly from: readonly DeliveryStatus[]; readonly to: DeliveryStatus }>
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

/** The status after `move`, or null when a delivery in `status` cannot make it. */
export const after = (status: DeliveryStatus, move: Move): DeliveryStatus | null =>
  MOVES[move].from.includes(status) ? MOVES[move].to : null

/**
 * From where `move` may be made, and where it leads: what the ledger's statements are built from.
 */
export const moveOf = (move: Move) => MOVES[move]

/** Statuses of a delivery that has come to its reader: by itself, or in another's mail. */
export const CAME = ['sent', 'merged'] as const satisfies readonly DeliveryStatus[]
export const hasCome = (status: DeliveryStatus) => CAME.some((came) => came === status)

/**
 * `letter` tells what is new in the reading room; its item is its local date. `again` is a lesson,
 * inspiration or letter sent once more at its reader's request. Its item is `<the mail's own
 * item>@<the local date of the request>`: a row of its own, so that the first one's stays what it
 * was (I1), and at most one a mail and date however often the button is pressed. `change` asks a
 * new address to confirm, `changed` tells the old one, `link` brings a fresh link, `export` and
 * `erase` the links to see all that is known, or to have it erased, `sign-in` the link by which a
 * member signs in.
 */
export const KINDS = [
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
export type Kind = (typeof KINDS)[number]

/** The item of a mail, without the date that tells one sent `again` apart. */
export const itemOf = (item: string) => item.replace(/@[\d-]+$/, '')

/** Kinds that can be read again on the web. */
export const READABLE = [
  'lesson',
  'inspiration',
  'letter',
  'again',
] as const satisfies readonly Kind[]
export const isReadable = (kind: Kind) => READABLE.some((readable) => readable === kind)

/** Kinds that somebody asks for by a form, wherever they are in their series. */
export const ON_REQUEST = [
  'change',
  'changed',
  'link',
  'export',
  'erase',
  'sign-in',
] as const satisfies readonly Kind[]

/** Kinds that answer a request of the person and are no course mail: they carry no list headers. */
export const TRANSACTIONAL = ['confirm', ...ON_REQUEST] as const satisfies readonly Kind[]
export const isTransactional = (kind: Kind): kind is (typeof TRANSACTIONAL)[number] =>
  TRANSACTIONAL.some((transactional) => transactional === kind)

/**
 * Kinds that are of no use to anybody soon after: a date of a daily, and what answers a request.
 * All others are kept as long as their enrollment, and longer.
 */
export const PASSING = ['inspiration', 'confirm', ...ON_REQUEST] as const satisfies readonly Kind[]

/** Whether a mail is about its reader, and about none of their series. */
export const isAboutReader = (kind: Kind): kind is (typeof ON_REQUEST)[number] =>
  ON_REQUEST.some((onRequest) => onRequest === kind)

/**
 * What the reason of a delivery says, where something is decided by it; the reason is for people,
 * and can be worded anew.
 *
 * - `mailbox_disabled`: refused, since the mailbox is, perhaps for now.
 * - `not_composed`: its text could not be made into a mail. The fault is ours; it is tried until
 *   its
 *   window closes.
 * - `skipped_by_reader`: left out at its reader's wish, who may take that back.
 */
export type ReasonCode = 'mailbox_disabled' | 'not_composed' | 'skipped_by_reader'

/** Begins the reason of a mail that could not be composed. */
export const UNCOMPOSED = 'cannot be composed: '
/**
 * Kinds that a form can cause: no two within a while for an address. A notice of what was done
 * already is none of them.
 */
export type ByForm = Exclude<(typeof TRANSACTIONAL)[number], 'changed'>

/**
 * Kinds that go to an address whose owner has not said yes: whoever filled in the form chose what
 * stands in them.
 */
const TO_STRANGERS = ['confirm', 'change'] as const satisfies readonly ByForm[]
export const isToStranger = (kind: Kind) => TO_STRANGERS.some((toStranger) => toStranger === kind)

/**
 * What is done with a delivery of unknown outcome. `resend`: sent again, as the same message, until
 * a server has answered for it, since a lost lesson is worse than a doubled one that most mailboxes
 * fold. `hold`: never by itself; an operator decides.
 */
export const UNKNOWN_POLICIES = ['resend', 'hold'] as const
export type UnknownPolicy = (typeof UNKNOWN_POLICIES)[number]

/**
 * How often a delivery of unknown outcome is sent again by itself: each time may end in the same
 * way.
 */
export const RESENDS: Readonly<Record<UnknownPolicy, number>> = { resend: 5, hold: 0 }

/**
 * Minutes to wait after the first failed attempt, the second, and so on; the last one again and
 * again (standards.md D18).
 */
export const RETRY_MINUTES: readonly [number, ...number[]] = [5, 30, 60, 120, 240]

/**
 * Milliseconds from the first attempt of a delivery to the last (RFC 5321, 4.5.4.1: four to five
 * days).
 */
const GIVE_UP = 5 * DAY

export interface Tried {
  readonly id: string
  /** How often, from 1. */
  readonly attempts: number
  readonly firstTriedAt: Temporal.Instant
}

/**
 * When a delivery that was put off at `now` is tried again; null when it is given up: it has gone
 * through the whole schedule, and five days have passed. Up to a tenth later, by its id: what was
 * put off together is not tried together.
 */
export function nextTry(
  schedule: typeof RETRY_MINUTES,
  { id, attempts, firstTriedAt }: Tried,
  now: Temporal.Instant,
): Temporal.Instant | null {
  const minutes = schedule[attempts - 1] ?? schedule.at(-1) ?? schedule[0]
  const share = Number.parseInt(id.slice(-4), 16) / 0xffff
  const at = now.add({ milliseconds: Math.round(minutes * MINUTE * (1 + share / 10)) })
  const isOver = isAfter(at, firstTriedAt.add({ milliseconds: GIVE_UP }))
  return isOver && attempts >= schedule.length ? null : at
}

export const TAKEN_OUT = 'taken out of the course before it left'
export const NOTHING_LEFT = 'the articles it tells of were removed before it left'
