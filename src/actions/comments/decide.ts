/** Decisions of moderators. Each is recorded: who, what, when. */
import type { Decision } from '../../domain/comment-rules.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { type Deps, isUuid } from './shared.ts'

/**
 * Outcome of a decision. `gone`: there is no such comment; `decided`: somebody else was faster;
 * `changed`: its text is no longer the one that was reviewed.
 */
export type DecisionOutcome = 'done' | 'same' | 'gone' | 'decided' | 'changed'

export interface DecisionRequest {
  readonly id: string
  readonly decision: 'approve' | 'reject' | 'block'
  /** 'command line', or the address of a moderator. */
  readonly by: string
  readonly reason?: string | undefined
  /**
   * The version that was reviewed: what has changed or been decided since is left alone. Without
   * one, the decision counts whatever was decided before.
   */
  readonly version?: number
}

export function decide(
  request: DecisionRequest,
  { db, now, stores }: Deps,
): Promise<DecisionOutcome> {
  const { id, decision, by, reason = '', version } = request
  if (!isUuid(id)) return Promise.resolve('gone')
  return db.transaction().execute(async (tx) => {
    const comment = await stores.commentDecisions.lock(tx, id)
    if (!comment || comment.status === 'deleted' || comment.subscriberId === null) return 'gone'
    if (version !== undefined && comment.status !== 'waiting') return 'decided'
    if (version !== undefined && comment.version !== version) return 'changed'
    const { subscriberId } = comment
    const at = now()
    if (decision === 'block') {
      const blocked = await blockMember(
        tx,
        { subscriberId, commentId: id, by, reason, at },
        { stores },
      )
      return blocked ? 'done' : 'same'
    }
    if (comment.status === (decision === 'approve' ? 'published' : 'rejected')) return 'same'
    if (decision === 'approve') {
      await stores.commentDecisions.publish(tx, id, at)
      await stores.commentWishes.recordAnswer(tx, id)
    } else await stores.commentDecisions.reject(tx, [id])
    const note = { commentId: id, subscriberId, decision, by, reason }
    await stores.commentDecisions.record(tx, note, at)
    return 'done'
  })
}

interface BlockRequest {
  readonly subscriberId: string
  readonly commentId: string | null
  readonly by: string
  readonly reason: string
  readonly at: Temporal.Instant
}

/** Blocks a member, and rejects their comments that wait. Returns whether anything changed. */
async function blockMember(
  tx: Db,
  { subscriberId, commentId, by, reason, at }: BlockRequest,
  { stores }: Pick<Deps, 'stores'>,
) {
  const hasChanged = await stores.commentDecisions.block(tx, subscriberId, at)
  if (hasChanged) {
    const note = { commentId, subscriberId, decision: 'block', by, reason } as const
    await stores.commentDecisions.record(tx, note, at)
  }
  const waiting = await stores.commentDecisions.list(tx, {
    waiting: true,
    subscriberId,
    limit: MAX_WAITING_COMMENTS,
  })
  await stores.commentDecisions.reject(
    tx,
    waiting.map(({ id }) => id),
  )
  for (const { id } of waiting) {
    const note = { commentId: id, subscriberId, decision: 'reject', by, reason: 'blocked' } as const
    await stores.commentDecisions.record(tx, note, at)
  }
  return hasChanged || waiting.length > 0
}

/** Waiting comments of one member: the hourly limits allow no more in many days. */
const MAX_WAITING_COMMENTS = 10_000

/** Blocks a member, or lets them write again. Returns whether anything changed. */
export const setBlocked = (
  { subscriberId, by, reason = '', blocked }: SettingBlocked,
  { db, now, stores }: Deps,
): Promise<boolean> =>
  db.transaction().execute(async (tx) => {
    const at = now()
    if (blocked === 'blocked')
      return blockMember(tx, { subscriberId, commentId: null, by, reason, at }, { stores })
    const hasChanged = await stores.commentDecisions.block(tx, subscriberId, null)
    const decision: Decision = 'unblock'
    if (hasChanged)
      await stores.commentDecisions.record(
        tx,
        { commentId: null, subscriberId, decision, by, reason },
        at,
      )
    return hasChanged
  })

interface SettingBlocked {
  readonly subscriberId: string
  readonly by: string
  readonly reason?: string | undefined
  readonly blocked: 'blocked' | 'free'
}

/** Returns a comment with all decisions about it; null if there is none. */
export async function inspectComment(id: string, { db, stores }: Deps) {
  const comment = isUuid(id) ? await stores.comments.byId(db, id) : null
  if (!comment) return null
  return { comment, decisions: await stores.commentDecisions.of(db, id) }
}

export const list = (listing: stores.commentDecisions.ListOptions, { db, stores }: Deps) =>
  stores.commentDecisions.list(db, listing)
