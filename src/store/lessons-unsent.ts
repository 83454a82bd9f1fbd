import { type RawBuilder, sql } from 'kysely'
import { isOld } from './new-deliveries.ts'

/**
 * The lessons of an enrollment e in the ledger, part by part: for those kept, their keys alone
 * answer the query.
 */
export const LESSONS_BY_PART = sql`
  select null::uuid as id, i.item, d.local_date,
    case when d.item_id = any (skipped.items) then 'skipped' else 'ended' end as status,
    null::timestamptz as until, null::int as resends, null::boolean as resends_ended
  from (
    select array(
      select d.item_id from deliveries_kept d
      where d.enrollment_id = e.id and d.status = 'skipped'
    ) as items
  ) as skipped, deliveries_kept d join ledger_items i on i.id = d.item_id and i.kind = 'lesson'
  where d.enrollment_id = e.id
  union all
  select null, d.item, d.local_date, d.status, null, null, null
  from deliveries_ended d
  where ${isOld} and d.enrollment_id = e.id and d.kind = 'lesson'
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
