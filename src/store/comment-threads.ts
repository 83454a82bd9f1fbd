/** Comments as a page shows them: threads, oldest first, each with its answers. */
import { type RawBuilder, sql } from 'kysely'
import { COLUMNS, type CommentRow, FROM } from './comments.ts'
import type { Db } from './postgres/sql.ts'

/** Id of the subscriber who is viewing; null sees only what everybody may see. */
type Viewer = string | null

/** Everybody sees published comments; authors also see their own that wait or were rejected. */
const isSeen = (of: string, viewer: Viewer): RawBuilder<boolean> => {
  const column = (name: string) => sql.ref(`${of}.${name}`)
  return sql`(${column('status')} = 'published'
    or (${column('subscriber_id')} = ${viewer}::uuid
    and ${column('status')} in ('waiting', 'rejected')))`
}

/** A thread is shown as long as any comment in it is seen. */
const isThread = (viewer: Viewer) => sql`c.parent_id is null and (${isSeen('c', viewer)}
  or exists (select from comments a where a.parent_id = c.id and ${isSeen('a', viewer)}))`

export interface ThreadQuery {
  readonly article: string
  readonly viewer: Viewer
}

/** Counts the threads, and the comments in them that the viewer sees. */
export async function counts(db: Db, { article, viewer }: ThreadQuery) {
  const { rows } = await sql<{ threads: number; comments: number }>`
    select count(*) filter (where ${isThread(viewer)})::int as threads,
      count(*) filter (where ${isSeen('c', viewer)})::int as comments
    from comments c where c.article = ${article}`.execute(db)
  return rows[0] ?? { threads: 0, comments: 0 }
}

/**
 * Returns how many threads come before the one that contains a comment; null if the article has no
 * such comment.
 */
export async function positionOf(db: Db, { article, viewer }: ThreadQuery, id: string) {
  const { rows } = await sql<{ before: number }>`
    select (
      select count(*)::int from comments c
      where c.article = ${article} and ${isThread(viewer)}
        and (c.created_at, c.id) < (root.created_at, root.id)
    ) as before
    from comments found join comments root on root.id = coalesce(found.parent_id, found.id)
    where found.id = ${id} and found.article = ${article}`.execute(db)
  return rows[0]?.before ?? null
}

export interface Thread {
  /** Its text must not be shown to the viewer unless `isSeen`. */
  readonly root: SeenComment
  readonly answers: readonly SeenComment[]
}

export type SeenComment = CommentRow & { readonly isSeen: boolean }

export async function page(
  db: Db,
  {
    article,
    viewer,
    offset,
    limit,
  }: ThreadQuery & { readonly offset: number; readonly limit: number },
): Promise<Thread[]> {
  const { rows: roots } = await sql<SeenComment>`
    select ${COLUMNS}, ${isSeen('c', viewer)} as "isSeen" from ${FROM}
    where c.article = ${article} and ${isThread(viewer)}
    order by c.created_at, c.id limit ${limit} offset ${offset}`.execute(db)
  if (roots.length === 0) return []
  const { rows: answers } = await sql<SeenComment>`
    select ${COLUMNS}, true as "isSeen" from ${FROM}
    where c.parent_id = any (${roots.map(({ id }) => id)}::uuid[]) and ${isSeen('c', viewer)}
    order by c.created_at, c.id`.execute(db)
  return roots.map((root) => ({
    root,
    answers: answers.filter(({ parent }) => parent === root.id),
  }))
}
