/** Which comments wait for a moderator, who may change one, and how many may be written. */
import { containsAnyWord, containsWebAddress } from './comment-text.ts'
import { DAY, HOUR, isBefore, MINUTE } from './time.ts'

/**
 * Why a comment waits: it is its author's first, has a link or names an address, repeats another
 * one, or has a word that the operator listed.
 */
const MODERATION_REASONS = ['first', 'link', 'repeat', 'words'] as const
export type ModerationReason = (typeof MODERATION_REASONS)[number]

export interface PostedComment {
  readonly text: string
  /** Number of links in its Markdown. */
  readonly links: number
  /** Whether a comment of its author has been approved before. */
  readonly isTrusted: boolean
  /** Whether another comment, by anyone, says the same. */
  readonly isRepeated: boolean
}

/** Returns why a comment waits for a moderator; null if it is published immediately. */
export function moderationReasonFor(
  posted: PostedComment,
  words: readonly string[],
): ModerationReason | null {
  if (!posted.isTrusted) return 'first'
  if (posted.links > 0 || containsWebAddress(posted.text)) return 'link'
  if (posted.isRepeated) return 'repeat'
  return containsAnyWord(posted.text, words) ? 'words' : null
}

/**
 * Milliseconds in which its author may change a comment; after that, what others reply to stays.
 */
const EDIT_WINDOW_MS = 15 * MINUTE

export const isEditable = (createdAt: Temporal.Instant, now: Temporal.Instant) =>
  isBefore(now, createdAt.add({ milliseconds: EDIT_WINDOW_MS }))

/** Threads on a page of comments. */
export const THREADS_PER_PAGE = 50
/** Most answers in a thread; after that, a new thread has to be started. */
export const MAX_ANSWERS = 200

/**
 * Comments accepted per hour from a member and from a network: enough for one person, and for a
 * class behind one address.
 */
export const COMMENT_LIMITS = {
  member: { name: 'comments-member', points: 12, seconds: HOUR / 1_000 },
  network: { name: 'comments-network', points: 120, seconds: HOUR / 1_000 },
} as const

/** Milliseconds for which a comment that was not accepted is kept for its author. */
export const DRAFT_TTL_MS = DAY

export const DECISIONS = ['approve', 'reject', 'block', 'unblock'] as const
export type Decision = (typeof DECISIONS)[number]

/** Comment settings of a site, from dawnpost.yaml. */
export interface CommentSettings {
  /** No new comments are accepted; existing ones stay. */
  readonly closed: boolean
  /** Addresses that are mailed the waiting comments and may decide about them. */
  readonly moderators: readonly string[]
  /** Words and phrases that make a comment wait. */
  readonly words: readonly string[]
}

export const DEFAULT_COMMENT_SETTINGS: CommentSettings = {
  closed: false,
  moderators: [],
  words: [],
}
