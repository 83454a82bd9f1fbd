import { articlePath } from './article.ts'

/** `waiting`: for a moderator. */
export type CommentStatus = 'waiting' | 'published' | 'rejected' | 'deleted'

/** A comment as a page shows it. */
export interface Comment {
  readonly id: string
  /** The comment it answers; null if it begins a thread. */
  readonly parent: string | null
  /** Null if it was deleted but has answers. */
  readonly author: string | null
  readonly status: CommentStatus
  /** Rendered, safe HTML; empty if it was deleted. */
  readonly html: string
  readonly at: Temporal.Instant
  readonly editedAt: Temporal.Instant | null
  /** Whether the member viewing it may still change it. */
  readonly isEditable: boolean
  readonly isOwn: boolean
}

/** Path of a comment below its article, on whichever page of comments it is. */
export const commentPath = (slug: string, id: string) =>
  `${articlePath(slug)}?comment=${id}#comment-${id}`
