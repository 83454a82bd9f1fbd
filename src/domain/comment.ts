import { articlePath } from './article.ts'

/** waiting: for a moderator. */
export type CommentStatus = 'waiting' | 'published' | 'rejected' | 'deleted'

/** A comment as a page shows it. */
export interface Comment {
  readonly id: string
  /** The comment that it answers; null for one that begins a thread. */
  readonly parent: string | null
  /** Null where it was deleted and answers hang on it. */
  readonly author: string | null
  readonly status: CommentStatus
  /** Rendered, harmless HTML; empty when it was deleted. */
  readonly html: string
  readonly at: Temporal.Instant
  readonly editedAt: Temporal.Instant | null
  /** Whether the member who looks may still change it. */
  readonly isEditable: boolean
  readonly isOwn: boolean
}

/** Where a comment stands under its article, on whichever page of comments. */
export const commentPath = (slug: string, id: string) =>
  `${articlePath(slug)}?comment=${id}#comment-${id}`
