/**
 * Mails of each series that came or bounced, counted by the minute: what guard rails compare with.
 */
import { type RawBuilder, sql } from 'kysely'
import { TRANSACTIONAL } from '../domain/delivery.ts'
import { type Db, instant, literals } from './postgres/sql.ts'

/**
 * Counts `mails`, which have an instant each (`at`), and a series and a kind or else an item. Mails
 * that somebody asked for by a form do not count toward a series.
 */
export const countSent = (mails: RawBuilder<unknown>) => sql`
  insert into sent_counts (series, minute, mails)
  select coalesce(m.series, i.series), m.minute, sum(m.mails) from (
    select series, kind, item_id, date_trunc('minute', at) as minute, count(*) as mails
    from (${mails}) as mails where at is not null group by 1, 2, 3, 4
  ) as m left join ledger_items i on i.id = m.item_id
  where coalesce(m.kind, i.kind) not in (${literals(TRANSACTIONAL)})
  group by 1, 2 order by 1, 2
  on conflict (series, minute) do update set mails = sent_counts.mails + excluded.mails`

/**
 * Returns how many mails of a series came or bounced in the whole minutes after `moment`, none
 * before it; of all series if `series` is null.
 */
export async function since(
  db: Db,
  series: string | null,
  moment: Temporal.Instant,
): Promise<number> {
  const { rows } = await sql<{ mails: number }>`
    select coalesce(sum(mails), 0)::int as mails from sent_counts
    where minute > ${instant(moment)}
      and ${series === null ? sql`true` : sql`series = ${series}`}`.execute(db)
  return rows[0]?.mails ?? 0
}

export const purge = (db: Db, before: Temporal.Instant) =>
  db.deleteFrom('sent_counts').where('minute', '<', instant(before)).execute()
