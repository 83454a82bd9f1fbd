/** Which comments wait for a moderator, who may change one, and how many may be written. */
import { hasOneOf, namesAddress } from './comment-text.ts'
import { DAY, HOUR, isBefore, MINUTE } from './time.ts'

/**
 * Why a comment waits: it is its author's first, names an address, says what was said before, or
 * has a word that the operator listed.
 */
export const REASONS = ['first', 'link', 'repeat', 'words'] as const
export type WaitReason = (typeof REASONS)[number]

export interface Posted {
  readonly text: string
  /** How many links its Markdown has. */
  readonly links: number
  /** Whether a comment of its author was once approved. */
  readonly isTrusted: boolean
  /** Whether another comment says the same, by whomever. */
  readonly isRepeated: boolean
}

/** Why a comment waits for a moderator; null when everybody may read it now. */
export function whyWaits(posted: Posted, words: readonly string[]): WaitReason | null {
  if (!posted.isTrusted) return 'first'
  if (posted.links > 0 || namesAddress(posted.text)) return 'link'
  if (posted.isRepeated) return 'repeat'
  return hasOneOf(posted.text, words) ? 'words' : null
}

/** Milliseconds in which its author may change a comment; what others answer to then stays. */
const EDITABLE = 15 * MINUTE

export const isEditable = (createdAt: Temporal.Instant, now: Temporal.Instant) =>
  isBefore(now, createdAt.add({ milliseconds: EDITABLE }))

/** Threads on a page of comments. */
export const THREADS_A_PAGE = 50
/** A thread with so many answers takes no more: the next thought is a thread of its own. */
export const MOST_ANSWERS = 200

/**
 * How many comments are taken within an hour of a member and of a network: nobody has more to say,
 * and a class behind one address has as much.
 */
export const COMMENT_LIMITS = {
  member: { name: 'comments-member', points: 12, seconds: HOUR / 1_000 },
  network: { name: 'comments-network', points: 120, seconds: HOUR / 1_000 },
} as const

/** How long a text that was not taken is kept for its author. Milliseconds. */
export const DRAFT = DAY

export const DECISIONS = ['approve', 'reject', 'block', 'unblock'] as const
export type Decision = (typeof DECISIONS)[number]

/** What a site says of its comments, in dawnpost.yaml. */
export interface CommentSettings {
  /** No new ones are taken; those that are there stay. */
  readonly closed: boolean
  /** Addresses that are mailed what waits, and may decide about it. */
  readonly moderators: readonly string[]
  /** Words and phrases with which a comment waits. */
  readonly words: readonly string[]
}

export const NO_SETTINGS: CommentSettings = { closed: false, moderators: [], words: [] }
