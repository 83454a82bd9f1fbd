/** Changes of articles that are not live: blocked ones, and drafts. */
import { byName, type Db } from './postgres/sql.ts'

/** An article whose change is blocked, or that is a draft. */
export interface BlockedArticle {
  readonly slug: string
  readonly reason: string
  readonly draft: boolean
}

/**
 * Replaces the record of everything that is not live.
 *
 * @returns those that were not blocked for that reason before.
 */
export async function record(
  tx: Db,
  rows: readonly BlockedArticle[],
  now: Temporal.Instant,
): Promise<BlockedArticle[]> {
  const before = await tx.selectFrom('blocked_articles').select(['slug', 'reason']).execute()
  const reasons = new Map(before.map(({ slug, reason }) => [slug, reason]))
  const gone = [...reasons.keys()].filter((slug) => !rows.some((row) => row.slug === slug))
  if (gone.length > 0) await tx.deleteFrom('blocked_articles').where('slug', 'in', gone).execute()
  const fresh = rows.filter(({ slug, reason }) => reasons.get(slug) !== reason)
  if (fresh.length > 0)
    await tx
      .insertInto('blocked_articles')
      .values(fresh.map((row) => ({ ...row, since: String(now) })))
      .onConflict((conflict) =>
        conflict.column('slug').doUpdateSet(({ ref }) => ({
          reason: ref('excluded.reason'),
          draft: ref('excluded.draft'),
          since: ref('excluded.since'),
        })),
      )
      .execute()
  return fresh
}

/** Articles whose changes are blocked. */
export const list = (db: Db) => notLive(db, false)

/** Articles that are being written, or are scheduled for later. */
export const drafts = (db: Db) => notLive(db, true)

const notLive = (db: Db, draft: boolean) =>
  db
    .selectFrom('blocked_articles')
    .select(['slug', 'reason', 'since'])
    .where('draft', '=', draft)
    .orderBy(byName('slug'))
    .execute()
