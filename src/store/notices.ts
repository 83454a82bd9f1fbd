/** Problems of the installation that a process has noticed, shown to operators by `status`. */
import { sql } from 'kysely'
import type { Db } from './postgres/sql.ts'

export interface NoticeRow {
  readonly name: string
  readonly since: Temporal.Instant
}

/** Records a notice, or that it still holds. */
export async function record(db: Db, name: string): Promise<void> {
  await sql`insert into notices (name) values (${name})
    on conflict (name) do update set seen_at = now()`.execute(db)
}

/** Deletes a notice: the problem has been fixed. */
export const resolve = (db: Db, name: string) =>
  db.deleteFrom('notices').where('name', '=', name).execute()

export const all = (db: Db): Promise<NoticeRow[]> =>
  db.selectFrom('notices').select(['name', 'since']).orderBy('name').execute()
