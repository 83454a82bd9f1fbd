/**
 * Mails of each series that came or bounced, counted by the minute: what guard rails compare with.
 */
import { type RawBuilder, sql } from 'kysely'
import { TRANSACTIONAL } from '../domain/delivery.ts'
import { type Db, instant, literals } from './postgres/sql.ts'

/**
 * Counts `mails`, which have a series, a kind and an instant each (`at`). Mails that somebody asked
 * for by a form do not count toward a series.
 */
export const countSent = (mails: RawBuilder<unknown>) => sql`
  insert into sent_counts (series, minute, mails)
  select series, date_trunc('minute', at), count(*) from (${mails}) as mails
  where kind not in (${literals(TRANSACTIONAL)}) and at is not null
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
