/** What the actions of comments share. */

import type { CommentSettings } from '../../domain/comment-rules.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<
    typeof stores,
    'comments' | 'commentThreads' | 'commentDecisions' | 'commentDrafts' | 'commentWishes'
  >
  readonly commentSettings: CommentSettings
}

/** The ids that forms and links carry: anything else is nobody's. */
export const isId = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
