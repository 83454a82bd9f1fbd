import { sql } from 'kysely'
import type { Db } from './postgres/sql.ts'

/**
 * Adds those of `names` that are new to this database, unless it knows others and none of these.
 * Processes that start together take turns, so that only the first of them finds the table empty.
 *
 * @returns whether they are known now.
 */
export const ensureKnown = (
  db: Db,
  names: readonly string[],
  now: Temporal.Instant,
): Promise<boolean> =>
  db.transaction().execute(async (tx) => {
    await sql`lock table signing_keys in share row exclusive mode`.execute(tx)
    const known = await tx.selectFrom('signing_keys').select('name').execute()
    if (known.length > 0 && !known.some(({ name }) => names.includes(name))) return false
    await tx
      .insertInto('signing_keys')
      .values(names.map((name) => ({ name, first_seen_at: String(now) })))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    return true
  })
