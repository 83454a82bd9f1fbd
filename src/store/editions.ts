/** The texts that were sent, each stored once. */
import type { Selectable } from 'kysely'
import type { Db } from './postgres/sql.ts'
import type { Tables } from './postgres/tables.ts'
import { editionOf } from './sendings.ts'

export type StoredEdition = Omit<Selectable<Tables['editions']>, 'kept_at'>

export const save = (db: Db, edition: StoredEdition, now: Temporal.Instant) =>
  db
    .insertInto('editions')
    .values({ ...edition, kept_at: String(now) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()

/**
 * Returns the text that an earlier attempt of a delivery sent; undefined if the mail has changed:
 * an inspiration in it has been left or paused since, or one has joined.
 */
export async function ofAttempt(
  db: Db,
  { id, edition, companion }: { id: string; edition: string; companion: { id: string } | null },
) {
  const then = await db
    .selectFrom('deliveries as d')
    .select('id')
    .where('merged_into', '=', id)
    .where(editionOf, '=', edition)
    .execute()
  const same = companion
    ? then.some((companionThen) => companionThen.id === companion.id)
    : then.length === 0
  return same ? byHash(db, edition) : undefined
}

export const byHash = (db: Db, hash: string) =>
  db
    .selectFrom('editions')
    .select(['hash', 'subject', 'html', 'text'])
    .where('hash', '=', hash)
    .executeTakeFirst()
