/** Which servers and providers have asked for less mail. */
import { type Pace, SLOWDOWN_DEDUP_MS } from '../domain/pace.ts'
import { type Db, instant } from './postgres/sql.ts'

export async function all(db: Db): Promise<ReadonlyMap<string, Pace>> {
  const rows = await db.selectFrom('paces').selectAll().execute()
  return new Map(
    rows.map((row) => [row.name, { perMinute: row.per_minute, slowedAt: row.slowed_at }]),
  )
}

/** Slows one down, unless another complaint has just done so. Returns whether it did. */
export async function slow(db: Db, name: string, { perMinute, slowedAt }: Pace): Promise<boolean> {
  const set = { per_minute: perMinute, slowed_at: String(slowedAt) }
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('paces')
    .values({ name, ...set })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet(set)
        .where(
          'paces.slowed_at',
          '<=',
          instant(slowedAt.subtract({ milliseconds: SLOWDOWN_DEDUP_MS })),
        ),
    )
    .executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** Deletes those that recovered long ago. */
export const purge = (db: Db, before: Temporal.Instant) =>
  db.deleteFrom('paces').where('slowed_at', '<', instant(before)).execute()
