/** Compares the due table with the enrollments that it is derived from. */
import { sql } from 'kysely'
import type { Db } from '../../src/store/postgres/sql.ts'

/** Rows of `due` without a matching active enrollment, and enrollments without a row. */
export async function faultsOfDue(db: Db): Promise<unknown[]> {
  const { rows } = await sql`
    select d.series, d.at, d.enrollment_id, e.series as "ofSeries", e.due_at as "dueAt", e.id
    from due d full join (select * from enrollments where status = 'active') e
      on e.id = d.enrollment_id and e.series = d.series and coalesce(e.due_at, 'infinity') = d.at
    where d.enrollment_id is null or e.id is null`.execute(db)
  return rows
}
