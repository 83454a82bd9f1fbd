import { type RawBuilder, sql } from 'kysely'

/**
 * The lessons of an enrollment e in the ledger, part by part: for those kept, the key alone answers
 * the query.
 */
const LESSONS_BY_PART = sql`
  select null::uuid as id, d.item, d.local_date, d.status, null::timestamptz as until,
    null::int as resends, null::boolean as resends_ended
  from deliveries_kept d where d.enrollment_id = e.id and d.kind = 'lesson'
  union all
  select null, d.item, d.local_date, d.status, null, null, null
  from deliveries_before d where d.enrollment_id = e.id and d.kind = 'lesson'
  union all
  select d.id, d.item, d.local_date, d.status, d.until, d.resends, d.resends_ended
  from deliveries_outstanding d where d.enrollment_id = e.id and d.kind = 'lesson'`

/** Its lessons in the ledger: their items, the one that has not left, when the last one came. */
export const lessonsUnsent = (which: RawBuilder<unknown>) => sql`lateral (
  select coalesce(json_agg(d.item), '[]') as had,
    (array_agg(d.id) filter (where ${which}))[1] as unsent,
    max(d.local_date) filter (where d.status not in ('planned', 'retry', 'skipped')) as last_on
  from (${LESSONS_BY_PART}) as d
) as lessons`
