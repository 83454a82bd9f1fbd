/** The practices that readers say they have done. */
import type { Db } from './postgres/sql.ts'

/** Records a practice, by its lesson's item in the ledger; one already recorded stays as it is. */
export const add = (db: Db, enrollmentId: string, item: string, now: Temporal.Instant) =>
  db
    .insertInto('practices')
    .values({ enrollment_id: enrollmentId, item, done_at: String(now) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()

export const remove = (db: Db, enrollmentId: string, item: string) =>
  db
    .deleteFrom('practices')
    .where('enrollment_id', '=', enrollmentId)
    .where('item', '=', item)
    .execute()

/** Returns the items of those done. */
export async function ofEnrollment(db: Db, enrollmentId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('practices')
    .select('item')
    .where('enrollment_id', '=', enrollmentId)
    .orderBy('done_at')
    .orderBy('item')
    .execute()
  return rows.map(({ item }) => item)
}
