/** The comments of an article, as a viewer sees them. */
import { renderComment } from '../../content/comment-markdown.ts'
import type { Comment } from '../../domain/comment.ts'
import { isEditable, THREADS_PER_PAGE } from '../../domain/comment-rules.ts'
import type { commentThreads } from '../../store/index.ts'
import { type Deps, isUuid } from './shared.ts'

export interface CommentsQuery {
  /** The slug under which the article was first published. */
  readonly article: string
  /** The member who views them; null for anybody else. */
  readonly viewer: string | null
  /** The requested page, from 1; the first one if there is no such page. */
  readonly page: number
  /** Requests the page with this comment instead. */
  readonly comment?: string | undefined
}

export interface ShownThread {
  readonly root: Comment
  readonly answers: readonly Comment[]
}

export interface ShownComments {
  /** How many the viewer may read, on all pages. */
  readonly count: number
  readonly page: number
  readonly pages: number
  readonly threads: readonly ShownThread[]
}

export async function commentsOf(query: CommentsQuery, deps: Deps): Promise<ShownComments> {
  const { db, stores, now } = deps
  const { threads: total, comments: count } = await stores.commentThreads.counts(db, query)
  if (total === 0) return { count: 0, page: 1, pages: 1, threads: [] }
  const pages = Math.ceil(total / THREADS_PER_PAGE)
  const asked = (await pageOf(query, deps)) ?? query.page
  const page = Number.isInteger(asked) && asked >= 1 && asked <= pages ? asked : 1
  const offset = (page - 1) * THREADS_PER_PAGE
  const threads = await stores.commentThreads.page(db, {
    ...query,
    offset,
    limit: THREADS_PER_PAGE,
  })
  const at = now()
  const commentOf = (row: commentThreads.SeenComment) => shownTo(query.viewer, { row, at })
  return {
    count,
    page,
    pages,
    threads: threads.map(({ root, answers }) => ({
      root: commentOf(root),
      answers: answers.map(commentOf),
    })),
  }
}

async function pageOf({ comment, ...query }: CommentsQuery, { db, stores }: Deps) {
  if (comment === undefined || !isUuid(comment)) return null
  const before = await stores.commentThreads.positionOf(db, query, comment)
  return before === null ? null : Math.floor(before / THREADS_PER_PAGE) + 1
}

/**
 * Returns a comment as the viewer sees it. One that is not for them looks deleted: it keeps its
 * place, and says nothing.
 */
function shownTo(
  viewer: string | null,
  { row, at }: { readonly row: commentThreads.SeenComment; readonly at: Temporal.Instant },
): Comment {
  const { id, parent, createdAt } = row
  if (!row.isSeen) {
    const nothing = { author: null, status: 'deleted', html: '', editedAt: null } as const
    return { id, parent, at: createdAt, isEditable: false, isOwn: false, ...nothing }
  }
  const isOwn = viewer !== null && row.subscriberId === viewer
  return {
    id,
    parent,
    author: row.author,
    status: row.status,
    html: renderComment(row.text).html,
    at: createdAt,
    editedAt: row.editedAt,
    isEditable: isOwn && row.status !== 'rejected' && isEditable(createdAt, at),
    isOwn,
  }
}
