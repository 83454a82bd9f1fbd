/** Shared by the actions on comments. */

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

/** Whether a text looks like the ids in forms and links; anything else belongs to nothing. */
export const isUuid = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
