/** Fills the table of what is due (migration 0057) while others are at work. */
import { sql } from 'kysely'
import { NIL_UUID } from '../../domain/uuid.ts'
import type { Progress } from './progress.ts'
import type { Db } from './sql.ts'

/** Rows locked at a time, for a fraction of a second. */
const BATCH = 5_000

/**
 * Adds what was active before. May be interrupted at any moment and restarted; what changes
 * meanwhile is added by the triggers.
 */
export async function fillDue(db: Db, progress: Progress = () => {}): Promise<void> {
  let done = 0
  for (let after: string | null = NIL_UUID; after; ) {
    const { rows } = await sql<{ last: string | null; rows: number }>`
      with page as (
        select id, series, due_at from enrollments
        where status = 'active' and id > ${after}::uuid order by id limit ${BATCH} for no key update
      ), put as (
        insert into due (series, at, enrollment_id)
        select series, coalesce(due_at, 'infinity'), id from page on conflict do nothing
      )
      select (array_agg(id order by id desc))[1] as last, count(*)::int as rows from page`.execute(
      db,
    )
    done += rows[0]?.rows ?? 0
    progress({ what: 'enrollments that are due', done })
    after = rows[0]?.last ?? null
  }
}
