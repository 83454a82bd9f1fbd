/**
 * Pictures and files of courses, each content once. They are never deleted: mails of years ago show
 * them.
 */
import type { Db } from './postgres/sql.ts'

export interface StoredMedia {
  readonly type: string
  readonly bytes: Buffer
}

/** Stores the content that `hash` names, unless it is there. */
export const save = (
  db: Db,
  media: StoredMedia & { readonly hash: string },
  now: Temporal.Instant,
) =>
  db
    .insertInto('media')
    .values({ ...media, kept_at: String(now) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()

/** Returns which of these are stored. */
export async function storedAmong(db: Db, hashes: readonly string[]): Promise<ReadonlySet<string>> {
  if (hashes.length === 0) return new Set()
  const rows = await db
    .selectFrom('media')
    .select('hash')
    .where('hash', 'in', [...hashes])
    .execute()
  return new Set(rows.map(({ hash }) => hash))
}

export const byHash = (db: Db, hash: string): Promise<StoredMedia | undefined> =>
  db.selectFrom('media').select(['type', 'bytes']).where('hash', '=', hash).executeTakeFirst()
